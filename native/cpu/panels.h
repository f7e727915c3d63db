/* Panels of LANES rows of a weight, packed so that a tile reads them in order: a unit is one number, or four bytes, of each
 * row.
 *   types of 32, each block: scales as f32; minima as f32 where the type has them; eight units of four neighbours
 *   types of 256, each block: the scale and that of minima as f32; a unit for each group's scale; one for the counterparts of
 *     two groups, minima or scale times offset, as pairs of int16; 64 units of four neighbours
 * Where a tile multiplies by VNNI, numbers are unsigned: those of int8 count from 128. */
#ifndef HEARTH_PANELS_H
#define HEARTH_PANELS_H

#include "blocks_256_avx2.h"
#include "blocks_32_avx2.h"

#define UNIT (4 * LANES)

/* One half of a unit. */
INLINE void put_half(uint8_t *unit, const int half, __m256i v) {
  _mm256_store_si256((__m256i *)(void *)(unit + 32 * half), v);
}
INLINE void put_half_f32(uint8_t *unit, const int half, __m256 v) { _mm256_store_ps((float *)(void *)(unit + 32 * half), v); }

/* 32 numbers of LANES rows to eight units; where there are sixteen rows a register has rows i and i + 8. */
INLINE void put_numbers(uint8_t *units, wide *v) {
  wide_transpose8(v);
  UNROLL for (int i = 0; i < 8; i++) wide_store(units + UNIT * i, v[i]);
}

INLINE int64_t p32_block(const int minima) { return UNIT * (minima ? 10 : 9); }

/* Numbers of a block as a tile takes them. */
INLINE __m256i b32_numbers(const uint8_t *w, const int type) {
  const __m256i v = b32_load(w, type);
  return HEARTH_VNNI && !b32_nibbles(type) && !b32_minima(type) ? _mm256_xor_si256(v, _mm256_set1_epi8(-128)) : v;
}

/* 16 bytes of nibbles of LANES rows to eight units: they are transposed, then parted. */
INLINE void put_nibbles_32(const uint8_t *w, int64_t stride, uint8_t *units, const int type) {
  wide v[4];
  UNROLL for (int i = 0; i < 4; i++) v[i] = wide_pieces(w + b32_numbers_at(type) + i * stride, 4 * stride);
  wide_transpose4(v);
  UNROLL for (int i = 0; i < 4; i++) {
    wide low = wide_bits(v[i], 0, 15), high = wide_bits(v[i], 4, 15);
    if (!b32_nibbles(type)) {
      const __m128i counted = _mm_xor_si128(b32_codes(type), _mm_set1_epi8(HEARTH_VNNI ? -128 : 0));
      low = wide_coded(low, counted);
      high = wide_coded(high, counted);
    }
    wide_store(units + UNIT * i, low);
    wide_store(units + UNIT * (4 + i), high);
  }
}

/* Which block of a panel holds block b: in order, or those of a partial sum one after the other. */
INLINE int64_t p32_index(int64_t b, int64_t blocks) {
  return P32_STEP == 1 ? b : b % 8 * (blocks / 8) + least(b % 8, blocks % 8) + b / 8;
}

/* Scales and minima of the blocks of a panel: where few bytes hold those of four blocks, of as many together. */
INLINE void b32_pack_scales(const uint8_t *w, int64_t stride, uint8_t *first, int64_t blocks, const int type) {
  const int64_t bytes = b32_bytes(type), panel_block = p32_block(b32_minima(type));
  const int kinds = b32_minima(type) ? 2 : 1;
  int64_t b = 0;
  if (LANES == 16 && bytes >= 18 && bytes <= 20)
    for (; b + 4 <= blocks; b += 4)
      UNROLL for (int k = 0; k < kinds; k++) {
        widef v[4];
        wide_f16_of_four(w + bytes * b + 2 * k, stride, (int)bytes, v);
        UNROLL for (int i = 0; i < 4; i++) widef_put(first + panel_block * p32_index(b + i, blocks) + UNIT * k, v[i]);
      }
  for (; b < blocks; b++)
    UNROLL for (int half = 0; half < LANES / 8; half++) {
      const uint8_t *from = w + bytes * b + 8 * half * stride;
      uint8_t *panel = first + panel_block * p32_index(b, blocks);
      put_half_f32(panel, half, b32_scales(from, stride, 8, type));
      if (b32_minima(type)) put_half_f32(panel + UNIT, half, f16_scales(from + 2, stride, 8));
    }
}

INLINE void b32_pack(const linear_call *c, int64_t row, uint8_t *first, const int type) {
  const int64_t bytes = b32_bytes(type), stride = c->w_stride, blocks = c->n_in / 32;
  b32_pack_scales(c->w + row * stride, stride, first, blocks, type);
  for (int64_t b = 0; b < blocks; b++) {
    const uint8_t *w = c->w + row * stride + bytes * b;
    uint8_t *units = first + p32_block(b32_minima(type)) * p32_index(b, blocks) + (b32_minima(type) ? 2 * UNIT : UNIT);
    if (b32_all_nibbles(type)) {
      put_nibbles_32(w, stride, units, type);
      continue;
    }
    wide v[8];
    UNROLL for (int i = 0; i < 8; i++)
      v[i] = wide_pair(b32_numbers(w + i * stride, type), b32_numbers(w + (i + LANES - 8) * stride, type));
    put_numbers(units, v);
  }
}

#define P256_SCALES (2 * UNIT)
#define P256_PAIRS(groups) ((2 + (groups)) * UNIT)
#define P256_NUMBERS(groups) ((2 + (groups) + (groups) / 2) * UNIT)
#define P256_BLOCK(groups) (P256_NUMBERS(groups) + 64 * UNIT)

/* A shuffle that takes these bytes of each 32-bit lane; -128 for 0. */
INLINE __m256i lane_bytes(int b0, int b1, int b2, int b3) {
  const __m128i lanes = _mm_setr_epi32(0, 0x04040404, 0x08080808, 0x0c0c0c0c);
  const int bytes = (int)((uint32_t)(b0 & 255) | (uint32_t)(b1 & 255) << 8 | (uint32_t)(b2 & 255) << 16 | (uint32_t)(b3 & 255) << 24);
  return _mm256_broadcastsi128_si256(_mm_add_epi8(_mm_set1_epi32(bytes), lanes));
}

/* Byte b of each lane, signed, as a scale is multiplied by: to int32, or to both halves as int16. */
INLINE __m256i scale_of(__m256i v, const int b) {
#if HEARTH_VNNI
  return _mm256_srai_epi32(_mm256_shuffle_epi8(v, lane_bytes(-128, -128, -128, b)), 24);
#else
  return _mm256_srai_epi16(_mm256_shuffle_epi8(v, lane_bytes(-128, b, -128, b)), 8);
#endif
}

/* Bytes b and b + 1 of each lane, signed, as int16. */
INLINE __m256i pair_of(__m256i v, const int b) {
  return _mm256_srai_epi16(_mm256_shuffle_epi8(v, lane_bytes(-128, b, -128, b + 1)), 8);
}

/* Of eight rows what the sums of groups 2 j and 2 j + 1 are multiplied by, shifted left; each vector four groups by rows. */
INLINE __m256i counted_pair(const __m256i *v, const int j, const int shift) {
  return _mm256_slli_epi16(pair_of(v[j / 2], j % 2 * 2), shift);
}

/* Of eight rows: scales, each vector four groups by rows, and what goes into the pairs, shifted left. */
INLINE void put_scales(uint8_t *block, const int half, const __m256i *scales, const __m256i *pairs, const int groups, const int shift) {
  UNROLL for (int g = 0; g < groups; g++) put_half(block + P256_SCALES + UNIT * g, half, scale_of(scales[g / 4], g % 4));
  UNROLL for (int j = 0; j < groups / 2; j++)
    put_half(block + P256_PAIRS(groups) + UNIT * j, half, counted_pair(pairs, j, shift));
}

/* Scales and minima of eight rows, four groups a vector. */
INLINE void b256_scale_bytes(const uint8_t *w, int64_t stride, __m256i *scales, __m256i *minima, const int type) {
  const __m256i nibble = _mm256_set1_epi8(15), six = _mm256_set1_epi8(63), upper = _mm256_set1_epi8(48);
  const int64_t at = type == HEARTH_Q2_K ? 0 : type == HEARTH_Q3_K ? 96 : type == HEARTH_Q6_K ? 192 : 4;
  const int words = type == HEARTH_Q2_K || type == HEARTH_Q6_K ? 4 : 3;
  __m256i u[4];
  UNROLL for (int i = 0; i < words; i++) {
    int32_t word[8];
    UNROLL for (int r = 0; r < 8; r++) word[r] = i32_at(w + r * stride + at + 4 * i);
    u[i] = int_load(word);
  }
  if (b256_groups(type) == 8) {
    scales[0] = _mm256_and_si256(u[0], six);
    scales[1] = _mm256_or_si256(_mm256_and_si256(u[2], nibble), _mm256_and_si256(_mm256_srli_epi16(u[0], 2), upper));
    minima[0] = _mm256_and_si256(u[1], six);
    minima[1] = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(u[2], 4), nibble), _mm256_and_si256(_mm256_srli_epi16(u[1], 2), upper));
    return;
  }
  UNROLL for (int i = 0; i < 4; i++) {
    switch (type) {
      case HEARTH_Q2_K:
        scales[i] = _mm256_and_si256(u[i], nibble);
        minima[i] = bits_of_bytes(u[i], 4, 15);
        break;
      case HEARTH_Q3_K:
        scales[i] = _mm256_sub_epi8(_mm256_or_si256(bits_of_bytes(u[i % 2], i / 2 * 4, 15), higher_bits(u[2], 2 * i, 3, 4)),
                                    _mm256_set1_epi8(32));
        break;
      default: scales[i] = u[i];
    }
  }
}

/* The numbers of a block of LANES rows, for types that keep two groups in the nibbles of 32 bytes: these are transposed, then
 * parted. */
INLINE void put_nibbles(const uint8_t *w, int64_t stride, uint8_t *units, const int type) {
  const int64_t at = type == HEARTH_Q4_K ? 16 : 48, high_row = (LANES - 8) * stride;
  wide fifth[8];
  if (type == HEARTH_Q5_K) {
    UNROLL for (int i = 0; i < 8; i++) fifth[i] = wide_pair(int_load(w + i * stride + 16), int_load(w + i * stride + high_row + 16));
    wide_transpose8(fifth);
  }
  UNROLL for (int p = 0; p < 4; p++) {
    wide v[8];
    UNROLL for (int i = 0; i < 8; i++) {
      const uint8_t *from = w + i * stride + at + 32 * p;
      v[i] = wide_pair(int_load(from), int_load(from + high_row));
    }
    wide_transpose8(v);
    UNROLL for (int i = 0; i < 8; i++) {
      wide even = wide_bits(v[i], 0, 15), odd = wide_bits(v[i], 4, 15);
      if (type == HEARTH_Q5_K) {
        even = wide_or(even, wide_sixteens(fifth[i], 2 * p));
        odd = wide_or(odd, wide_sixteens(fifth[i], 2 * p + 1));
      }
      wide_store(units + UNIT * (16 * p + i), even);
      wide_store(units + UNIT * (16 * p + 8 + i), odd);
    }
  }
}

INLINE void b256_pack(const linear_call *c, int64_t row, uint8_t *panel, const int type) {
  const int64_t bytes = b256_bytes(type), stride = c->w_stride;
  const int groups = b256_groups(type);
  for (int64_t b = 0; b < c->n_in / 256; b++, panel += P256_BLOCK(groups)) {
    const uint8_t *first = c->w + row * stride + bytes * b;
    UNROLL for (int half = 0; half < LANES / 8; half++) {
      const uint8_t *w = first + 8 * half * stride;
      __m256i scales[4], minima[4];
      put_half_f32(panel, half, f16_scales(w + b256_scale_at(type), stride, 8));
      if (b256_minima(type)) put_half_f32(panel + UNIT, half, f16_scales(w + b256_scale_at(type) + 2, stride, 8));
      b256_scale_bytes(w, stride, scales, minima, type);
      put_scales(panel, half, scales, b256_minima(type) ? minima : scales, groups, b256_minima(type) ? 0 : b256_offset_bits(type));
    }
    if (groups == 8) {
      put_nibbles(first, stride, panel + P256_NUMBERS(8), type);
      continue;
    }
    UNROLL for (int j = 0; j < 8; j++) {
      wide v[8];
      UNROLL for (int i = 0; i < 8; i++)
        v[i] = wide_pair(b256_load(first + i * stride, j, type), b256_load(first + (i + LANES - 8) * stride, j, type));
      put_numbers(panel + P256_NUMBERS(groups) + 8 * UNIT * j, v);
    }
  }
}

#if HEARTH_VNNI
/* The same by way of unpack, for types without minima: 16 groups, numbers from 128. */
INLINE void unpacked_pack(const linear_call *c, int64_t row, uint8_t *panel, unpack_block *unpack, const int bytes) {
  for (int64_t b = 0; b < c->n_in / 256; b++, panel += P256_BLOCK(16)) {
    unpacked u[LANES];
    for (int i = 0; i < LANES; i++) unpack(c->w + (row + i) * c->w_stride + bytes * b, u + i);
    UNROLL for (int half = 0; half < LANES / 8; half++) {
      float d[8];
      int8_t bytes_of[4][32];
      for (int i = 0; i < 8; i++) {
        d[i] = u[8 * half + i].d[0];
        for (int g = 0; g < 16; g++) bytes_of[g / 4][4 * i + g % 4] = (int8_t)u[8 * half + i].scale[g];
      }
      __m256i scales[4];
      UNROLL for (int i = 0; i < 4; i++) scales[i] = int_load(bytes_of[i]);
      put_half_f32(panel, half, f32x8_load(d));
      put_scales(panel, half, scales, scales, 16, 7);
    }
    for (int j = 0; j < 8; j++) {
      wide v[8];
      UNROLL for (int i = 0; i < 8; i++) {
        const __m256i low = int_load(u[i].q + 32 * j), high = int_load(u[i + LANES - 8].q + 32 * j), from = _mm256_set1_epi8(-128);
        v[i] = wide_pair(_mm256_xor_si256(low, from), _mm256_xor_si256(high, from));
      }
      put_numbers(panel + P256_NUMBERS(16) + 8 * UNIT * j, v);
    }
  }
}
#endif

#endif
