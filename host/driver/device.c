#include "shira/device.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// "dir/libshira_rtl.so" -> "dir/libshira_rtl_trace.so".
static int trace_library(const char *path, char *buf, size_t size) {
  const size_t len = strlen(path);
  const size_t stem = len >= 3 && strcmp(path + len - 3, ".so") == 0 ? len - 3 : len;
  const int n = snprintf(buf, size, "%.*s_trace.so", (int)stem, path);
  return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int load_rtl(const struct shira_device_options *options, const struct shira_device_ops **ops,
                    struct shira_error *error) {
  char traced[4096];
  const char *path = options->rtl_library;
  if (path == NULL || path[0] == 0)
    return shira_fail(error, EINVAL, "device 'rtl' needs the library of the machine's RTL");
  if (options->waves != NULL) {
    if (trace_library(path, traced, sizeof traced) != 0)
      return shira_fail(error, EINVAL, "path of the RTL library is too long");
    path = traced;
  }
  if (access(path, R_OK) != 0)
    return shira_fail(
        error, ENOENT,
        "cannot open '%s': %s; build it with 'make rtl MACHINES=FILE%s', where FILE is "
        "the machine's",
        path, strerror(errno), options->waves != NULL ? " TRACE=1" : "");
  // A name without '/' would be searched for in the system's library folders.
  char local[4096 + 2];
  snprintf(local, sizeof local, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
  void *library = dlopen(local, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL)
    return shira_fail(error, ENOENT, "cannot load '%s': %s", path, dlerror());
  *ops = dlsym(library, "shira_rtl_backend");
  if (*ops == NULL)
    return shira_fail(error, EPROTO, "'%s' is not a library of the RTL backend", path);
  if ((*ops)->abi != SHIRA_DEVICE_ABI)
    return shira_fail(error, EPROTO, "'%s' has interface version %u, this program %u: rebuild it",
                      path, (*ops)->abi, SHIRA_DEVICE_ABI);
  return 0;
}

static int check_options(const struct shira_device_options *o, struct shira_error *error) {
  if (o == NULL || o->machine == NULL)
    return shira_fail(error, EINVAL, "device: no machine given");
  if (o->stall_percent > 90)
    return shira_fail(error, EINVAL, "device: stalls of %u %%, allowed: 0 to 90", o->stall_percent);
  if (o->port != NULL && o->dram_trace != NULL)
    return shira_fail(error, EINVAL, "device: only its own memory can be traced");
  if (o->waves_to != 0 && o->waves_to <= o->waves_from)
    return shira_fail(error, EINVAL, "device: waves end at cycle %llu, before they start at %llu",
                      (unsigned long long)o->waves_to, (unsigned long long)o->waves_from);
  return 0;
}

int shira_device_open(const char *backend, const struct shira_device_options *options,
                      struct shira_device **dev, struct shira_error *error) {
  *dev = NULL;
  int ret = check_options(options, error);
  if (ret != 0)
    return ret;
  const struct shira_device_ops *ops = NULL;
  if (backend != NULL && strcmp(backend, "golden") == 0) {
    ops = &shira_golden_backend;
  } else if (backend != NULL && strcmp(backend, "rtl") == 0) {
    ret = load_rtl(options, &ops, error);
    if (ret != 0)
      return ret;
  } else {
    return shira_fail(error, ENODEV, "no device '%s', known are: rtl, golden",
                      backend != NULL ? backend : "");
  }
  ret = ops->open(options, dev, error);
  if (ret != 0)
    return ret;

  struct shira_device_info info;
  ops->describe(*dev, &info);
  const uint32_t wanted = shira_machine_rtl_hash(options->machine);
  if (info.build != wanted) {
    ops->close(*dev);
    *dev = NULL;
    return shira_fail(error, EPROTO,
                      "'%s' was built for RTL parameters %08x, machine '%s' has %08x: rebuild it",
                      options->rtl_library != NULL ? options->rtl_library : backend, info.build,
                      options->machine->name, wanted);
  }
  return 0;
}
