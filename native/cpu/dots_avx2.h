/* What the products of blocks with int8 activations share in AVX2, with VNNI where the unit has it. */
#ifndef HEARTH_DOTS_AVX2_H
#define HEARTH_DOTS_AVX2_H

#include "lanes_avx2.h"

/* Rows that stay in the first-level cache while all tokens pass unpacked. */
#define STREAM_ROWS 16
/* How far ahead of a streamed row its prefetch is. */
#define AHEAD 4096
/* The same where memory is all that counts: into the first-level cache, and before that into the second. */
#define STREAM_NEAR 1024
#define STREAM_FAR 8192

/* Eight neighbouring products a lane that fit 8 bits by 8 bits go straight to int32. */
#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)
#define HEARTH_VNNI 1
#else
#define HEARTH_VNNI 0
#endif

/* sum + four neighbouring products of u, unsigned, and x, int8 but never -128, a lane: exact for u up to 128. */
INLINE __m256i dot4(__m256i sum, __m256i u, __m256i x) {
#if defined(__AVX512VNNI__)
  return _mm256_dpbusd_epi32(sum, u, x);
#elif defined(__AVXVNNI__)
  return _mm256_dpbusd_avx_epi32(sum, u, x);
#else
  return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(u, x), _mm256_set1_epi16(1)));
#endif
}

/* The same for w of int8: |w| is taken as unsigned, so that -128 is exact too. */
INLINE __m256i signed_dot4(__m256i sum, __m256i magnitude, __m256i w, __m256i x) {
  return dot4(sum, magnitude, _mm256_sign_epi8(x, w));
}

/* Eight vectors to one that holds in lane i the sum of vector i, in three levels. */
INLINE __m256i fold1(__m256i a, __m256i b) {
  return _mm256_add_epi32(_mm256_blend_epi32(a, b, 0xCC), _mm256_alignr_epi8(b, a, 8));
}
INLINE __m256i fold2(__m256i a, __m256i b) {
  const __m256 x = _mm256_castsi256_ps(a), y = _mm256_castsi256_ps(b);
  return _mm256_add_epi32(_mm256_castps_si256(_mm256_shuffle_ps(x, y, 0x88)),
                          _mm256_castps_si256(_mm256_shuffle_ps(x, y, 0xDD)));
}
INLINE __m256i fold3(__m256i a, __m256i b) {
  return _mm256_add_epi32(_mm256_blend_epi32(a, b, 0xF0), _mm256_permute2x128_si256(a, b, 0x21));
}

/* Eight vectors to one that holds in lane i the sum of vector i, stride apart. */
INLINE __m256i fold8(const __m256i *v, const int stride) {
  const __m256i low = fold2(fold1(v[0], v[stride]), fold1(v[2 * stride], v[3 * stride]));
  return fold3(low, fold2(fold1(v[4 * stride], v[5 * stride]), fold1(v[6 * stride], v[7 * stride])));
}
INLINE __m256i fold4(const __m128i *v, const int stride) {
  const __m128i low = _mm_hadd_epi32(_mm_hadd_epi32(v[0], v[stride]), _mm_hadd_epi32(v[2 * stride], v[3 * stride]));
  const __m128i high = _mm_hadd_epi32(_mm_hadd_epi32(v[4 * stride], v[5 * stride]), _mm_hadd_epi32(v[6 * stride], v[7 * stride]));
  return _mm256_set_m128i(high, low);
}

INLINE int32_t i32_sum(__m256i v) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1)));
}

/* Four vectors, in every four lanes. */
INLINE void transpose4(__m256i *v) {
  const __m256i a = _mm256_unpacklo_epi32(v[0], v[1]), b = _mm256_unpackhi_epi32(v[0], v[1]);
  const __m256i c = _mm256_unpacklo_epi32(v[2], v[3]), d = _mm256_unpackhi_epi32(v[2], v[3]);
  v[0] = _mm256_unpacklo_epi64(a, c);
  v[1] = _mm256_unpackhi_epi64(a, c);
  v[2] = _mm256_unpacklo_epi64(b, d);
  v[3] = _mm256_unpackhi_epi64(b, d);
}

INLINE void transpose8(__m256i *v) {
  transpose4(v);
  transpose4(v + 4);
  UNROLL for (int i = 0; i < 4; i++) {
    const __m256i low = v[i], high = v[i + 4];
    v[i] = _mm256_permute2x128_si256(low, high, 0x20);
    v[i + 4] = _mm256_permute2x128_si256(low, high, 0x31);
  }
}

/* A word each of eight blocks that are stride bytes apart, at least 16. Of what lies about a word 16 bytes are read: behind the
 * first, before the last. */
INLINE __m128i words_8(const uint8_t *w, const int64_t stride) {
#define FROM(i) _mm_loadu_si128((const __m128i *)(const void *)(w + (i) * (stride - 2)))
  __m128i v = _mm_blend_epi16(FROM(0), FROM(1), 2);
  v = _mm_blend_epi16(_mm_blend_epi16(v, FROM(2), 4), FROM(3), 8);
  v = _mm_blend_epi16(_mm_blend_epi16(v, FROM(4), 16), FROM(5), 32);
  return _mm_blend_epi16(_mm_blend_epi16(v, FROM(6), 64), FROM(7), 128);
#undef FROM
}

/* f16 scales of n <= 8 blocks that are stride bytes apart; the other lanes are 0. */
INLINE __m256 f16_scales(const uint8_t *w, const int64_t stride, const int n) {
  if (n == 8) return _mm256_cvtph_ps(words_8(w, stride));
  uint16_t h[8] = {0};
  UNROLL for (int i = 0; i < n; i++) memcpy(h + i, w + stride * i, 2);
  __m128i v;
  memcpy(&v, h, 16);
  return _mm256_cvtph_ps(v);
}

INLINE uint8_t *aligned(uint8_t *p) { return p + (64 - (uintptr_t)p % 64) % 64; }

#endif
