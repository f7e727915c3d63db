/* What streams_256.h is made of in AVX-512: 64 numbers a register. */
#ifndef HEARTH_STREAMS_256_AVX512_H
#define HEARTH_STREAMS_256_AVX512_H

#include "blocks_256_avx512.h"
#include "streams_32_avx512.h"

/* Eight registers to one that holds in lane i the sum of register i, stride apart. */
INLINE __m256i fold8_512(const __m512i *v, const int stride) {
  __m512i z[4];
  UNROLL for (int i = 0; i < 4; i++) {
    const __m512i a = v[2 * i * stride], b = v[(2 * i + 1) * stride];
    z[i] = _mm512_add_epi32(_mm512_shuffle_i64x2(a, b, 0x44), _mm512_shuffle_i64x2(a, b, 0xEE));
  }
  /* even registers below, odd ones above, each in two parts */
  const __m512i g = wide_fold2(wide_fold1(z[0], z[1]), wide_fold1(z[2], z[3]));
  const __m512i s = _mm512_add_epi32(g, _mm512_shuffle_i64x2(g, g, 0xB1));
  const __m256i even = _mm512_castsi512_si256(s), odd = _mm512_extracti64x4_epi64(s, 1);
  return _mm256_blend_epi32(_mm256_unpacklo_epi32(even, odd), _mm256_unpackhi_epi32(even, odd), 0xF0);
}

/* The scales of groups that 64 numbers from group g on have, sixteen or eight lanes of int16 each. */
INLINE __m512i spread_scales(__m512i scales, const int g, const int groups) {
  const __m512i each = groups == 8 ? _mm512_set_epi64(1, 1, 1, 1, 0, 0, 0, 0) : _mm512_set_epi64(3, 3, 2, 2, 1, 1, 0, 0);
  const __m512i words = _mm512_add_epi16(_mm512_set1_epi16((short)g), _mm512_shuffle_epi8(each, _mm512_set1_epi64(0x0800080008000800)));
  return _mm512_permutexvar_epi16(words, scales);
}

/* Sums of a block for T tokens: scaled dots, the offset taken off, and minima times group sums. */
INLINE void b256_sums(const uint8_t *w, const uint8_t *x, const uint8_t *groups, int64_t x_stride, int64_t groups_stride,
                          __m512i *dot, __m256i *low, const int type, const int T) {
  __m256i scales, counted;
  if (b256_groups(type) == 8) {
    scales = b256_scales8(w);
    counted = _mm256_zextsi128_si256(_mm256_extracti128_si256(scales, 1));
  } else {
    const __m128i bytes = b256_scales16(w, type);
    scales = _mm256_cvtepi8_epi16(bytes);
    counted = b256_counted16(w, bytes, type);
  }
  UNROLL for (int j = 0; j < 4; j++) {
    const __m512i v = b256_numbers(w, j, type);
    const __m512i scale = spread_scales(_mm512_castsi256_si512(scales), b256_groups(type) / 4 * j, b256_groups(type));
    UNROLL for (int t = 0; t < T; t++) {
      const __m512i pairs = _mm512_maddubs_epi16(v, _mm512_loadu_si512(x + t * x_stride + 64 * j));
      dot[t] = _mm512_dpwssd_epi32(j ? dot[t] : _mm512_setzero_si512(), pairs, scale);
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const __m256i sums = b256_groups(type) == 8 ? _mm256_zextsi128_si256(_mm_loadu_si128((const __m128i *)(groups + t * groups_stride)))
                                                : int_load(groups + t * groups_stride);
    low[t] = _mm256_madd_epi16(counted, sums);
    if (!b256_minima(type))
      dot[t] = _mm512_sub_epi32(dot[t], _mm512_zextsi256_si512(_mm256_slli_epi32(low[t], b256_offset_bits(type))));
  }
}

typedef __m512i dots;
INLINE dots no_dots(void) { return _mm512_setzero_si512(); }
INLINE __m256i fold_dots(const dots *v, const int stride) { return fold8_512(v, stride); }

#include "streams_256.h"

#endif
