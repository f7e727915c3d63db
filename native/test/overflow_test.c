/* Goes one element beyond a buffer, in the kernels of one instruction set: what watches memory has to say so. Arguments: the set's
 * number; read or write; heap, or guard for a buffer before a guard page. Exits with 2 if the processor lacks the set, with 0 if
 * nobody stopped it. */
#define _DEFAULT_SOURCE
#include "common.h"
#include "memory.h"

#include <stdio.h>
#include <string.h>

static hearth_ptr address(const void *p) { return (hearth_ptr)(uintptr_t)p; }

int main(int count, char **arguments) {
  const hearth_cpu *cpu = hearth_cpu_for(count == 4 ? (uint32_t)atoi(arguments[1]) : UINT32_MAX);
  if (cpu == NULL) return 2;
  const int writes = strcmp(arguments[2], "write") == 0;
  guard_pages = strcmp(arguments[3], "guard") == 0;
  const int64_t n = guard_pages ? 61 : 64; /* whole registers on the heap: AddressSanitizer doesn't see what goes by masks */
  const size_t short_of_one = (size_t)(n - 1) * sizeof(float), whole = (size_t)n * sizeof(float);
  float *out = allocate(writes ? short_of_one : whole), *x = allocate(writes ? whole : short_of_one);
  memset(out, 0, short_of_one);
  memset(x, 0, short_of_one);
  const int32_t status =
      writes ? hearth_scale(cpu, address(out), 2, n, 1, n) : hearth_add(cpu, address(out), address(x), n, 1, n, n);
  printf("not caught: status %d, %f\n", status, (double)out[0]);
  release(out);
  release(x);
  return 0;
}
