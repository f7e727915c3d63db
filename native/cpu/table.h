/* What each instruction set fills in: the table behind `const hearth_cpu *`. Arguments are checked before these run.
 *
 * A set is one translation unit, isa_*.c. Where its first comment has a line `architecture: flags`, it is built for that
 * architecture alone and with those flags; build.py and test/run.sh read it. Nothing else may be built with them. */
#ifndef HEARTH_TABLE_H
#define HEARTH_TABLE_H

#include "hearth_cpu.h"

#define HEARTH_TYPES 10 /* element types in hearth_cpu.h */

typedef struct {
  uint8_t *out;
  const uint8_t *x;
  int64_t n_in, n_tokens, out_stride, x_stride;
} quantize_call;

typedef struct {
  float *out;
  const uint8_t *w, *x;
  uint8_t *scratch;
  int64_t n_in, n_tokens, row0, row1, out_stride, w_stride, x_stride, scratch_bytes;
} linear_call;

typedef void quantize_kernel(const quantize_call *c);
typedef void linear_kernel(const linear_call *c);
typedef int64_t scratch_size(int64_t n_in);

/* One pair of element types. */
typedef struct {
  linear_kernel *run;
  scratch_size *scratch; /* null: never needs any */
} linear_entry;

struct hearth_cpu {
  quantize_kernel *quantize_a8_32;
  linear_entry linear_f32[HEARTH_TYPES]; /* by weight type: f32 activations */
  linear_entry linear_a8[HEARTH_TYPES];  /* by weight type: int8 activations of the block size that fits the weight */
};

extern const hearth_cpu hearth_cpu_plain;
extern const hearth_cpu hearth_cpu_avx2;

#endif
