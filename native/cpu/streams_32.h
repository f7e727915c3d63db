/* hearth_linear for weights of 32 with A8_32 activations on x86, row by row as they lie in the file, LAID / 32 blocks at a time: a
 * register has a half, sixteen numbers, of each fourth of these blocks, so that a block's integer sums are four lanes, which are
 * transposed into one register. Activations are laid out like that once. */
#ifndef HEARTH_STREAMS_32_H
#define HEARTH_STREAMS_32_H

#include "groups_32_avx2.h"

/* From a block to the next one of the same register. */
#define FOURTH (4 * 32)

/* The numbers of whole LAIDs as b32_halves has those of weights. */
INLINE void lay_out(uint8_t *to, const uint8_t *x, int64_t n) {
  for (int64_t i = 0; i + LAID <= n; i += LAID)
    UNROLL for (int j = 0; j < 8; j++) wide_store(to + i + LAID / 8 * j, wide_pieces(x + i + 16 * j, FOURTH));
}

/* Whether numbers stay int8. */
INLINE int b32_signed(const int type) { return !HEARTH_VNNI && (type == HEARTH_Q8_0 || type == HEARTH_IQ4_NL); }

/* Both halves of blocks g, g + 4 and so on of those at w; what is not b32_signed is unsigned, from b32_from on. */
INLINE void b32_halves(const uint8_t *w, const int g, wide *half, const int type) {
  const int64_t bytes = b32_bytes(type), at = b32_numbers_at(type);
  const uint8_t *first = w + g * bytes;
  if (type == HEARTH_Q8_0) {
    wide_halves(first + at, 4 * bytes, half);
    if (!b32_signed(type)) UNROLL for (int i = 0; i < 2; i++) half[i] = wide_flipped(half[i]);
    return;
  }
  const wide pairs = wide_pieces(first + at, 4 * bytes);
  half[0] = wide_bits(pairs, 0, 15);
  half[1] = wide_bits(pairs, 4, 15);
  if (type == HEARTH_Q5_0 || type == HEARTH_Q5_1) {
    const wide bits = wide_pieces(first + at - 4, 4 * bytes);
    const int from = type == HEARTH_Q5_0 ? b32_from(type) - 16 : 0;
    UNROLL for (int i = 0; i < 2; i++) half[i] = wide_add_fifth(from ? wide_or(half[i], wide_bytes(from)) : half[i], bits, i);
  } else if (!b32_nibbles(type)) {
    const __m128i codes = _mm_add_epi8(b32_codes(type), _mm_set1_epi8((char)b32_from(type)));
    UNROLL for (int i = 0; i < 2; i++) half[i] = wide_coded(half[i], codes);
  }
}

/* The dots of such halves with activations laid out at x. */
INLINE wide halves_dot(const wide *half, const uint8_t *x, const int type) {
  const wide low = wide_load(x), high = wide_load(x + LAID / 8);
#if HEARTH_VNNI
  (void)type;
  return wide_dot4(wide_dot4(wide_zero(), half[0], low), half[1], high);
#else
  if (b32_signed(type))
    return signed_dot4(signed_dot4(wide_zero(), _mm256_abs_epi8(half[0]), half[0], low), _mm256_abs_epi8(half[1]), half[1], high);
  /* 4 * 31 * 127 = 15748 fits int16 */
  const wide pairs = _mm256_add_epi16(_mm256_maddubs_epi16(half[0], low), _mm256_maddubs_epi16(half[1], high));
  return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
#endif
}

/* The integer dots of the LAID / 32 blocks at w with T tokens, in order. */
INLINE void b32_dots(const uint8_t *w, const uint8_t *x, int64_t x_stride, wide *dot, const int type, const int T) {
  wide third[STREAM_TOKENS];
  UNROLL for (int g = 0; g < 4; g++) {
    wide half[2];
    b32_halves(w, g, half, type);
    UNROLL for (int t = 0; t < T; t++) {
      const wide d = halves_dot(half, x + t * x_stride + LAID / 4 * g, type);
      switch (g) {
        case 0: dot[t] = d; break;
        case 1: dot[t] = wide_fold1(dot[t], d); break;
        case 2: third[t] = d; break;
        default: dot[t] = wide_fold2(dot[t], wide_fold1(third[t], d));
      }
    }
  }
}

/* Rows [row, end) for T tokens. */
INLINE void b32_stream(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  const int64_t blocks = c->n_in / 32, bytes = b32_bytes(type), sums_stride = 4 * b32_sums_count(c->n_in);
  const int waits = T <= 2 || type == HEARTH_Q8_0; /* for memory more than it computes, as measured */
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in, *sums = b32_sums(c, token), *laid = b32_laid(c, token);
  for (; row < end; row++) {
    const uint8_t *w = c->w + row * c->w_stride;
    __m256 sum[STREAM_TOKENS];
    int64_t b = 0;
    UNROLL for (int t = 0; t < T; t++) sum[t] = _mm256_setzero_ps();
    for (; b + LAID / 32 <= blocks; b += LAID / 32, w += LAID / 32 * bytes) {
      wide dot[STREAM_TOKENS];
      UNROLL for (int i = 0; i < (LAID / 32 * bytes + 63) / 64; i++) {
        prefetch(w, (waits ? STREAM_NEAR : AHEAD) + 64 * i);
        if (waits) prefetch_far(w, STREAM_FAR + 64 * i);
      }
      b32_dots(w, laid + b * 32, laid_stride(c->n_in), dot, type, T);
      b32_add(w, scales + b * 4, c->x_stride, sums + b * 4, sums_stride, dot, sum, type, T);
    }
    if (LAID > 256 && b + 8 <= blocks) {
      b32_group(w, x + b * 32, scales + b * 4, c->x_stride, sums + b * 4, sums_stride, sum, type, 8, T);
      b += 8;
      w += 8 * bytes;
    }
    b32_tail(w, x + b * 32, scales + b * 4, c->x_stride, sums + b * 4, sums_stride, sum, type, blocks - b, T);
    UNROLL for (int t = 0; t < T; t++) c->out[(token + t) * c->out_stride + row] = f32x8_sum(sum[t]);
  }
}

#endif
