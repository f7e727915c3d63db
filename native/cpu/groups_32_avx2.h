/* Up to eight neighbouring blocks of 32 of one row, straight out of the file, times A8_32 activations in AVX2: their integer sums
 * are transposed into one vector, so that one fma adds them to the eight partial sums. */
#ifndef HEARTH_GROUPS_32_AVX2_H
#define HEARTH_GROUPS_32_AVX2_H

#include "blocks_32_avx2.h"

/* Adds n <= 8 neighbouring blocks of one row to the partial sums of T tokens. Lanes from n on add 0 * 0 to a sum that
 * is never -0, which changes no bit. */
INLINE void b32_group(const uint8_t *w, const uint8_t *x, const uint8_t *scales, int64_t x_stride, const uint8_t *sums,
                      int64_t sums_stride, __m256 *sum, const int type, const int n, const int T) {
  const int64_t bytes = b32_bytes(type);
  const __m256i zero = _mm256_setzero_si256();
  __m256i half[2][4];
  UNROLL for (int h = 0; h < 2; h++) {
    __m256i even[4];
    UNROLL for (int j = 0; j < 2; j++) {
      const int i = 4 * h + 2 * j;
      const __m256i a = i < n ? b32_load(w + bytes * i, type) : zero, b = i + 1 < n ? b32_load(w + bytes * (i + 1), type) : zero;
      const __m256i ma = _mm256_abs_epi8(a), mb = _mm256_abs_epi8(b);
      UNROLL for (int t = 0; t < T; t++) {
        const uint8_t *xt = x + t * x_stride + 32 * i;
        const __m256i xa = i < n ? int_load(xt) : zero, xb = i + 1 < n ? int_load(xt + 32) : zero;
        const __m256i d = b32_nibbles(type) ? fold1(dot4(zero, a, xa), dot4(zero, b, xb))
                                            : fold1(signed_dot4(zero, ma, a, xa), signed_dot4(zero, mb, b, xb));
        if (j == 0)
          even[t] = d;
        else
          half[h][t] = fold2(even[t], d);
      }
    }
  }
  const __m256 dw = b32_scales(w, bytes, n, type), minimum = b32_minima(type) ? f16_scales(w + 2, bytes, n) : dw;
  UNROLL for (int t = 0; t < T; t++) {
    const uint8_t *st = scales + t * x_stride;
    const __m256 dx = n == 8 ? f32x8_load(st) : f32x8_load_first(st, n);
    __m256i dot = fold3(half[0][t], half[1][t]);
    if (type == HEARTH_Q4_0) dot = _mm256_add_epi32(dot, int_load(sums + t * sums_stride));
    sum[t] = _mm256_fmadd_ps(_mm256_mul_ps(dw, dx), _mm256_cvtepi32_ps(dot), sum[t]);
    if (b32_minima(type))
      sum[t] = _mm256_fmadd_ps(_mm256_mul_ps(minimum, dx), _mm256_cvtepi32_ps(int_load(sums + t * sums_stride)), sum[t]);
  }
}

/* n blocks of a row from block b on, fewer than 8: compiled for each count, for a loop there costs 10 to 20 % of a short row. */
INLINE void b32_tail(const uint8_t *w, const uint8_t *x, const uint8_t *scales, int64_t x_stride, const uint8_t *sums,
                     int64_t sums_stride, __m256 *sum, const int type, int64_t n, const int T) {
#define TAIL(count) \
  case count: b32_group(w, x, scales, x_stride, sums, sums_stride, sum, type, count, T); break;
  switch (n) {
    TAIL(1) TAIL(2) TAIL(3) TAIL(4) TAIL(5) TAIL(6) TAIL(7)
    default: break;
  }
#undef TAIL
}

#endif
