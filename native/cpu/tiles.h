/* Products of packed panels: two panels by one to TILE_TOKENS tokens at a time, with their eight partial sums in memory.
 * Without VNNI small numbers are added up as int16 first. */
#ifndef HEARTH_TILES_H
#define HEARTH_TILES_H

#include "panels.h"

/* What all tiles of a panel have in common. */
typedef struct {
  const linear_call *c;
  const uint8_t *panel; /* the first of two */
  int64_t panel_bytes, row;
  const uint8_t *sums; /* of activations: those of types of 32 as int32, of 256 as int16 */
  int64_t sums_stride;
  const uint8_t *next; /* where the rows begin that are packed after these, fetched a little with each block by the first tile */
  int64_t ahead;       /* bytes to fetch a block; 0 for none */
} tiles;

/* Adds the eight partial sums of a tile up; that of panel p and token t is at p * T + t. */
INLINE void store_tile(const tiles *a, widef (*partial)[2 * TILE_TOKENS], int64_t token, const int T) {
  UNROLL for (int t = 0; t < T; t++) UNROLL for (int p = 0; p < 2; p++) {
    const int i = p * T + t;
    const widef even = widef_add(widef_add(partial[0][i], partial[4][i]), widef_add(partial[2][i], partial[6][i]));
    const widef odd = widef_add(widef_add(partial[1][i], partial[5][i]), widef_add(partial[3][i], partial[7][i]));
    widef_store(a->c->out + (token + t) * a->c->out_stride + a->row + LANES * p, widef_add(even, odd));
  }
}

INLINE void fetch_ahead(const tiles *a, int64_t block, int64_t ahead) {
  for (int64_t i = 0; i < ahead; i += 64) prefetch(a->next, block * ahead + i);
}

/* The lines that a tile will be stored to, which a weight's other rows have pushed out of the caches. */
INLINE void fetch_out(const tiles *a, int64_t token, const int T) {
  UNROLL for (int t = 0; t < T; t++) {
    const uint8_t *out = (const uint8_t *)(a->c->out + (token + t) * a->c->out_stride + a->row);
    UNROLL for (int i = 0; i < 2 * UNIT; i += 64) prefetch(out, i);
  }
}

/* sum += one block of 32. nibbles and minima: as b32_nibbles and b32_minima have it. */
INLINE void tile_32_block(const tiles *a, const uint8_t *panel, const uint8_t *x, const uint8_t *scales, const uint8_t *sums,
                          widef *sum, const int nibbles, const int minima, const int T) {
  const int64_t x_stride = a->c->x_stride;
  wide dot[2 * TILE_TOKENS];
  UNROLL for (int i = 0; i < 2 * T; i++) dot[i] = wide_zero();
  UNROLL for (int k = 0; k < 8; k++) {
    wide w[2];
    UNROLL for (int p = 0; p < 2; p++) w[p] = wide_load(panel + p * a->panel_bytes + UNIT * ((minima ? 2 : 1) + k));
    UNROLL for (int t = 0; t < T; t++) {
      const wide y = wide_all(x + t * x_stride + 4 * k);
      UNROLL for (int p = 0; p < 2; p++) {
        wide *d = dot + p * T + t;
#if HEARTH_VNNI
        *d = wide_dot4(*d, w[p], y);
#else
        if (nibbles) /* 8 * 2 * 15 * 127 = 30480 fits int16 */
          *d = k ? _mm256_add_epi16(*d, _mm256_maddubs_epi16(w[p], y)) : _mm256_maddubs_epi16(w[p], y);
        else
          *d = signed_dot4(*d, _mm256_abs_epi8(w[p]), w[p], y);
#endif
        KEEP(*d);
      }
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const widef dx = widef_all(scales + t * x_stride);
    const wide s = minima || nibbles || HEARTH_VNNI ? wide_all(sums + t * a->sums_stride) : wide_zero();
    UNROLL for (int p = 0; p < 2; p++) {
      const uint8_t *block = panel + p * a->panel_bytes;
      wide d = dot[p * T + t];
#if !HEARTH_VNNI
      if (nibbles) d = _mm256_madd_epi16(d, _mm256_set1_epi16(1));
#endif
      if (!minima && (nibbles || HEARTH_VNNI)) d = wide_sub(d, s);
      widef *v = sum + p * T + t;
      *v = widef_fma(widef_multiply(widef_load(block), dx), wide_float(d), *v);
      if (minima) *v = widef_fma(widef_multiply(widef_load(block + UNIT), dx), wide_float(s), *v);
    }
  }
}

INLINE void tile_32(const tiles *a, int64_t token, int64_t ahead, const int nibbles, const int minima, const int T) {
  const linear_call *c = a->c;
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in, *sums = a->sums + token * a->sums_stride;
  widef partial[8][2 * TILE_TOKENS], sum[2 * TILE_TOKENS];
  fetch_out(a, token, T);
  UNROLL for (int j = 0; j < 8; j++) UNROLL for (int i = 0; i < 2 * T; i++) partial[j][i] = widef_zero();
  for (int64_t b = 0; b < c->n_in / 32; b++) {
    fetch_ahead(a, b, ahead);
    /* load all, add, store all: the fastest of the ways tried */
    UNROLL for (int i = 0; i < 2 * T; i++) sum[i] = partial[b & 7][i];
    tile_32_block(a, a->panel + b * p32_block(minima), x + 32 * b, scales + 4 * b, sums + 4 * b, sum, nibbles, minima, T);
    UNROLL for (int i = 0; i < 2 * T; i++) partial[b & 7][i] = sum[i];
  }
  store_tile(a, partial, token, T);
}

/* sum += one block of 256. most: how many products of pairs fit an int16 together. */
INLINE void tile_256_block(const tiles *a, const uint8_t *panel, const uint8_t *x, const uint8_t *scales, const uint8_t *sums,
                           widef *sum, const int groups, const int most, const int minima, const int T) {
  const int64_t x_stride = a->c->x_stride;
  const int units = 64 / groups;
  wide dot[2 * TILE_TOKENS];
  UNROLL for (int i = 0; i < 2 * T; i++) dot[i] = wide_zero();
  NO_UNROLL for (int g = 0; g < groups; g++) {
    wide part[2 * TILE_TOKENS];
    UNROLL for (int k = 0; k < units; k++) {
      wide w[2];
      UNROLL for (int p = 0; p < 2; p++) w[p] = wide_load(panel + p * a->panel_bytes + P256_NUMBERS(groups) + UNIT * (units * g + k));
      UNROLL for (int t = 0; t < T; t++) {
        const wide y = wide_all(x + t * x_stride + 4 * (units * g + k));
        UNROLL for (int p = 0; p < 2; p++) {
          wide *d = part + p * T + t;
#if HEARTH_VNNI
          *d = wide_dot4(k ? *d : wide_zero(), w[p], y);
#else
          *d = k % most ? _mm256_add_epi16(*d, _mm256_maddubs_epi16(w[p], y)) : _mm256_maddubs_epi16(w[p], y);
#endif
          KEEP(*d);
        }
      }
      if (k + 1 < units && (HEARTH_VNNI || (k + 1) % most)) continue;
      UNROLL for (int p = 0; p < 2; p++) {
        const wide scale = wide_load(panel + p * a->panel_bytes + P256_SCALES + UNIT * g);
        UNROLL for (int t = 0; t < T; t++) {
          wide *d = dot + p * T + t;
#if HEARTH_VNNI
          *d = wide_add(*d, wide_multiply(part[p * T + t], scale));
#else
          *d = wide_dot2(*d, part[p * T + t], scale);
#endif
        }
      }
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const widef dx = widef_all(scales + t * x_stride);
    UNROLL for (int p = 0; p < 2; p++) {
      const uint8_t *block = panel + p * a->panel_bytes;
      wide low = wide_zero();
      UNROLL for (int j = 0; j < groups / 2; j++)
        low = wide_dot2(low, wide_load(block + P256_PAIRS(groups) + UNIT * j), wide_all(sums + t * a->sums_stride + 4 * j));
      widef *v = sum + p * T + t;
      wide d = dot[p * T + t];
      if (!minima) d = wide_sub(d, low);
      *v = widef_fma(widef_multiply(widef_load(block), dx), wide_float(d), *v);
      if (minima) *v = widef_minus_product(widef_multiply(widef_load(block + UNIT), dx), wide_float(low), *v);
    }
  }
}

INLINE void tile_256(const tiles *a, int64_t token, int64_t ahead, const int groups, const int most, const int minima, const int T) {
  const linear_call *c = a->c;
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in, *sums = a->sums + token * a->sums_stride;
  widef partial[8][2 * TILE_TOKENS], sum[2 * TILE_TOKENS];
  fetch_out(a, token, T);
  UNROLL for (int j = 0; j < 8; j++) UNROLL for (int i = 0; i < 2 * T; i++) partial[j][i] = widef_zero();
  for (int64_t b = 0; b < c->n_in / 256; b++) {
    fetch_ahead(a, b, ahead);
    UNROLL for (int i = 0; i < 2 * T; i++) sum[i] = partial[b & 7][i];
    tile_256_block(a, a->panel + b * P256_BLOCK(groups), x + 256 * b, scales + 4 * b, sums + 2 * groups * b, sum, groups, most, minima, T);
    UNROLL for (int i = 0; i < 2 * T; i++) partial[b & 7][i] = sum[i];
  }
  store_tile(a, partial, token, T);
}

/* All tokens of one kind of tile; the first tile fetches. */
#define ALL_TILES(name, tile, most_tokens, ...)                                             \
  static void name(const tiles *a) {                                                        \
    int64_t t = 0, ahead = a->ahead;                                                        \
    const int64_t n = a->c->n_tokens;                                                       \
    for (; t + (most_tokens) <= n; t += (most_tokens), ahead = 0) tile(a, t, ahead, __VA_ARGS__, (most_tokens)); \
    if ((most_tokens) > 4 && n - t >= 4) {                                                  \
      tile(a, t, ahead, __VA_ARGS__, 4);                                                    \
      t += 4;                                                                               \
      ahead = 0;                                                                            \
    }                                                                                       \
    if (n - t >= 2) {                                                                       \
      tile(a, t, ahead, __VA_ARGS__, 2);                                                    \
      t += 2;                                                                               \
    }                                                                                       \
    if (n - t == 1) tile(a, t, ahead, __VA_ARGS__, 1);                                      \
  }

typedef void panel_packer(const linear_call *c, int64_t row, uint8_t *panel);
typedef void panel_product(const tiles *a);

/* All rows, two panels at a time; there are at least as many. The last two panels reach back over rows that were done: they
 * come to the same again. bytes: of one panel packed; ahead: of a block of one row. */
INLINE void by_panels(const linear_call *c, uint8_t *panel, int64_t bytes, int64_t ahead, const uint8_t *sums, int64_t sums_stride,
                      panel_packer *pack, panel_product *product) {
  tiles a = {c, panel, bytes, 0, sums, sums_stride, 0, 0};
  for (int64_t next = c->row0; next < c->row1;) {
    a.row = least(next, c->row1 - 2 * LANES);
    next = a.row + 2 * LANES;
    for (int p = 0; p < 2; p++) pack(c, a.row + p * LANES, panel + p * bytes);
    a.next = c->w + next * c->w_stride;
    a.ahead = next < c->row1 ? 2 * LANES * ahead : 0;
    product(&a);
  }
}

#endif
