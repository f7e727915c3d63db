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

/* Where a block's numbers are, or their lower four bits. */
INLINE int b32_numbers_at(const int type) {
  switch (type) {
    case HEARTH_Q4_1: return 4;
    case HEARTH_Q5_0: return 6;
    case HEARTH_Q5_1: return 8;
    case HEARTH_MXFP4: return 1;
    default: return 2;
  }
}

/* Whether nibbles are all of its numbers. */
INLINE int b32_all_nibbles(const int type) { return type != HEARTH_Q8_0 && type != HEARTH_Q5_0 && type != HEARTH_Q5_1; }

/* What numbers of int8 are counted from by streams, so that they are unsigned; 0 where they stay as they are. Without VNNI they
 * have to be small. */
INLINE int b32_from(const int type) {
  switch (type) {
    case HEARTH_Q4_0: return 8;
    case HEARTH_Q4_1:
    case HEARTH_Q5_1: return 0;
    case HEARTH_Q5_0: return HEARTH_VNNI ? 128 : 16;
    case HEARTH_MXFP4: return HEARTH_VNNI ? 128 : 12;
    default: return HEARTH_VNNI ? 128 : 0;
  }
}

/* What the nibbles of a type with a table stand for. */
INLINE __m128i b32_codes(const int type) {
  return _mm_loadu_si128((const __m128i *)(const void *)(type == HEARTH_MXFP4 ? codes_e2m1 : codes_normal));
}

INLINE __m256i coded(__m256i low, const int type) { return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(b32_codes(type)), low); }

/* The numbers of a block; Q4_0's are 8 too great, which b32_sums make up for. */
INLINE __m256i b32_load(const uint8_t *w, const int type) {
  switch (type) {
    case HEARTH_Q8_0: return int_load(w + 2);
    case HEARTH_Q5_0: return _mm256_sub_epi8(with_fifth(nibbles(w + 6), w + 2), _mm256_set1_epi8(16));
    case HEARTH_Q5_1: return with_fifth(nibbles(w + 8), w + 4);
    case HEARTH_IQ4_NL:
    case HEARTH_MXFP4: return coded(nibbles(w + b32_numbers_at(type)), type);
    default: return nibbles(w + b32_numbers_at(type));
  }
}

/* e8m0_half of each lane. */
INLINE __m256 e8m0_halves(__m256i e) {
  const __m256i one = _mm256_set1_epi32(1), normal = _mm256_slli_epi32(_mm256_sub_epi32(e, one), 23);
  const __m256i small = _mm256_sllv_epi32(_mm256_set1_epi32(0x200000), e);
  return _mm256_castsi256_ps(_mm256_blendv_epi8(small, normal, _mm256_cmpgt_epi32(e, one)));
}

/* Scales of n <= 8 blocks that are stride bytes apart; the other lanes are 0. */
INLINE __m256 b32_scales(const uint8_t *w, const int64_t stride, const int n, const int type) {
  if (type != HEARTH_MXFP4) return f16_scales(w, stride, n);
  if (n == 8) return e8m0_halves(_mm256_cvtepu16_epi32(_mm_and_si128(words_8(w, stride), _mm_set1_epi16(255))));
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
  uint8_t *sums = aligned(c->scratch);
  const __m256i zero = _mm256_setzero_si256(), magnitude = _mm256_set1_epi8((char)(factor < 0 ? -factor : factor));
  const int64_t blocks = c->n_in / 32;
  for (int64_t t = 0; t < c->n_tokens; t++)
    for (int64_t b = 0; b < blocks; b += 8, sums += 32) {
      const uint8_t *x = c->x + t * c->x_stride + 32 * b;
      __m256i v[8];
      UNROLL for (int i = 0; i < 8; i++) v[i] = b + i < blocks ? dot4(zero, magnitude, int_load(x + 32 * i)) : zero;
      const __m256i sum = fold8(v, 1);
      int_store(sums, factor < 0 ? _mm256_sub_epi32(zero, sum) : sum);
    }
}

/* Activations laid out as streams take them, whole LAIDs of numbers: of LAID_TOKENS tokens at a time, in scratch behind the sums. */
#define LAID_TOKENS 8
INLINE int64_t laid_stride(int64_t n_in) { return n_in / LAID * LAID; }
INLINE uint8_t *b32_laid(const linear_call *c, int64_t token) {
  return aligned(c->scratch) + b32_sums_bytes(c->n_in, c->n_tokens) + token % LAID_TOKENS * laid_stride(c->n_in);
}

#endif
