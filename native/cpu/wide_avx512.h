/* What a tile is made of in AVX-512 with VNNI: registers of sixteen rows; wide_avx2.h says what each function means. */
#ifndef HEARTH_WIDE_H
#define HEARTH_WIDE_H

#include "dots_avx2.h"

#define LANES 16
#define TILE_TOKENS 6
#define BEST_TOKENS 5
#define TILE_TOKENS_256 6
/* From a block of 32 to the next that a tile takes: 8 keeps one partial sum after the other in registers, 1 all of them in memory. */
#define P32_STEP 8
/* Numbers that streams of types of 32 take together. */
#define LAID 512

typedef __m512i wide;
typedef __m512 widef;

#define KEEP(v) __asm__("" : "+v"(v))

INLINE int64_t fewest_packed(const int type) { return type == HEARTH_Q8_0 ? 8 : 5; }
INLINE int64_t most_turned(const int type) {
  return type == HEARTH_Q2_K || type == HEARTH_Q3_K || type == HEARTH_Q4_K || type == HEARTH_Q5_K || type == HEARTH_Q6_K ? 4 * LANES : 0;
}

INLINE wide wide_zero(void) { return _mm512_setzero_si512(); }
INLINE wide wide_load(const uint8_t *p) { return _mm512_load_si512((const void *)p); }
INLINE void wide_store(uint8_t *p, wide v) { _mm512_store_si512((void *)p, v); }
INLINE wide wide_pair(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }
INLINE void wide_transpose4(wide *v) {
  const __m512i a = _mm512_unpacklo_epi32(v[0], v[1]), b = _mm512_unpackhi_epi32(v[0], v[1]);
  const __m512i c = _mm512_unpacklo_epi32(v[2], v[3]), d = _mm512_unpackhi_epi32(v[2], v[3]);
  v[0] = _mm512_unpacklo_epi64(a, c);
  v[1] = _mm512_unpackhi_epi64(a, c);
  v[2] = _mm512_unpacklo_epi64(b, d);
  v[3] = _mm512_unpackhi_epi64(b, d);
}
INLINE void wide_transpose8(wide *v) { /* in both halves */
  const __m512i lows = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), highs = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  wide_transpose4(v);
  wide_transpose4(v + 4);
  UNROLL for (int i = 0; i < 4; i++) {
    const wide low = v[i], high = v[i + 4];
    v[i] = _mm512_permutex2var_epi64(low, lows, high);
    v[i + 4] = _mm512_permutex2var_epi64(low, highs, high);
  }
}
INLINE wide wide_pieces(const uint8_t *p, int64_t stride) {
  __m128i v[4];
  UNROLL for (int i = 0; i < 4; i++) v[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + i * stride));
  const wide two = _mm512_inserti32x4(_mm512_castsi128_si512(v[0]), v[1], 1);
  return _mm512_inserti32x4(_mm512_inserti32x4(two, v[2], 2), v[3], 3);
}
INLINE void wide_halves(const uint8_t *p, int64_t stride, wide *half) {
  wide v[2];
  UNROLL for (int i = 0; i < 2; i++) v[i] = wide_pair(int_load(p + 2 * i * stride), int_load(p + (2 * i + 1) * stride));
  half[0] = _mm512_shuffle_i64x2(v[0], v[1], 0x88);
  half[1] = _mm512_shuffle_i64x2(v[0], v[1], 0xDD);
}
INLINE wide wide_coded(wide v, __m128i codes) { return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(codes), v); }
INLINE wide wide_or(wide a, wide b) { return _mm512_or_si512(a, b); }
/* Not by the intrinsic with an immediate, whose type differs between compilers; it comes to the same instruction. */
INLINE wide wide_right(wide v, const int n) { return _mm512_srl_epi16(v, _mm_cvtsi32_si128(n)); }
INLINE wide wide_bits(wide v, const int shift, const int mask) {
  return _mm512_and_si512(wide_right(v, shift), _mm512_set1_epi8((char)mask));
}
INLINE wide wide_sixteens(wide v, const int bit) {
  return _mm512_and_si512(bit < 4 ? _mm512_sll_epi16(v, _mm_cvtsi32_si128(4 - bit)) : wide_right(v, bit - 4),
                          _mm512_set1_epi8(16));
}
INLINE wide wide_add_fifth(wide v, wide bits, const int half) {
  const wide part = _mm512_broadcast_i32x4(_mm_set_epi64x(half ? 0x0303030303030303 : 0x0101010101010101, half ? 0x0202020202020202 : 0));
  const __mmask64 set = _mm512_test_epi8_mask(_mm512_shuffle_epi8(bits, part), _mm512_set1_epi64((int64_t)0x8040201008040201));
  return _mm512_mask_add_epi8(v, set, v, _mm512_set1_epi8(16));
}
INLINE wide wide_bytes(int v) { return _mm512_set1_epi8((char)v); }
INLINE wide wide_flipped(wide v) { return _mm512_xor_si512(v, wide_bytes(-128)); }
INLINE wide wide_all(const uint8_t *p) { return _mm512_set1_epi32(i32_at(p)); }
INLINE wide wide_all2(const uint8_t *p) {
  int64_t v;
  memcpy(&v, p, 8);
  return _mm512_set1_epi64(v);
}
INLINE wide wide_all4(const uint8_t *p) { return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)p)); }
INLINE wide wide_twice(wide v) { return _mm512_shuffle_epi32(v, 0x50); }
INLINE wide wide_fold1(wide a, wide b) {
  return _mm512_add_epi32(_mm512_mask_blend_epi32(0xCCCC, a, b), _mm512_alignr_epi8(b, a, 8));
}
INLINE wide wide_fold2(wide a, wide b) {
  const __m512 x = _mm512_castsi512_ps(a), y = _mm512_castsi512_ps(b);
  return _mm512_add_epi32(_mm512_castps_si512(_mm512_shuffle_ps(x, y, 0x88)), _mm512_castps_si512(_mm512_shuffle_ps(x, y, 0xDD)));
}
INLINE wide wide_add(wide a, wide b) { return _mm512_add_epi32(a, b); }
INLINE wide wide_sub(wide a, wide b) { return _mm512_sub_epi32(a, b); }
INLINE wide wide_multiply(wide a, wide b) { return _mm512_mullo_epi32(a, b); }
INLINE wide wide_dot4(wide sum, wide u, wide x) { return _mm512_dpbusd_epi32(sum, u, x); }
INLINE wide wide_dot2(wide sum, wide a, wide b) { return _mm512_dpwssd_epi32(sum, a, b); }
INLINE wide wide_add_scaled(wide sum, wide part, wide scale) { return wide_add(sum, wide_multiply(part, scale)); }
INLINE widef wide_float(wide v) { return _mm512_cvtepi32_ps(v); }
INLINE widef widef_zero(void) { return _mm512_setzero_ps(); }
INLINE widef widef_load(const uint8_t *p) { return _mm512_load_ps((const void *)p); }
INLINE widef widef_of(wide bits) { return _mm512_castsi512_ps(bits); }
INLINE widef widef_all(const uint8_t *p) { return _mm512_set1_ps(f32_at(p)); }
INLINE void wide_f16_of_four(const uint8_t *w, int64_t stride, const int bytes, widef *v) {
  const short step = (short)(bytes / 2);
  const wide each = _mm512_mullo_epi16(_mm512_set1_epi16(step), _mm512_set_epi64(0x0003000300030003, 0x0003000300030003, 0x0002000200020002, 0x0002000200020002,
                                                                                  0x0001000100010001, 0x0001000100010001, 0, 0));
  wide rows[2]; /* in every eight words a block's */
  UNROLL for (int half = 0; half < 2; half++) {
    rows[half] = wide_zero();
    UNROLL for (int r = 0; r < 8; r++)
      rows[half] = _mm512_mask_permutexvar_epi16(rows[half], 0x01010101u << r, each, _mm512_loadu_si512(w + (8 * half + r) * stride));
  }
  UNROLL for (int i = 0; i < 4; i += 2) {
    const wide pick = _mm512_add_epi64(_mm512_set1_epi64(2 * i), _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11));
    const wide two = _mm512_permutex2var_epi64(rows[0], pick, rows[1]);
    v[i] = _mm512_cvtph_ps(_mm512_castsi512_si256(two));
    v[i + 1] = _mm512_cvtph_ps(_mm512_extracti64x4_epi64(two, 1));
  }
}
INLINE void widef_put(uint8_t *p, widef v) { _mm512_store_ps((void *)p, v); }
INLINE widef widef_add(widef a, widef b) { return _mm512_add_ps(a, b); }
INLINE widef widef_multiply(widef a, widef b) { return _mm512_mul_ps(a, b); }
INLINE widef widef_fma(widef a, widef b, widef c) { return _mm512_fmadd_ps(a, b, c); }
INLINE widef widef_minus_product(widef a, widef b, widef c) { return _mm512_fnmadd_ps(a, b, c); }
INLINE void widef_store(float *p, widef v) { _mm512_storeu_ps(p, v); }

#endif
