/* What streams_256.h is made of in AVX2. */
#ifndef HEARTH_STREAMS_256_AVX2_H
#define HEARTH_STREAMS_256_AVX2_H

#include "blocks_256_avx2.h"

/* The numbers of a register. */
INLINE __m256i b256_numbers(const uint8_t *w, const int j, const int type) { return b256_load(w, j, type); }

typedef __m256i dots;
INLINE dots no_dots(void) { return _mm256_setzero_si256(); }
INLINE __m256i fold_dots(const dots *v, const int stride) { return fold8(v, stride); }

/* Sums of a block of 8 groups for T tokens: scaled dots, and minima times group sums. */
INLINE void b256_sums_8(const uint8_t *w, const uint8_t *x, const uint8_t *groups, int64_t x_stride, __m256i *dot, __m256i *low,
                        const int type, const int T) {
  const __m256i both = b256_scales8(w);
  const __m128i minima = _mm256_extracti128_si256(both, 1);
  const __m256i scales = _mm256_permute2x128_si256(both, both, 0);
  UNROLL for (int j = 0; j < 8; j++) {
    const __m256i v = b256_load(w, j, type), scale = _mm256_shuffle_epi8(scales, _mm256_set1_epi16((short)(2 * j | (2 * j + 1) << 8)));
    UNROLL for (int t = 0; t < T; t++) {
      const __m256i d = _mm256_madd_epi16(_mm256_maddubs_epi16(v, int_load(x + t * x_stride + 32 * j)), scale);
      dot[t] = j ? _mm256_add_epi32(dot[t], d) : d;
    }
  }
  UNROLL for (int t = 0; t < T; t++)
    low[t] = _mm256_zextsi128_si256(_mm_madd_epi16(minima, _mm_loadu_si128((const __m128i *)(groups + t * x_stride))));
}

/* The same for 16 groups; where they count from an offset, it is taken off the dots. */
INLINE void b256_sums_16(const uint8_t *w, const uint8_t *x, const uint8_t *groups, int64_t x_stride, int64_t groups_stride,
                         __m256i *dot, __m256i *low, const int type, const int T) {
  const __m128i scales = b256_scales16(w, type);
  UNROLL for (int j = 0; j < 8; j++) {
    const __m256i v = b256_load(w, j, type);
    const __m128i pick = _mm_set_epi64x(0x0101010101010101 * (2 * j + 1), 0x0101010101010101 * (2 * j));
    const __m256i scale = _mm256_cvtepi8_epi16(_mm_shuffle_epi8(scales, pick));
    UNROLL for (int t = 0; t < T; t++) {
      const __m256i d = _mm256_madd_epi16(_mm256_maddubs_epi16(v, int_load(x + t * x_stride + 32 * j)), scale);
      dot[t] = j ? _mm256_add_epi32(dot[t], d) : d;
    }
  }
  const __m256i counted = b256_counted16(w, scales, type);
  UNROLL for (int t = 0; t < T; t++) {
    low[t] = _mm256_madd_epi16(counted, int_load(groups + t * groups_stride));
    if (!b256_minima(type)) dot[t] = _mm256_sub_epi32(dot[t], _mm256_slli_epi32(low[t], b256_offset_bits(type)));
  }
}

/* Those of a block of any type. */
INLINE void b256_sums(const uint8_t *w, const uint8_t *x, const uint8_t *groups, int64_t x_stride, int64_t groups_stride, dots *dot,
                      __m256i *low, const int type, const int T) {
  if (b256_groups(type) == 16)
    b256_sums_16(w, x, groups, x_stride, groups_stride, dot, low, type, T);
  else
    b256_sums_8(w, x, groups, x_stride, dot, low, type, T);
}

#include "streams_256.h"

#endif
