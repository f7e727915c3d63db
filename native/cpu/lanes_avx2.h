/* Eight lanes in an AVX2 register; lanes_plain.h says what each function means. */
#ifndef HEARTH_LANES_H
#define HEARTH_LANES_H

#include "common.h"

#include <immintrin.h>

typedef __m256 f32x8;

INLINE void int_store(uint8_t *p, __m256i v) { _mm256_storeu_si256((__m256i *)(void *)p, v); }
INLINE __m256i int_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }

/* All bits set in the first n lanes. */
INLINE __m256i first_lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE f32x8 f32x8_all(float v) { return _mm256_set1_ps(v); }
INLINE f32x8 f32x8_load(const void *p) { return _mm256_loadu_ps((const float *)p); }
INLINE f32x8 f32x8_load_first(const void *p, int n) { return _mm256_maskload_ps((const float *)p, first_lanes(n)); }
INLINE f32x8 f32x8_load_f16(const void *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
INLINE f32x8 f32x8_load_bf16(const void *p) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}
INLINE f32x8 f32x8_load_seconds(const uint8_t *p) {
  return _mm256_castsi256_ps(_mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)p), _mm256_set1_epi32((int)0xffff0000)));
}
INLINE f32x8 f32x8_load_firsts(const uint8_t *p) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p), 16));
}
#define LANES_FLUSH 1
INLINE uint64_t flush_begin(void) {
  const uint32_t before = _mm_getcsr();
  _mm_setcsr(before | 0x8040); /* flush to zero, denormals are zeros */
  return before;
}
INLINE void flush_end(uint64_t before) { _mm_setcsr((uint32_t)before); }
INLINE f32x8 f32x8_normal(f32x8 v) { return v; }
INLINE f32x8 f32x8_load_int8(const int8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
INLINE void f32x8_store(void *p, f32x8 v) { _mm256_storeu_ps((float *)p, v); }
INLINE void f32x8_store_first(void *p, f32x8 v, int n) { _mm256_maskstore_ps((float *)p, first_lanes(n), v); }
INLINE void f32x8_store_f16(void *p, f32x8 v) {
  _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
INLINE f32x8 f32x8_sub(f32x8 a, f32x8 b) { return _mm256_sub_ps(a, b); }
INLINE f32x8 f32x8_mul(f32x8 a, f32x8 b) { return _mm256_mul_ps(a, b); }
INLINE f32x8 f32x8_div(f32x8 a, f32x8 b) { return _mm256_div_ps(a, b); }
INLINE f32x8 f32x8_negate(f32x8 a) { return _mm256_xor_ps(a, _mm256_set1_ps(-0.0f)); }
INLINE f32x8 f32x8_max(f32x8 a, f32x8 b) { /* the instruction gives b where one is NaN */
  return _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
}
INLINE f32x8 f32x8_clamp(f32x8 a, float low, float high) {
  return _mm256_max_ps(_mm256_set1_ps(low), _mm256_min_ps(_mm256_set1_ps(high), a));
}
INLINE f32x8 f32x8_rint(f32x8 a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE f32x8 f32x8_scale(f32x8 a, f32x8 n) {
  const __m256i bias = _mm256_set1_epi32(127), whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1);
  const __m256i low = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
  const __m256i high = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(whole, half), bias), 23);
  return _mm256_mul_ps(_mm256_mul_ps(a, _mm256_castsi256_ps(low)), _mm256_castsi256_ps(high));
}
INLINE f32x8 f32x8_add(f32x8 a, f32x8 b) { return _mm256_add_ps(a, b); }
INLINE f32x8 f32x8_fma(f32x8 a, f32x8 b, f32x8 c) { return _mm256_fmadd_ps(a, b, c); }
INLINE f32x8 f32x8_first(f32x8 a, f32x8 b, int n) {
  return _mm256_blendv_ps(b, a, _mm256_castsi256_ps(first_lanes(n)));
}

INLINE f32x8 f32x8_by_sign(f32x8 x, f32x8 a, f32x8 b) { return _mm256_blendv_ps(b, a, x); }

INLINE f32x8 f32x8_where_zero(f32x8 x, f32x8 a, f32x8 b) {
  return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_EQ_OQ));
}

INLINE float f32x8_sum(f32x8 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

INLINE float f32x8_most(f32x8 v) {
  v = f32x8_max(v, _mm256_permute2f128_ps(v, v, 1));
  v = f32x8_max(v, _mm256_permute_ps(v, 0x4e));
  return _mm256_cvtss_f32(f32x8_max(v, _mm256_permute_ps(v, 0xb1)));
}

#if !defined(__AVX512F__)
#include "lanes_16_pair.h"
#else
/* Sixteen lanes; lanes_16_pair.h says what each function means. */
typedef __m512 f32x16;

INLINE f32x16 f32x16_zero(void) { return _mm512_setzero_ps(); }
INLINE f32x16 f32x16_all(float v) { return _mm512_set1_ps(v); }
INLINE void f32x16_store(void *p, f32x16 v) { _mm512_storeu_ps(p, v); }
INLINE f32x16 f32x16_load(const void *p) { return _mm512_loadu_ps(p); }
INLINE f32x16 f32x16_load_first(const void *p, int n) { return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
INLINE f32x16 f32x16_load_f16(const void *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE f32x16 f32x16_load_bf16(const void *p) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
INLINE f32x16 f32x16_load_seconds(const uint8_t *p) {
  return _mm512_castsi512_ps(_mm512_and_si512(_mm512_loadu_si512(p), _mm512_set1_epi32((int)0xffff0000)));
}
INLINE f32x16 f32x16_load_firsts(const uint8_t *p) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(p), 16)); }
INLINE f32x16 f32x16_normal(f32x16 a) { return a; }
/* sum + b's second numbers times a's, then + the first ones'; of AVX-512 BF16, which a table is chosen for, not a file compiled. */
INLINE f32x16 f32x16_dot_pairs(f32x16 sum, f32x16 a, f32x16 b) {
  __asm__("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
}
INLINE f32x16 f32x16_load_int8(const int8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
}
INLINE f32x16 f32x16_fma(f32x16 a, f32x16 b, f32x16 c) { return _mm512_fmadd_ps(a, b, c); }
INLINE void f32x16_store_first(void *p, f32x16 v, int n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), v); }
INLINE f32x16 f32x16_add(f32x16 a, f32x16 b) { return _mm512_add_ps(a, b); }
INLINE f32x16 f32x16_sub(f32x16 a, f32x16 b) { return _mm512_sub_ps(a, b); }
INLINE f32x16 f32x16_mul(f32x16 a, f32x16 b) { return _mm512_mul_ps(a, b); }
INLINE f32x16 f32x16_div(f32x16 a, f32x16 b) { return _mm512_div_ps(a, b); }
INLINE f32x16 f32x16_max(f32x16 a, f32x16 b) {
  return _mm512_mask_mov_ps(_mm512_max_ps(a, b), _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), a);
}
INLINE f32x16 f32x16_negate(f32x16 a) { return _mm512_xor_ps(a, _mm512_set1_ps(-0.0f)); }
INLINE f32x16 f32x16_rint(f32x16 a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE f32x16 f32x16_scale(f32x16 a, f32x16 n) {
  const __m512i bias = _mm512_set1_epi32(127), whole = _mm512_cvtps_epi32(n), half = _mm512_srai_epi32(whole, 1);
  const __m512i low = _mm512_slli_epi32(_mm512_add_epi32(half, bias), 23);
  const __m512i high = _mm512_slli_epi32(_mm512_add_epi32(_mm512_sub_epi32(whole, half), bias), 23);
  return _mm512_mul_ps(_mm512_mul_ps(a, _mm512_castsi512_ps(low)), _mm512_castsi512_ps(high));
}
INLINE f32x16 f32x16_clamp(f32x16 a, float low, float high) {
  return _mm512_max_ps(_mm512_set1_ps(low), _mm512_min_ps(_mm512_set1_ps(high), a));
}
INLINE f32x16 f32x16_by_sign(f32x16 x, f32x16 a, f32x16 b) { return _mm512_mask_mov_ps(b, _mm512_movepi32_mask(_mm512_castps_si512(x)), a); }
INLINE f32x16 f32x16_first(f32x16 a, f32x16 b, int n) { return _mm512_mask_blend_ps((__mmask16)((1u << n) - 1), b, a); }
INLINE float f32x16_sum(f32x16 v) {
  return f32x8_sum(_mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1)));
}
INLINE float f32x16_most(f32x16 v) { return f32x8_most(f32x8_max(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1))); }
/* Lanes of two or four that are to be added come to lie over each other: [i] and [i + 8], then 4, then 2 apart. */
INLINE f32x16 f32x16_fold_8(f32x16 a, f32x16 b) {
  return _mm512_add_ps(_mm512_mask_blend_ps(0xFF00, a, b), _mm512_shuffle_f32x4(a, b, 0x4E));
}
INLINE f32x16 f32x16_fold_4(f32x16 a, f32x16 b) {
  const f32x16 others = _mm512_mask_blend_ps(0xF0F0, b, a);
  return _mm512_add_ps(_mm512_mask_blend_ps(0xF0F0, a, b), _mm512_shuffle_f32x4(others, others, 0xB1));
}
INLINE f32x16 f32x16_fold_2(f32x16 a, f32x16 b) {
  const __m512d x = _mm512_castps_pd(a), y = _mm512_castps_pd(b);
  return _mm512_add_ps(_mm512_mask_blend_ps(0xCCCC, a, b), _mm512_castpd_ps(_mm512_shuffle_pd(x, y, 0x55)));
}
INLINE void f32x16_sum_eight(float *first, float *second, const f32x16 *a, const f32x16 *b) {
  const f32x16 folded = f32x16_fold_2(f32x16_fold_4(f32x16_fold_8(a[0], a[1]), f32x16_fold_8(a[2], a[3])),
                                      f32x16_fold_4(f32x16_fold_8(b[0], b[1]), f32x16_fold_8(b[2], b[3])));
  const f32x16 sums = _mm512_add_ps(folded, _mm512_permute_ps(folded, 0xB1));
  const __m512i order = _mm512_setr_epi32(0, 8, 4, 12, 2, 10, 6, 14, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256 ordered = _mm512_castps512_ps256(_mm512_permutexvar_ps(order, sums));
  _mm_storeu_ps(first, _mm256_castps256_ps128(ordered));
  _mm_storeu_ps(second, _mm256_extractf128_ps(ordered, 1));
}
INLINE void f32x16_sum_four(float *out, const f32x16 *a) {
  const f32x16 folded = f32x16_fold_4(f32x16_fold_8(a[0], a[1]), f32x16_fold_8(a[2], a[3]));
  const f32x16 twos = _mm512_add_ps(folded, _mm512_permute_ps(folded, 0x4E));
  const f32x16 ones = _mm512_add_ps(twos, _mm512_permute_ps(twos, 0xB1));
  const __m512i order = _mm512_setr_epi32(0, 8, 4, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  _mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_permutexvar_ps(order, ones)));
}
#endif

INLINE float f32_max_magnitude_32(const void *p) {
  const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
  __m256i most = _mm256_setzero_si256();
  UNROLL for (int i = 0; i < 4; i++)
    most = _mm256_max_epi32(most, _mm256_and_si256(int_load((const uint8_t *)p + 32 * i), magnitude));
  __m128i m = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
  m = _mm_max_epi32(m, _mm_shuffle_epi32(m, 0x4e));
  m = _mm_max_epi32(m, _mm_shuffle_epi32(m, 0xb1));
  return float_of((uint32_t)_mm_cvtsi128_si32(m));
}

INLINE void f32_scale_to_int8_32(uint8_t *out, const void *p, float factor) {
  const __m256 f = _mm256_set1_ps(factor);
  __m256i v[4];
  UNROLL for (int i = 0; i < 4; i++) v[i] = _mm256_cvtps_epi32(_mm256_mul_ps(f32x8_load((const uint8_t *)p + 32 * i), f));
  const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
  /* packing went by 128-bit halves: each 32-bit lane holds four neighbours, in the order 0 2 4 6 1 3 5 7 */
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  _mm256_storeu_si256((__m256i *)out, _mm256_permutevar8x32_epi32(bytes, order));
}

/* The sum over groups of 16 of scale * dot(q, x), q and x int8 but never -128: exact, for a pair of products has 15 bits. */
INLINE int32_t dot_groups(const int8_t *q, const uint8_t *x, const int16_t *scale, const int groups) {
  __m256i sum = _mm256_setzero_si256();
  UNROLL for (int g = 0; g < groups; g += 2) {
    const __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)(q + 16 * g));
    const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(x + 16 * g));
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(v, w));
    const __m256i s = _mm256_set_m128i(_mm_set1_epi16(scale[g + 1]), _mm_set1_epi16(scale[g]));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, s));
  }
  __m128i m = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  m = _mm_add_epi32(m, _mm_shuffle_epi32(m, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(m, _mm_shuffle_epi32(m, 0xb1)));
}

#endif
