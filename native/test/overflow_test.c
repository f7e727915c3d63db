/* Goes one element beyond a buffer, in the kernels of one instruction set: what watches memory has to say so. Arguments: the set's
 * number, and read or write. Exits with 2 if the processor lacks the set, with 0 if nobody stopped it. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hearth_ptr address(const void *p) { return (hearth_ptr)(uintptr_t)p; }

int main(int count, char **arguments) {
  const int64_t n = 64; /* whole registers: the sanitiser doesn't see what masks let through */
  const hearth_cpu *cpu = hearth_cpu_for(count == 3 ? (uint32_t)atoi(arguments[1]) : UINT32_MAX);
  if (cpu == NULL) return 2;
  const int writes = strcmp(arguments[2], "write") == 0;
  const size_t short_of_one = (size_t)(n - 1) * sizeof(float), whole = (size_t)n * sizeof(float);
  float *out = calloc(1, writes ? short_of_one : whole), *x = calloc(1, writes ? whole : short_of_one);
  const int32_t status =
      writes ? hearth_scale(cpu, address(out), 2, n, 1, n) : hearth_add(cpu, address(out), address(x), n, 1, n, n);
  printf("not caught: status %d, %f\n", status, (double)out[0]);
  free(out);
  free(x);
  return 0;
}
