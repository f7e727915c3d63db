/* hearth_linear for weights of 32 with A8_32 activations in AVX-512, row by row as they lie in the file, two blocks a register:
 * sixteen blocks' integer sums are transposed into one register, whose halves add to the eight partial sums one after the
 * other. */
#ifndef HEARTH_STREAMS_32_AVX512_H
#define HEARTH_STREAMS_32_AVX512_H

#include "groups_32_avx2.h"

#define STREAM_TOKENS 4

/* fold1 to fold3 in both halves. */
INLINE __m512i fold1_512(__m512i a, __m512i b) {
  return _mm512_add_epi32(_mm512_mask_blend_epi32(0xCCCC, a, b), _mm512_alignr_epi8(b, a, 8));
}
INLINE __m512i fold2_512(__m512i a, __m512i b) {
  const __m512 x = _mm512_castsi512_ps(a), y = _mm512_castsi512_ps(b);
  return _mm512_add_epi32(_mm512_castps_si512(_mm512_shuffle_ps(x, y, 0x88)), _mm512_castps_si512(_mm512_shuffle_ps(x, y, 0xDD)));
}
INLINE __m512i fold3_512(__m512i a, __m512i b) {
  const __m512i crossed = _mm512_setr_epi64(2, 3, 8, 9, 6, 7, 12, 13);
  return _mm512_add_epi32(_mm512_mask_blend_epi32(0xF0F0, a, b), _mm512_permutex2var_epi64(a, crossed, b));
}

/* Two neighbouring blocks as unsigned numbers; those of int8 from 128 on. */
INLINE __m512i b32_load_two(const uint8_t *w, const int type) {
  const __m512i v = wide_pair(b32_load(w, type), b32_load(w + b32_bytes(type), type));
  return b32_nibbles(type) || b32_minima(type) ? v : _mm512_xor_si512(v, _mm512_set1_epi8(-128));
}

INLINE __m512 f16_scales_16(const uint8_t *w, const int64_t stride, const int type) {
  const __m256 low = b32_scales(w, stride, 8, type), high = b32_scales(w + 8 * stride, stride, 8, type);
  return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

INLINE __m256 upper_half(__m512 v) { return _mm512_extractf32x8_ps(v, 1); }
INLINE __m256 lower_half(__m512 v) { return _mm512_castps512_ps256(v); }

/* Adds sixteen neighbouring blocks of one row to the partial sums of T tokens. */
INLINE void b32_sixteen(const uint8_t *w, const uint8_t *x, const uint8_t *scales, int64_t x_stride, const uint8_t *sums,
                        int64_t sums_stride, __m256 *sum, const int type, const int T) {
  const int64_t bytes = b32_bytes(type);
  const __m512i zero = _mm512_setzero_si512();
  const __m512i order = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  __m512i half[2][STREAM_TOKENS];
  UNROLL for (int h = 0; h < 2; h++) {
    __m512i even[STREAM_TOKENS];
    UNROLL for (int j = 0; j < 2; j++) {
      const int i = 4 * h + 2 * j;
      const __m512i a = b32_load_two(w + 2 * bytes * i, type), b = b32_load_two(w + 2 * bytes * (i + 1), type);
      UNROLL for (int t = 0; t < T; t++) {
        const uint8_t *y = x + t * x_stride + 64 * i;
        const __m512i d = fold1_512(_mm512_dpbusd_epi32(zero, a, _mm512_loadu_si512(y)), _mm512_dpbusd_epi32(zero, b, _mm512_loadu_si512(y + 64)));
        if (j == 0)
          even[t] = d;
        else
          half[h][t] = fold2_512(even[t], d);
      }
    }
  }
  const __m512 dw = f16_scales_16(w, bytes, type);
  const __m512 minimum = b32_minima(type) ? f16_scales_16(w + 2, bytes, HEARTH_Q4_1) : dw;
  UNROLL for (int t = 0; t < T; t++) {
    const __m512 dx = _mm512_loadu_ps(scales + t * x_stride), scale = _mm512_mul_ps(dw, dx);
    const __m512i s = _mm512_loadu_si512(sums + t * sums_stride);
    __m512i dot = _mm512_permutexvar_epi32(order, fold3_512(half[0][t], half[1][t]));
    if (!b32_minima(type)) dot = _mm512_add_epi32(dot, s);
    const __m512 v = _mm512_cvtepi32_ps(dot), m = _mm512_mul_ps(minimum, dx), low = _mm512_cvtepi32_ps(s);
    sum[t] = _mm256_fmadd_ps(lower_half(scale), lower_half(v), sum[t]);
    if (b32_minima(type)) sum[t] = _mm256_fmadd_ps(lower_half(m), lower_half(low), sum[t]);
    sum[t] = _mm256_fmadd_ps(upper_half(scale), upper_half(v), sum[t]);
    if (b32_minima(type)) sum[t] = _mm256_fmadd_ps(upper_half(m), upper_half(low), sum[t]);
  }
}

/* Rows [row, end) for T tokens. */
INLINE void b32_stream(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  const int64_t blocks = c->n_in / 32, bytes = b32_bytes(type), sums_stride = 4 * b32_sums_count(c->n_in);
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in, *sums = b32_sums(c, token);
  for (; row < end; row++) {
    const uint8_t *w = c->w + row * c->w_stride;
    __m256 sum[STREAM_TOKENS];
    int64_t b = 0;
    UNROLL for (int t = 0; t < T; t++) sum[t] = _mm256_setzero_ps();
    for (; b + 16 <= blocks; b += 16, w += 16 * bytes) {
      UNROLL for (int i = 0; i < (16 * bytes + 63) / 64; i++) prefetch(w, AHEAD + 64 * i);
      b32_sixteen(w, x + b * 32, scales + b * 4, c->x_stride, sums + b * 4, sums_stride, sum, type, T);
    }
    if (b + 8 <= blocks) {
      b32_group(w, x + b * 32, scales + b * 4, c->x_stride, sums + b * 4, sums_stride, sum, type, 8, T);
      b += 8;
      w += 8 * bytes;
    }
    b32_tail(w, x + b * 32, scales + b * 4, c->x_stride, sums + b * 4, sums_stride, sum, type, blocks - b, T);
    UNROLL for (int t = 0; t < T; t++) c->out[(token + t) * c->out_stride + row] = f32x8_sum(sum[t]);
  }
}

#endif
