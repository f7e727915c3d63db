/* hearth_linear for weights of 32 with A8_32 activations in AVX2, row by row as they lie in the file, eight blocks at a time. */
#ifndef HEARTH_STREAMS_32_AVX2_H
#define HEARTH_STREAMS_32_AVX2_H

#include "groups_32_avx2.h"

#define STREAM_TOKENS 3

/* Rows [row, end) for T tokens. */
INLINE void b32_stream(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  const int64_t full = c->n_in / 256, bytes = b32_bytes(type);
  const int64_t sums_stride = 4 * b32_sums_count(c->n_in);
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in;
  const uint8_t *sums = type == HEARTH_Q4_0 || b32_minima(type) ? b32_sums(c, token) : x;
  for (; row < end; row++) {
    const uint8_t *w = c->w + row * c->w_stride;
    __m256 sum[STREAM_TOKENS];
    UNROLL for (int t = 0; t < T; t++) sum[t] = _mm256_setzero_ps();
    for (int64_t g = 0; g < full; g++, w += 8 * bytes) {
      UNROLL for (int i = 0; i < (8 * bytes + 63) / 64; i++) prefetch(w, AHEAD + 64 * i);
      b32_group(w, x + g * 256, scales + g * 32, c->x_stride, sums + g * 32, sums_stride, sum, type, 8, T);
    }
    b32_tail(w, x + full * 256, scales + full * 32, c->x_stride, sums + full * 32, sums_stride, sum, type, c->n_in / 32 % 8, T);
    UNROLL for (int t = 0; t < T; t++) c->out[(token + t) * c->out_stride + row] = f32x8_sum(sum[t]);
  }
}

#endif
