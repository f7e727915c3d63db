/* hearth_linear for block-quantised weights with int8 activations on x86: few tokens, or few rows, stream the rows; for some more
 * of a type whose panels are dear, activations are turned; else panels are packed into scratch. */
#ifndef HEARTH_LINEAR_BLOCKS_H
#define HEARTH_LINEAR_BLOCKS_H

#include "tiles.h"
#include "turned.h"
#include "unpacked.h"

INLINE int packed(const linear_call *c, const int type) {
  return c->n_tokens >= fewest_packed(type) && c->row1 - c->row0 >= 2 * LANES;
}

/* Tokens [first, last) by all rows, some rows at a time, which stay in the first-level cache; so many tokens at a time. */
#define ALL_STREAMS(name, stream)                                                                    \
  INLINE void name(const linear_call *c, int64_t first, int64_t last, const int type) {              \
    for (int64_t row = c->row0; row < c->row1; row += STREAM_ROWS) {                                 \
      const int64_t end = least(row + STREAM_ROWS, c->row1);                                         \
      int64_t t = first;                                                                             \
      for (; t + STREAM_TOKENS <= last; t += STREAM_TOKENS) stream(c, row, end, t, type, STREAM_TOKENS); \
      if (STREAM_TOKENS > 3 && last - t == 3) stream(c, row, end, t, type, 3);                       \
      if (last - t == 2) stream(c, row, end, t, type, 2);                                            \
      if (last - t == 1) stream(c, row, end, t, type, 1);                                            \
    }                                                                                                \
  }
ALL_STREAMS(b32_streams, b32_stream)
ALL_STREAMS(b256_streams, b256_stream)

INLINE void b32_streams_laid(const linear_call *c, const int type) {
  for (int64_t first = 0; first < c->n_tokens; first += LAID_TOKENS) {
    const int64_t last = least(first + LAID_TOKENS, c->n_tokens);
    for (int64_t t = first; t < last; t++) lay_out(b32_laid(c, t), c->x + t * c->x_stride, c->n_in);
    b32_streams(c, first, last, type);
  }
}

ALL_TILES(tiles_32_signed, tile_32, TILE_TOKENS, BEST_TOKENS, 0, 0)
ALL_TILES(tiles_32_signed_minima, tile_32, TILE_TOKENS, BEST_TOKENS, 0, 1)
#if HEARTH_VNNI /* an unsigned number is an unsigned number */
#define tiles_32_nibbles tiles_32_signed
#define tiles_32_nibbles_minima tiles_32_signed_minima
#else
ALL_TILES(tiles_32_nibbles, tile_32, TILE_TOKENS, BEST_TOKENS, 1, 0)
ALL_TILES(tiles_32_nibbles_minima, tile_32, TILE_TOKENS, BEST_TOKENS, 1, 1)
#endif
ALL_TILES(tiles_256_8, tile_256, TILE_TOKENS_256, TILE_TOKENS_256, 8, HEARTH_VNNI ? 8 : 4, 1)
ALL_TILES(tiles_256_16, tile_256, TILE_TOKENS_256, TILE_TOKENS_256, 16, HEARTH_VNNI ? 4 : 2, 0)
ALL_TILES(tiles_256_16_minima, tile_256, TILE_TOKENS_256, TILE_TOKENS_256, 16, 4, 1)
#if HEARTH_VNNI
#define tiles_q4_k tiles_256_8
#else
ALL_TILES(tiles_q4_k, tile_256, TILE_TOKENS_256, TILE_TOKENS_256, 8, 8, 1)
#endif

/* What the sums of activations are multiplied by; 0 where a type needs none. */
INLINE int b32_factor(const int type, const int in_panels) {
  if (b32_minima(type)) return 1;
  return in_panels && type != HEARTH_Q4_0 ? (HEARTH_VNNI ? -128 : 0) : -b32_from(type);
}

INLINE int64_t linear_b32_scratch(int64_t n_in, int64_t n_tokens, const int type) {
  const int64_t panels = n_tokens < fewest_packed(type) ? 0 : 2 * (n_in / 32) * p32_block(b32_minima(type));
  const int64_t laid = least(n_tokens, LAID_TOKENS) * laid_stride(n_in);
  return b32_sums_bytes(n_in, n_tokens) + (panels > laid ? panels : laid) + 64;
}

INLINE void linear_b32(const linear_call *c, const int type, panel_packer *pack, panel_product *product) {
  const int in_panels = packed(c, type), factor = b32_factor(type, in_panels);
  if (factor) b32_sum(c, factor);
  if (!in_panels) {
    b32_streams_laid(c, type);
    return;
  }
  uint8_t *panel = aligned(c->scratch) + b32_sums_bytes(c->n_in, c->n_tokens);
  by_panels(c, panel, c->n_in / 32 * p32_block(b32_minima(type)), b32_bytes(type), aligned(c->scratch),
            factor ? 4 * b32_sums_count(c->n_in) : 0, pack, product);
}

INLINE int turns(int64_t n_tokens, const int type) { return n_tokens >= 4 && n_tokens <= most_turned(type); }

/* Scratch of a type of 256: sums by 16 where it has so many groups, then panels or turned activations; never less than of fewer
 * tokens. */
INLINE int64_t panels_256_scratch(int64_t n_in, int64_t n_tokens, const int type) {
  const int groups = b256_groups(type);
  const int64_t panels = n_tokens < fewest_packed(type) ? 0 : 2 * (n_in / 256) * P256_BLOCK(groups);
  const int64_t turn = most_turned(type) == 0 ? 0 : turned_256_scratch(n_in, least(n_tokens, most_turned(type)), groups);
  return (groups == 16 ? b256_sums16_bytes(n_in, n_tokens) : 0) + (turn > panels ? turn : panels) + 64;
}

INLINE void panels_256(const linear_call *c, int64_t bytes, const int groups, panel_packer *pack, panel_product *product) {
  uint8_t *start = aligned(c->scratch);
  const int64_t blocks = c->n_in / 256;
  if (groups == 16)
    by_panels(c, start + b256_sums16_bytes(c->n_in, c->n_tokens), blocks * P256_BLOCK(16), bytes, start, c->n_in / 8, pack, product);
  else
    by_panels(c, start, blocks * P256_BLOCK(8), bytes, c->x + c->n_in + c->n_in / 64, c->x_stride, pack, product);
}

INLINE void linear_b256(const linear_call *c, const int type, panel_packer *pack, panel_product *product) {
  uint8_t *start = aligned(c->scratch);
  if (b256_groups(type) == 16) b256_sum16(c);
  if (turns(c->n_tokens, type) && c->row1 - c->row0 >= TURNED_ROWS) {
    if (b256_groups(type) == 16)
      by_turned_256(c, start + b256_sums16_bytes(c->n_in, c->n_tokens), start, c->n_in / 8, type, b256_minima(type) ? 4 : 2);
    else
      by_turned_256(c, start, c->x + c->n_in + c->n_in / 64, c->x_stride, type, type == HEARTH_Q4_K ? 8 : 4);
  } else if (packed(c, type) && !turns(c->n_tokens, type))
    panels_256(c, b256_bytes(type), b256_groups(type), pack, product);
  else
    b256_streams(c, 0, c->n_tokens, type);
}

#define BLOCKS_32(TYPE, name, product)                                                                                     \
  static int64_t name##_scratch(int64_t n_in, int64_t n_tokens) { return linear_b32_scratch(n_in, n_tokens, HEARTH_##TYPE); } \
  static void name##_pack(const linear_call *c, int64_t row, uint8_t *panel) { b32_pack(c, row, panel, HEARTH_##TYPE); }   \
  static void name##_blocks(const linear_call *c) { linear_b32(c, HEARTH_##TYPE, name##_pack, product); }
#define BLOCKS_256(TYPE, name, product)                                                                                    \
  static int64_t name##_scratch(int64_t n_in, int64_t n_tokens) {                                                          \
    return panels_256_scratch(n_in, n_tokens, HEARTH_##TYPE);                                                 \
  }                                                                                                                        \
  static void name##_pack(const linear_call *c, int64_t row, uint8_t *panel) { b256_pack(c, row, panel, HEARTH_##TYPE); }  \
  static void name##_blocks(const linear_call *c) { linear_b256(c, HEARTH_##TYPE, name##_pack, product); }

BLOCKS_32(Q8_0, q8_0, tiles_32_signed)
BLOCKS_32(Q4_0, q4_0, tiles_32_nibbles)
BLOCKS_32(Q4_1, q4_1, tiles_32_nibbles_minima)
BLOCKS_32(Q5_0, q5_0, tiles_32_signed)
BLOCKS_32(Q5_1, q5_1, tiles_32_signed_minima)
BLOCKS_32(IQ4_NL, iq4_nl, tiles_32_signed)
BLOCKS_32(MXFP4, mxfp4, tiles_32_signed)
BLOCKS_256(Q2_K, q2_k, tiles_256_16_minima)
BLOCKS_256(Q3_K, q3_k, tiles_256_16)
BLOCKS_256(Q4_K, q4_k, tiles_q4_k)
BLOCKS_256(Q5_K, q5_k, tiles_256_8)
BLOCKS_256(Q6_K, q6_k, tiles_256_16)

/* Types that nothing here takes apart: by unpack, row by row or, where numbers from 128 can be multiplied, in panels. */
#if HEARTH_VNNI
#define BLOCKS_OTHER(name, bytes)                                                                                         \
  static int64_t name##_scratch(int64_t n_in, int64_t n_tokens) {                                                         \
    const int64_t rows = linear_unpacked_scratch(n_in, n_tokens), panels = panels_256_scratch(n_in, n_tokens, HEARTH_IQ4_XS);        \
    return rows > panels ? rows : panels;                                                                                 \
  }                                                                                                                       \
  static void name##_pack(const linear_call *c, int64_t row, uint8_t *panel) { unpacked_pack(c, row, panel, unpack_##name, bytes); } \
  static void name##_blocks(const linear_call *c) {                                                                       \
    if (packed(c, HEARTH_IQ4_XS)) {                                                                                            \
      b256_sum16(c);                                                                                                      \
      panels_256(c, bytes, 16, name##_pack, tiles_256_16);                                                                \
    } else {                                                                                                              \
      linear_##name(c);                                                                                                   \
    }                                                                                                                     \
  }
#else
#define BLOCKS_OTHER(name, bytes)                                                                                         \
  static int64_t name##_scratch(int64_t n_in, int64_t n_tokens) { return linear_unpacked_scratch(n_in, n_tokens); }       \
  static void name##_blocks(const linear_call *c) { linear_##name(c); }
#endif
BLOCKS_OTHER(iq4_xs, 136)
BLOCKS_OTHER(tq1_0, 54)
BLOCKS_OTHER(tq2_0, 66)
BLOCKS_OTHER(iq1_s, 50)
BLOCKS_OTHER(iq1_m, 56)
BLOCKS_OTHER(iq2_xxs, 66)
BLOCKS_OTHER(iq2_xs, 74)
BLOCKS_OTHER(iq2_s, 82)
BLOCKS_OTHER(iq3_xxs, 98)
BLOCKS_OTHER(iq3_s, 110)

#define BLOCKS(TYPE, name) [HEARTH_##TYPE] = {name##_blocks, name##_scratch}
#define LINEAR_BLOCKS \
  {BLOCKS(Q8_0, q8_0), BLOCKS(Q4_0, q4_0), BLOCKS(Q4_K, q4_k), BLOCKS(Q6_K, q6_k), UNPACKED_ALL(BLOCKS)}

#endif
