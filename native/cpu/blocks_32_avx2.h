/* Blocks of 32 in AVX2: their numbers and scales, and the sums of activations that some types take. */
#ifndef HEARTH_BLOCKS_32_AVX2_H
#define HEARTH_BLOCKS_32_AVX2_H

#include "dots_avx2.h"
#include "unpack.h"

INLINE int64_t b32_bytes(const int type) {
  switch (type) {
    case HEARTH_Q8_0: return 34;
    case HEARTH_Q4_1: return 20;
    case HEARTH_Q5_0: return 22;
    case HEARTH_Q5_1: return 24;
    case HEARTH_MXFP4: return 17;
    default: return 18; /* Q4_0, IQ4_NL */
  }
}

/* Whether a block's minimum, times the sum of its activations, is added to its dot. */
INLINE int b32_minima(const int type) { return type == HEARTH_Q4_1 || type == HEARTH_Q5_1; }
/* Whether b32_load gives 0 to 15 as they are; other types' are int8. */
INLINE int b32_nibbles(const int type) { return type == HEARTH_Q4_0 || type == HEARTH_Q4_1; }

INLINE __m256i nibbles(const uint8_t *p) {
  const __m256i pairs = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p));
  return _mm256_and_si256(_mm256_srlv_epi32(pairs, _mm256_setr_epi32(0, 0, 0, 0, 4, 4, 4, 4)), _mm256_set1_epi8(15));
}

/* Nibbles with 16 added where their bit is set in the 32 bits at p. */
INLINE __m256i with_fifth(__m256i low, const uint8_t *p) {
  const __m256i part = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bit = _mm256_set1_epi64x((int64_t)0x8040201008040201);
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(i32_at(p)), part);
  const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit);
  return _mm256_or_si256(low, _mm256_and_si256(set, _mm256_set1_epi8(16)));
}

INLINE __m256i coded(__m256i low, const int8_t *codes) {
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)codes)), low);
}

/* The numbers of a block; Q4_0's are 8 too great, which b32_sums make up for. */
INLINE __m256i b32_load(const uint8_t *w, const int type) {
  switch (type) {
    case HEARTH_Q8_0: return int_load(w + 2);
    case HEARTH_Q4_1: return nibbles(w + 4);
    case HEARTH_Q5_0: return _mm256_sub_epi8(with_fifth(nibbles(w + 6), w + 2), _mm256_set1_epi8(16));
    case HEARTH_Q5_1: return with_fifth(nibbles(w + 8), w + 4);
    case HEARTH_IQ4_NL: return coded(nibbles(w + 2), codes_normal);
    case HEARTH_MXFP4: return coded(nibbles(w + 1), codes_e2m1);
    default: return nibbles(w + 2);
  }
}

/* Scales of n <= 8 blocks that are stride bytes apart; the other lanes are 0. */
INLINE __m256 b32_scales(const uint8_t *w, const int64_t stride, const int n, const int type) {
  if (type != HEARTH_MXFP4) return f16_scales(w, stride, n);
  float d[8] = {0};
  UNROLL for (int i = 0; i < n; i++) d[i] = e8m0_half(w[stride * i]);
  return f32x8_load(d);
}

/* What a token's activations sum up to in each block, times a factor of the type: in scratch before the panels, zeros up to a
 * multiple of 8. */
INLINE int64_t b32_sums_count(int64_t n_in) { return (n_in / 32 + 7) / 8 * 8; }
INLINE const uint8_t *b32_sums(const linear_call *c, int64_t token) {
  return aligned(c->scratch) + 4 * token * b32_sums_count(c->n_in);
}
INLINE int64_t b32_sums_bytes(int64_t n_in, int64_t n_tokens) { return (4 * n_tokens * b32_sums_count(n_in) + 63) / 64 * 64; }

static void b32_sum(const linear_call *c, int factor) {
  int32_t *sums = (int32_t *)(void *)aligned(c->scratch);
  const int sign = factor < 0 ? -1 : 1;
  for (int64_t t = 0; t < c->n_tokens; t++, sums += b32_sums_count(c->n_in)) {
    for (int64_t b = 0; b < b32_sums_count(c->n_in); b++) {
      const __m256i zero = _mm256_setzero_si256();
      sums[b] = b < c->n_in / 32
                    ? sign * i32_sum(dot4(zero, _mm256_set1_epi8((char)(sign * factor)), int_load(c->x + t * c->x_stride + 32 * b)))
                    : 0;
    }
  }
}

#endif
