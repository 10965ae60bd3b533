#include "sim/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int shira_memory_open(struct shira_memory *m, uint64_t local, uint64_t host_bytes,
                      struct shira_error *error) {
  const uint64_t most = (uint64_t)1 << 40;
  memset(m, 0, sizeof *m);
  if (local == 0 || local > most || host_bytes > most)
    return shira_fail(error, EINVAL,
                      "machine: memory of %" PRIu64 " and %" PRIu64 " bytes, allowed: 1 to 2^40",
                      local, host_bytes);
  const uint64_t bytes = local + host_bytes;
  const uint64_t pages = (bytes + SHIRA_PAGE_BYTES - 1) / SHIRA_PAGE_BYTES;
  void *host = mmap(NULL, pages * SHIRA_PAGE_BYTES, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (host == MAP_FAILED)
    return shira_fail(error, ENOMEM, "cannot reserve %" PRIu64 " bytes of device memory: %s", bytes,
                      strerror(errno));
  m->mapped = calloc(pages, 1);
  if (m->mapped == NULL) {
    munmap(host, pages * SHIRA_PAGE_BYTES);
    return shira_fail(error, ENOMEM, "cannot reserve %" PRIu64 " bytes of device memory", bytes);
  }
  m->host = host;
  m->pages = pages;
  m->host_first = local / SHIRA_PAGE_BYTES;
  return 0;
}

void shira_memory_close(struct shira_memory *m) {
  if (m->host != NULL)
    munmap(m->host, m->pages * SHIRA_PAGE_BYTES);
  free(m->mapped);
  free(m->regions);
  memset(m, 0, sizeof *m);
}

// Index of the region before which `pages` pages fit, from page `at` on, with a free page on both
// sides; sets *first.
static size_t find_gap(const struct shira_memory *m, uint64_t at, uint64_t pages, uint64_t *first) {
  for (size_t i = 0; i < m->n_regions; i++) {
    const struct shira_region *r = &m->regions[i];
    if (r->first + r->pages < at)
      continue;
    if (r->first > at && r->first - at > pages) {
      *first = at;
      return i;
    }
    at = r->first + r->pages + 1;
  }
  *first = at;
  return m->n_regions;
}

int shira_memory_map(struct shira_memory *m, size_t bytes, enum shira_mem_kind kind,
                     struct shira_mem *mem) {
  memset(mem, 0, sizeof *mem);
  if (bytes == 0)
    return -EINVAL;
  const uint64_t pages = ((uint64_t)bytes - 1) / SHIRA_PAGE_BYTES + 1;
  uint64_t first;
  const bool host = kind == SHIRA_MEM_HOST;
  const uint64_t end = host ? m->pages : m->host_first;
  const size_t at = find_gap(m, host ? m->host_first + 1 : 0, pages, &first);
  if (first > end || pages > end - first)
    return -ENOMEM;
  if (m->n_regions == m->cap_regions) {
    const size_t cap = m->cap_regions ? 2 * m->cap_regions : 16;
    struct shira_region *grown = realloc(m->regions, cap * sizeof *grown);
    if (grown == NULL)
      return -ENOMEM;
    m->regions = grown;
    m->cap_regions = cap;
  }
  uint8_t *start = m->host + first * SHIRA_PAGE_BYTES;
  if (mprotect(start, pages * SHIRA_PAGE_BYTES, PROT_READ | PROT_WRITE) != 0)
    return -ENOMEM;
  memmove(&m->regions[at + 1], &m->regions[at], (m->n_regions - at) * sizeof *m->regions);
  m->regions[at] = (struct shira_region){.first = first, .pages = pages};
  m->n_regions++;
  memset(m->mapped + first, 1, pages);
  mem->host = start;
  mem->addr = SHIRA_MEMORY_BASE + first * SHIRA_PAGE_BYTES;
  mem->bytes = bytes;
  return 0;
}

int shira_memory_unmap(struct shira_memory *m, struct shira_mem *mem) {
  size_t i = 0;
  while (i < m->n_regions &&
         m->host + m->regions[i].first * SHIRA_PAGE_BYTES != (uint8_t *)mem->host)
    i++;
  if (i == m->n_regions)
    return -EINVAL;
  const struct shira_region r = m->regions[i];
  // A fresh anonymous mapping: the next user finds zeros, and until then nobody reaches it.
  if (mmap(mem->host, r.pages * SHIRA_PAGE_BYTES, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
    return -ENOMEM;
  memset(m->mapped + r.first, 0, r.pages);
  m->n_regions--;
  memmove(&m->regions[i], &m->regions[i + 1], (m->n_regions - i) * sizeof *m->regions);
  memset(mem, 0, sizeof *mem);
  return 0;
}
