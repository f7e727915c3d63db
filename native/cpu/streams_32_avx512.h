/* What streams_32.h is made of in AVX-512: sixteen blocks at a time, whose halves add to the eight partial sums one after the
 * other. */
#ifndef HEARTH_STREAMS_32_AVX512_H
#define HEARTH_STREAMS_32_AVX512_H

#include "blocks_32_avx2.h"

#define STREAM_TOKENS 4

/* Words, bytes apart, of sixteen blocks at w: as many at a time as 64 bytes have, all of which lie within the blocks. */
INLINE __m256i words_16(const uint8_t *w, const int bytes) {
  const int each = 62 / bytes + 1, first = 16 % each; /* the first 64 bytes are taken for so many alone, if any */
#define AT(i) (short)((i < first ? i : (i - first) % each) * bytes / 2)
  const __m512i index = _mm512_castsi256_si512(_mm256_setr_epi16(AT(0), AT(1), AT(2), AT(3), AT(4), AT(5), AT(6), AT(7), AT(8), AT(9),
                                                                  AT(10), AT(11), AT(12), AT(13), AT(14), AT(15)));
#undef AT
  __m512i v = _mm512_permutexvar_epi16(index, _mm512_loadu_si512(w));
  UNROLL for (int i = 1; i < 16; i++)
    if (i % each == first)
      v = _mm512_mask_permutexvar_epi16(v, (__mmask32)(0xFFFF & 0xFFFF << i), index, _mm512_loadu_si512(w + i * bytes));
  return _mm512_castsi512_si256(v);
}

INLINE __m512 b32_scales_16(const uint8_t *w, const int type) {
  const __m256i words = words_16(w, (int)b32_bytes(type));
  if (type != HEARTH_MXFP4) return _mm512_cvtph_ps(words);
  /* a byte each, that of odd blocks the upper of its word; see e8m0_half */
  const __m512i one = _mm512_set1_epi32(1), wide_words = _mm512_srlv_epi32(_mm512_cvtepu16_epi32(words), _mm512_set1_epi64(INT64_C(8) << 32));
  const __m512i e = _mm512_and_si512(wide_words, _mm512_set1_epi32(255)), normal = _mm512_slli_epi32(_mm512_sub_epi32(e, one), 23);
  return _mm512_castsi512_ps(_mm512_mask_sllv_epi32(normal, _mm512_cmple_epi32_mask(e, one), _mm512_set1_epi32(0x200000), e));
}

INLINE __m256 upper_half(__m512 v) { return _mm512_extractf32x8_ps(v, 1); }
INLINE __m256 lower_half(__m512 v) { return _mm512_castps512_ps256(v); }

/* Adds sixteen blocks' dots to the partial sums of T tokens. */
INLINE void b32_add(const uint8_t *w, const uint8_t *scales, int64_t scales_stride, const uint8_t *sums, int64_t sums_stride,
                    const wide *dot, __m256 *sum, const int type, const int T) {
  const __m512 dw = b32_scales_16(w, type);
  const __m512 minimum = b32_minima(type) ? _mm512_cvtph_ps(words_16(w + 2, (int)b32_bytes(type))) : dw;
  UNROLL for (int t = 0; t < T; t++) {
    const __m512 dx = _mm512_loadu_ps(scales + t * scales_stride), scale = _mm512_mul_ps(dw, dx), m = _mm512_mul_ps(minimum, dx);
    const __m512i s = _mm512_loadu_si512(sums + t * sums_stride);
    const __m512 v = _mm512_cvtepi32_ps(b32_minima(type) ? dot[t] : wide_add(dot[t], s)), low = _mm512_cvtepi32_ps(s);
    sum[t] = _mm256_fmadd_ps(lower_half(scale), lower_half(v), sum[t]);
    if (b32_minima(type)) sum[t] = _mm256_fmadd_ps(lower_half(m), lower_half(low), sum[t]);
    sum[t] = _mm256_fmadd_ps(upper_half(scale), upper_half(v), sum[t]);
    if (b32_minima(type)) sum[t] = _mm256_fmadd_ps(upper_half(m), upper_half(low), sum[t]);
  }
}

#include "streams_32.h"

#endif
