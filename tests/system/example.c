// Copies a buffer memory -> weight SRAM -> memory and compares. example [DEVICE] [MACHINE.yaml]
// DEVICE: rtl, golden; default: $SHIRA_DEVICE, else rtl.
#include <stdio.h>
#include <string.h>

#include "shira/shira.h"

#define BYTES 4096u
#define LOADED 1 // the semaphore that the second copy waits for

static union shira_descriptor copy(uint8_t from, uint64_t src, uint8_t to, uint64_t dst) {
  union shira_descriptor d = {.copy = {.opcode = SHIRA_OPCODE_COPY, .rows = 1}};
  d.copy.src_space = from;
  d.copy.src_addr = src;
  d.copy.dst_space = to;
  d.copy.dst_addr = dst;
  d.copy.traffic = SHIRA_TRAFFIC_WEIGHT;
  d.copy.row_bytes = d.copy.src_stride = d.copy.dst_stride = BYTES;
  d.copy.win_lo = dst; // it may write here and nowhere else
  d.copy.win_hi = dst + BYTES;
  return d;
}

int main(int argc, char **argv) {
  struct shira_error error = {""};
  struct shira_machine machine;
  struct shira_device_options options = {.machine = &machine};
  struct shira_driver *drv = NULL;
  struct shira_mem in, out;
  struct shira_run_result run = {0};
  if (shira_machine_load(argc > 2 ? argv[2] : "configs/hw/tiny.yaml", &machine, &error) ||
      shira_open(argc > 1 ? argv[1] : NULL, &options, &machine, &drv, &error)) {
    fprintf(stderr, "example: %s\n", error.text);
    return 1;
  }
  if (shira_alloc(drv, BYTES, &in) || shira_alloc(drv, BYTES, &out))
    goto fail;
  for (unsigned i = 0; i < BYTES; i++)
    ((unsigned char *)in.host)[i] = (unsigned char)(i * 31 + i / 256);

  union shira_descriptor program[2] = {
      copy(SHIRA_SPACE_MEMORY, in.addr, SHIRA_SPACE_WEIGHT, 0),
      copy(SHIRA_SPACE_WEIGHT, 0, SHIRA_SPACE_MEMORY, out.addr),
  };
  program[0].header.signal_sem = LOADED;
  program[1].header.wait0_sem = LOADED;
  program[1].header.wait0_value = 1;
  if (shira_run(drv, program, 2, 1000000, &run)) // cycles until it gives up
    goto fail;

  const bool differ = memcmp(in.host, out.host, BYTES) != 0;
  printf("%s: %u bytes there and back, %llu cycles\n", differ ? "DIFFERENT" : "OK", BYTES,
         (unsigned long long)run.cycles);
  shira_close(drv); // frees the buffers too
  return differ;
fail:
  fprintf(stderr, "example: %s\n", shira_driver_error(drv));
  shira_close(drv);
  return 1;
}
