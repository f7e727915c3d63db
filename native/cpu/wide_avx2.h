/* What a tile is made of in AVX2: registers of eight rows. */
#ifndef HEARTH_WIDE_H
#define HEARTH_WIDE_H

#include "dots_avx2.h"

/* Rows of a panel, and tokens of a tile of two panels: of types of 32 at most, and of many tokens, as measured; of types of 256. */
#define LANES 8
#define TILE_TOKENS 4
#define BEST_TOKENS 4
#define TILE_TOKENS_256 4
/* From a block of 32 to the next that a tile takes: 8 keeps one partial sum after the other in registers, 1 all of them in memory. */
#define P32_STEP 1
/* Numbers that streams of types of 32 take together. */
#define LAID 256

typedef __m256i wide;
typedef __m256 widef;

/* Hides an integer sum from clang, which otherwise re-associates them, token by token, and spills the weights. */
#define KEEP(v) __asm__("" : "+x"(v))

/* Tokens from which on panels are packed, as measured: the dearer the packing, the later. */
INLINE int64_t fewest_packed(const int type) { return type == HEARTH_Q6_K ? 16 : 4; }

/* Most tokens for which activations are turned, as measured: where panels of the type are dear. */
INLINE int64_t most_turned(const int type) { return type == HEARTH_Q5_K || type == HEARTH_Q6_K ? 4 * LANES : 0; }

INLINE wide wide_zero(void) { return _mm256_setzero_si256(); }
INLINE wide wide_load(const uint8_t *p) { return _mm256_load_si256((const __m256i *)(const void *)p); }
INLINE void wide_store(uint8_t *p, wide v) { _mm256_store_si256((__m256i *)(void *)p, v); }
/* Two rows where a register has room for them, else the first. */
INLINE wide wide_pair(__m256i low, __m256i high) {
  (void)high;
  return low;
}
INLINE void wide_transpose8(wide *v) { transpose8(v); }
/* 16 bytes that a register has room for several of, stride bytes apart. */
INLINE wide wide_pieces(const uint8_t *p, int64_t stride) {
  return _mm256_set_m128i(_mm_loadu_si128((const __m128i *)(const void *)(p + stride)), _mm_loadu_si128((const __m128i *)(const void *)p));
}
/* The same of 32 bytes: their first halves, and their second ones. */
INLINE void wide_halves(const uint8_t *p, int64_t stride, wide *half) {
  UNROLL for (int i = 0; i < 2; i++) half[i] = wide_pieces(p + 16 * i, stride);
}
INLINE void wide_transpose4(wide *v) { transpose4(v); }
/* Bytes to the codes that they are numbers of. */
INLINE wide wide_coded(wide v, __m128i codes) { return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(codes), v); }
INLINE wide wide_or(wide a, wide b) { return _mm256_or_si256(a, b); }
/* Of each byte the bits of the mask, from shift on. */
INLINE wide wide_bits(wide v, const int shift, const int mask) {
  return _mm256_and_si256(_mm256_srli_epi16(v, shift), _mm256_set1_epi8((char)mask));
}
/* 16 for each byte whose bit is set. */
INLINE wide wide_sixteens(wide v, const int bit) {
  return _mm256_and_si256(bit < 4 ? _mm256_slli_epi16(v, 4 - bit) : _mm256_srli_epi16(v, bit - 4), _mm256_set1_epi8(16));
}
/* 16 more for each byte whose bit is set: in every four lanes bytes 0 and 1 of the first have the sixteen bits, or bytes 2 and 3. */
INLINE wide wide_add_fifth(wide v, wide bits, const int half) {
  const wide bit = _mm256_set1_epi64x((int64_t)0x8040201008040201);
  const wide part = _mm256_set_epi64x(0x0101010101010101, 0, 0x0101010101010101, 0);
  const wide bytes = _mm256_shuffle_epi8(bits, half ? _mm256_add_epi8(part, _mm256_set1_epi8(2)) : part);
  return _mm256_add_epi8(v, _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit), _mm256_set1_epi8(16)));
}
INLINE wide wide_bytes(int v) { return _mm256_set1_epi8((char)v); }
/* int8 from 128 on. */
INLINE wide wide_flipped(wide v) { return _mm256_xor_si256(v, wide_bytes(-128)); }
INLINE wide wide_all(const uint8_t *p) { return _mm256_set1_epi32(i32_at(p)); }
INLINE wide wide_all2(const uint8_t *p) {
  int64_t v;
  memcpy(&v, p, 8);
  return _mm256_set1_epi64x(v);
}
INLINE wide wide_all4(const uint8_t *p) { return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)p)); }
/* Of every four lanes the first two, each twice. */
INLINE wide wide_twice(wide v) { return _mm256_shuffle_epi32(v, 0x50); }
/* Of every four lanes the sums of those two apart: a's, then b's. */
INLINE wide wide_fold1(wide a, wide b) { return fold1(a, b); }
/* Of every four lanes sums of neighbours: a's, then b's. */
INLINE wide wide_fold2(wide a, wide b) { return fold2(a, b); }
INLINE wide wide_add(wide a, wide b) { return _mm256_add_epi32(a, b); }
INLINE wide wide_sub(wide a, wide b) { return _mm256_sub_epi32(a, b); }
INLINE wide wide_multiply(wide a, wide b) { return _mm256_mullo_epi32(a, b); }
INLINE wide wide_dot4(wide sum, wide u, wide x) { return dot4(sum, u, x); }
/* sum + two neighbouring products of int16 a lane. */
INLINE wide wide_dot2(wide sum, wide a, wide b) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)); }
/* sum + part * scale, as scale_of has scales and dots have parts: int32 with VNNI, else pairs of int16. */
INLINE wide wide_add_scaled(wide sum, wide part, wide scale) {
#if HEARTH_VNNI
  return wide_add(sum, wide_multiply(part, scale));
#else
  return wide_dot2(sum, part, scale);
#endif
}
INLINE widef wide_float(wide v) { return _mm256_cvtepi32_ps(v); }
INLINE widef widef_zero(void) { return _mm256_setzero_ps(); }
INLINE widef widef_load(const uint8_t *p) { return _mm256_load_ps((const float *)(const void *)p); }
INLINE widef widef_of(wide bits) { return _mm256_castsi256_ps(bits); }
INLINE widef widef_all(const uint8_t *p) { return _mm256_set1_ps(f32_at(p)); }
/* A number in F16 of each of four blocks of LANES rows; of sixteen alone. */
INLINE void wide_f16_of_four(const uint8_t *w, int64_t stride, const int bytes, widef *v) {
  UNROLL for (int i = 0; i < 4; i++) v[i] = f16_scales(w + i * bytes, stride, 8);
}
INLINE void widef_put(uint8_t *p, widef v) { _mm256_store_ps((float *)(void *)p, v); }
INLINE widef widef_add(widef a, widef b) { return _mm256_add_ps(a, b); }
INLINE widef widef_multiply(widef a, widef b) { return _mm256_mul_ps(a, b); }
INLINE widef widef_fma(widef a, widef b, widef c) { return _mm256_fmadd_ps(a, b, c); }
INLINE widef widef_minus_product(widef a, widef b, widef c) { return _mm256_fnmadd_ps(a, b, c); }
INLINE void widef_store(float *p, widef v) { _mm256_storeu_ps(p, v); }

#endif
