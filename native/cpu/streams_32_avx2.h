/* What streams_32.h is made of in AVX2: eight blocks at a time, which one fma adds to the eight partial sums. */
#ifndef HEARTH_STREAMS_32_AVX2_H
#define HEARTH_STREAMS_32_AVX2_H

#include "blocks_32_avx2.h"

#define STREAM_TOKENS 3

/* Adds eight blocks' dots to the partial sums of T tokens. */
INLINE void b32_add(const uint8_t *w, const uint8_t *scales, int64_t scales_stride, const uint8_t *sums, int64_t sums_stride,
                    const wide *dot, __m256 *sum, const int type, const int T) {
  const __m256 dw = b32_scales(w, b32_bytes(type), 8, type), minimum = b32_minima(type) ? f16_scales(w + 2, b32_bytes(type), 8) : dw;
  UNROLL for (int t = 0; t < T; t++) {
    const __m256 dx = f32x8_load(scales + t * scales_stride);
    const __m256i s = b32_from(type) || b32_minima(type) ? int_load(sums + t * sums_stride) : wide_zero();
    const __m256i d = b32_from(type) ? wide_add(dot[t], s) : dot[t];
    sum[t] = _mm256_fmadd_ps(_mm256_mul_ps(dw, dx), _mm256_cvtepi32_ps(d), sum[t]);
    if (b32_minima(type)) sum[t] = _mm256_fmadd_ps(_mm256_mul_ps(minimum, dx), _mm256_cvtepi32_ps(s), sum[t]);
  }
}

#include "streams_32.h"

#endif
