/* Portable C: the set that runs everywhere, and what the others are compared with. */
#include "lanes_plain.h"
#include "linear_float.h"
#include "quantize.h"

static void linear_q8_0(const linear_call *c) {
  const int64_t blocks = c->n_in / 32;
  for (int64_t r = c->row0; r < c->row1; r++) {
    for (int64_t t = 0; t < c->n_tokens; t++) {
      const uint8_t *w = c->w + r * c->w_stride, *x = c->x + t * c->x_stride, *scales = x + c->n_in;
      float sum[8] = {0};
      for (int64_t b = 0; b < blocks; b++, w += 34, x += 32, scales += 4) {
        int32_t dot = 0;
        for (int i = 0; i < 32; i++) dot += (int8_t)w[2 + i] * (int8_t)x[i];
        sum[b % 8] = fma1(f16_at(w) * f32_at(scales), (float)dot, sum[b % 8]);
      }
      c->out[t * c->out_stride + r] = tree(sum);
    }
  }
}

const hearth_cpu hearth_cpu_plain = {
    .quantize_a8_32 = quantize_a8_32,
    .linear_f32 = {[HEARTH_F32] = {linear_f32, 0}, [HEARTH_F16] = {linear_f16, 0}, [HEARTH_BF16] = {linear_bf16, 0}},
    .linear_a8 = {[HEARTH_Q8_0] = {linear_q8_0, 0}},
};
