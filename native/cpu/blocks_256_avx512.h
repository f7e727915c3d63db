/* The numbers of blocks of 256 in AVX-512, 64 of them a register. */
#ifndef HEARTH_BLOCKS_256_AVX512_H
#define HEARTH_BLOCKS_256_AVX512_H

#include "blocks_256_avx2.h"

/* 32 bytes twice, shifted right by so many bits, or left by fewer than none. */
INLINE __m512i twice_shifted(const uint8_t *p, const int low, const int high) {
  const __m512i v = _mm512_broadcast_i64x4(int_load(p));
  const int left = low < 0 || high < 0, first = left ? -low : low, second = left ? -high : high;
  const __m512i by = _mm512_setr_epi64(first, first, first, first, second, second, second, second);
  return left ? _mm512_sllv_epi64(v, by) : _mm512_srlv_epi64(v, by);
}

/* v's bits of the mask, and in others those of more. */
INLINE __m512i bits_with(__m512i v, const int mask, __m512i more, const int more_mask) {
  return _mm512_or_si512(_mm512_and_si512(v, _mm512_set1_epi8((char)mask)), _mm512_and_si512(more, _mm512_set1_epi8((char)more_mask)));
}

/* Numbers 64 j to 64 j + 63 of a block, as b256_load has them. */
INLINE __m512i b256_numbers(const uint8_t *w, const int j, const int type) {
  const int i = 2 * j, pairs = i % 4 * 2;
  switch (type) {
    case HEARTH_Q2_K: return _mm512_and_si512(twice_shifted(w + 16 + j / 2 * 32, pairs, pairs + 2), _mm512_set1_epi8(3));
    case HEARTH_Q3_K: return bits_with(twice_shifted(w + 32 + j / 2 * 32, pairs, pairs + 2), 3, twice_shifted(w, i - 2, i - 1), 4);
    case HEARTH_Q4_K: return _mm512_and_si512(twice_shifted(w + 16 + j * 32, 0, 4), _mm512_set1_epi8(15));
    case HEARTH_Q5_K: return bits_with(twice_shifted(w + 48 + j * 32, 0, 4), 15, twice_shifted(w + 16, i - 4, i - 3), 16);
    default:
      return bits_with(_mm512_srl_epi16(_mm512_loadu_si512(w + j / 2 * 64), _mm_cvtsi32_si128(j % 2 * 4)), 15,
                       twice_shifted(w + 128 + j / 2 * 32, pairs - 4, pairs - 2), 48);
  }
}

#endif
