/* Blocks of 256 in AVX2: their numbers, the scales of their groups, and the sums of activations by groups of 16. */
#ifndef HEARTH_BLOCKS_256_AVX2_H
#define HEARTH_BLOCKS_256_AVX2_H

#include "dots_avx2.h"
#include "unpack.h"

INLINE int64_t b256_bytes(const int type) {
  switch (type) {
    case HEARTH_Q2_K: return 84;
    case HEARTH_Q3_K: return 110;
    case HEARTH_Q4_K: return 144;
    case HEARTH_Q5_K: return 176;
    default: return 210; /* Q6_K */
  }
}

/* Groups with a scale of their own. */
INLINE int b256_groups(const int type) { return type == HEARTH_Q4_K || type == HEARTH_Q5_K ? 8 : 16; }
/* Whether groups have minima, times the sums of their activations; those of other types count from an offset, a power of 2. */
INLINE int b256_minima(const int type) { return type == HEARTH_Q2_K || type == HEARTH_Q4_K || type == HEARTH_Q5_K; }
INLINE int b256_offset_bits(const int type) { return type == HEARTH_Q6_K ? 5 : 2; }

/* Where the block's scale lies; that of minima follows. */
INLINE int64_t b256_scale_at(const int type) {
  switch (type) {
    case HEARTH_Q2_K: return 80;
    case HEARTH_Q3_K: return 108;
    case HEARTH_Q6_K: return 208;
    default: return 0;
  }
}

INLINE __m256i bits_of_bytes(__m256i v, const int shift, const int mask) {
  return _mm256_and_si256(_mm256_srli_epi16(v, shift), _mm256_set1_epi8((char)mask));
}
INLINE __m256i higher_bits(__m256i v, const int from, const int mask, const int to) {
  const __m256i bits = from >= to ? _mm256_srli_epi16(v, from - to) : _mm256_slli_epi16(v, to - from);
  return _mm256_and_si256(bits, _mm256_set1_epi8((char)(mask << to)));
}

/* Numbers 32 j to 32 j + 31 of a block, unsigned and below 64. */
INLINE __m256i b256_load(const uint8_t *w, const int j, const int type) {
  const int pairs = j % 4 * 2;
  switch (type) {
    case HEARTH_Q2_K: return bits_of_bytes(int_load(w + 16 + j / 4 * 32), pairs, 3);
    case HEARTH_Q3_K:
      return _mm256_or_si256(bits_of_bytes(int_load(w + 32 + j / 4 * 32), pairs, 3), higher_bits(int_load(w), j, 1, 2));
    case HEARTH_Q4_K: return bits_of_bytes(int_load(w + 16 + j / 2 * 32), j % 2 * 4, 15);
    case HEARTH_Q5_K:
      return _mm256_or_si256(bits_of_bytes(int_load(w + 48 + j / 2 * 32), j % 2 * 4, 15), higher_bits(int_load(w + 16), j, 1, 4));
    default:
      return _mm256_or_si256(bits_of_bytes(int_load(w + j / 4 * 64 + j % 2 * 32), j % 4 / 2 * 4, 15),
                             higher_bits(int_load(w + 128 + j / 4 * 32), pairs, 3, 4));
  }
}

/* The 16 scales of a block with so many groups, int8. */
INLINE __m128i b256_scales16(const uint8_t *w, const int type) {
  const __m128i nibble = _mm_set1_epi8(15);
  if (type == HEARTH_Q2_K) return _mm_and_si128(_mm_loadu_si128((const __m128i *)w), nibble);
  if (type == HEARTH_Q6_K) return _mm_loadu_si128((const __m128i *)(w + 192));
  const __m128i low = _mm_loadl_epi64((const __m128i *)(w + 96)), high = _mm_set1_epi32(i32_at(w + 104));
  const __m128i upper = _mm_and_si128(_mm_srlv_epi32(high, _mm_setr_epi32(0, 2, 4, 6)), _mm_set1_epi8(3));
  const __m128i lower = _mm_and_si128(_mm_unpacklo_epi64(low, _mm_srli_epi16(low, 4)), nibble);
  return _mm_sub_epi8(_mm_or_si128(lower, _mm_slli_epi16(upper, 4)), _mm_set1_epi8(32));
}

/* The 8 scales of a block with so many groups, then its 8 minima, int16. */
INLINE __m256i b256_scales8(const uint8_t *w) {
  uint32_t u[3];
  memcpy(u, w + 4, 12);
  const uint32_t scale0 = u[0] & 0x3f3f3f3f, scale1 = (u[2] & 0x0f0f0f0f) | (u[0] >> 2 & 0x30303030);
  const uint32_t min0 = u[1] & 0x3f3f3f3f, min1 = (u[2] >> 4 & 0x0f0f0f0f) | (u[1] >> 2 & 0x30303030);
  return _mm256_cvtepu8_epi16(_mm_setr_epi32((int)scale0, (int)scale1, (int)min0, (int)min1));
}

/* What the sums of 16 groups' activations are multiplied by, int16: minima where the type has them, else the scales. */
INLINE __m256i b256_counted16(const uint8_t *w, __m128i scales, const int type) {
  if (!b256_minima(type)) return _mm256_cvtepi8_epi16(scales);
  return _mm256_cvtepu8_epi16(_mm_and_si128(_mm_srli_epi16(_mm_loadu_si128((const __m128i *)w), 4), _mm_set1_epi8(15)));
}

/* Sums of 16 neighbouring activations, int16, in scratch before the panels. */
INLINE const uint8_t *b256_sums16(const linear_call *c, int64_t token) { return aligned(c->scratch) + token * (c->n_in / 8); }
INLINE int64_t b256_sums16_bytes(int64_t n_in, int64_t n_tokens) { return (n_in / 8 * n_tokens + 63) / 64 * 64; }

static void b256_sum16(const linear_call *c) {
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (int64_t t = 0; t < c->n_tokens; t++) {
    uint8_t *sums = aligned(c->scratch) + t * (c->n_in / 8);
    for (int64_t i = 0; i < c->n_in; i += 128) {
      __m256i v[4];
      UNROLL for (int j = 0; j < 4; j++)
        v[j] = dot4(_mm256_setzero_si256(), _mm256_set1_epi8(1), int_load(c->x + t * c->x_stride + i + 32 * j));
      /* by 128-bit halves: lanes of the first are sums 0 2 4 6, of the second 1 3 5 7 */
      const __m256i by_half = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
      const __m256i sorted = _mm256_permutevar8x32_epi32(by_half, order);
      const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(sorted), _mm256_extracti128_si256(sorted, 1));
      _mm_storeu_si128((__m128i *)(void *)(sums + i / 8), words);
    }
  }
}

#endif
