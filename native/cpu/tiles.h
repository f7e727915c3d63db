/* Products of packed panels: two panels by one to TILE_TOKENS tokens at a time, with their eight partial sums.
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

/* Adds the eight partial sums of a tile up; that of panel p and token t is at p * T + t. Of up to four blocks the others are 0,
 * which a sum that is never -0 needn't have added. */
INLINE void store_tile(const tiles *a, widef (*partial)[2 * TILE_TOKENS_256], int64_t blocks, int64_t token, const int T) {
  UNROLL for (int t = 0; t < T; t++) UNROLL for (int p = 0; p < 2; p++) {
    const int i = p * T + t;
    widef v[4];
    UNROLL for (int j = 0; j < 4; j++) v[j] = blocks > 4 ? widef_add(partial[j][i], partial[j + 4][i]) : partial[j][i];
    widef_store(a->c->out + (token + t) * a->c->out_stride + a->row + LANES * p, widef_add(widef_add(v[0], v[2]), widef_add(v[1], v[3])));
  }
}

/* Partial sums of no block. */
INLINE void clear_partials(widef (*partial)[2 * TILE_TOKENS_256], int64_t blocks) {
  for (int64_t j = blocks; j < (blocks > 4 ? 8 : 4); j++) memset(partial[j], 0, sizeof(partial[j]));
}

INLINE void fetch_ahead(const tiles *a, int64_t block, int64_t ahead) {
  for (int64_t i = 0; i < ahead; i += 64) prefetch_far(a->next, block * ahead + i);
}

/* The lines that a tile will be stored to, which a weight's other rows have pushed out of the caches. */
INLINE void fetch_out(const tiles *a, int64_t token, const int T) {
  UNROLL for (int t = 0; t < T; t++) {
    const uint8_t *out = (const uint8_t *)(a->c->out + (token + t) * a->c->out_stride + a->row);
    UNROLL for (int i = 0; i < 2 * UNIT; i += 64) prefetch(out, i);
  }
}

/* The dots of one block of 32. nibbles and minima: as b32_nibbles and b32_minima have it. */
INLINE void tile_32_dots(const tiles *a, const uint8_t *panel, const uint8_t *x, const uint8_t *sums, wide *dot, const int nibbles,
                         const int minima, const int T) {
  const int64_t x_stride = a->c->x_stride;
  UNROLL for (int t = 0; t < T; t++) { /* with VNNI less what it adds that numbers count from elsewhere */
    const wide from = HEARTH_VNNI && !minima ? wide_all(sums + t * a->sums_stride) : wide_zero();
    UNROLL for (int p = 0; p < 2; p++) dot[p * T + t] = from;
  }
  UNROLL for (int k = 0; k < 8; k++) {
    wide w[2];
    UNROLL for (int p = 0; p < 2; p++) w[p] = wide_load(panel + p * a->panel_bytes + UNIT * ((minima ? 2 : 1) + k));
    UNROLL for (int t = 0; t < T; t++) {
      const wide y = wide_all(x + t * x_stride + 4 * k);
      UNROLL for (int p = 0; p < 2; p++) {
        wide *d = dot + p * T + t;
#if HEARTH_VNNI
        (void)nibbles;
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
}

INLINE void tile_32_add(const tiles *a, const uint8_t *panel, const uint8_t *scales, const uint8_t *sums, const wide *dot, widef *partial,
                        const int pairs, const int minima, const int T, const int begins) {
  UNROLL for (int t = 0; t < T; t++) {
    const widef dx = widef_all(scales + t * a->c->x_stride);
    const wide s = minima || pairs ? wide_all(sums + t * a->sums_stride) : wide_zero();
    UNROLL for (int p = 0; p < 2; p++) {
      const uint8_t *block = panel + p * a->panel_bytes;
      wide d = dot[p * T + t];
#if !HEARTH_VNNI
      if (pairs) d = _mm256_madd_epi16(d, _mm256_set1_epi16(1));
#endif
      if (pairs && !minima) d = wide_add(d, s);
      widef *v = partial + p * T + t;
      widef sum = widef_fma(widef_multiply(widef_load(block), dx), wide_float(d), begins ? widef_zero() : *v);
      if (minima) sum = widef_fma(widef_multiply(widef_load(block + UNIT), dx), wide_float(s), sum);
      *v = sum;
    }
  }
}

INLINE void tile_32(const tiles *a, int64_t token, int64_t ahead, const int nibbles, const int minima, const int T) {
  const linear_call *c = a->c;
  const uint8_t *x = c->x + token * c->x_stride, *sums = a->sums + token * a->sums_stride, *panel = a->panel;
  widef partial[8][2 * TILE_TOKENS_256];
  fetch_out(a, token, T);
  const int64_t blocks = c->n_in / 32;
  const int pairs = nibbles && !HEARTH_VNNI;
  clear_partials(partial, blocks);
  for (int64_t j = 0, n = 0; j < P32_STEP && j < blocks; j++) {
    widef sum[2 * TILE_TOKENS];
    UNROLL for (int i = 0; i < 2 * T; i++) sum[i] = widef_zero();
    for (int64_t b = j; b < blocks; b += P32_STEP, n++, panel += p32_block(minima)) {
      const uint8_t *scales = x + c->n_in + 4 * b;
      wide dot[2 * TILE_TOKENS];
      fetch_ahead(a, n, ahead);
      tile_32_dots(a, panel, x + 32 * b, sums + 4 * b, dot, nibbles, minima, T);
      if (P32_STEP == 8)
        tile_32_add(a, panel, scales, sums + 4 * b, dot, sum, pairs, minima, T, 0);
      else if (b < 8) /* these begin the partial sums */
        tile_32_add(a, panel, scales, sums + 4 * b, dot, partial[b & 7], pairs, minima, T, 1);
      else
        tile_32_add(a, panel, scales, sums + 4 * b, dot, partial[b & 7], pairs, minima, T, 0);
    }
    if (P32_STEP == 8) UNROLL for (int i = 0; i < 2 * T; i++) partial[j][i] = sum[i];
  }
  store_tile(a, partial, blocks, token, T);
}

/* The dots of one block of 256. most: how many products of pairs fit an int16 together. */
INLINE void tile_256_dots(const tiles *a, const uint8_t *panel, const uint8_t *x, wide *dot, const int groups, const int most, const int T) {
  const int64_t x_stride = a->c->x_stride;
  const int units = 64 / groups;
  UNROLL for (int i = 0; i < 2 * T; i++) dot[i] = wide_zero();
  NO_UNROLL for (int g = 0; g < groups; g++) {
    wide part[2 * TILE_TOKENS_256];
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
        UNROLL for (int t = 0; t < T; t++) dot[p * T + t] = wide_add_scaled(dot[p * T + t], part[p * T + t], scale);
      }
    }
  }
}

INLINE void tile_256_add(const tiles *a, const uint8_t *panel, const uint8_t *scales, const uint8_t *sums, const wide *dot, widef *partial,
                         const int groups, const int minima, const int T, const int begins) {
  wide lows[2 * TILE_TOKENS_256];
  UNROLL for (int i = 0; i < 2 * T; i++) lows[i] = wide_zero();
  UNROLL for (int j = 0; j < groups / 2; j++) {
    wide w[2];
    UNROLL for (int p = 0; p < 2; p++) w[p] = wide_load(panel + p * a->panel_bytes + P256_PAIRS(groups) + UNIT * j);
    UNROLL for (int t = 0; t < T; t++) {
      const wide y = wide_all(sums + t * a->sums_stride + 4 * j);
      UNROLL for (int p = 0; p < 2; p++) {
        lows[p * T + t] = wide_dot2(lows[p * T + t], w[p], y);
        KEEP(lows[p * T + t]);
      }
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const widef dx = widef_all(scales + t * a->c->x_stride);
    UNROLL for (int p = 0; p < 2; p++) {
      const uint8_t *block = panel + p * a->panel_bytes;
      const wide low = lows[p * T + t];
      wide d = dot[p * T + t];
      if (!minima) d = wide_sub(d, low);
      widef *v = partial + p * T + t;
      widef sum = widef_fma(widef_multiply(widef_load(block), dx), wide_float(d), begins ? widef_zero() : *v);
      if (minima) sum = widef_minus_product(widef_multiply(widef_load(block + UNIT), dx), wide_float(low), sum);
      *v = sum;
    }
  }
}

INLINE void tile_256(const tiles *a, int64_t token, int64_t ahead, const int groups, const int most, const int minima, const int T) {
  const linear_call *c = a->c;
  const uint8_t *x = c->x + token * c->x_stride, *sums = a->sums + token * a->sums_stride;
  widef partial[8][2 * TILE_TOKENS_256];
  fetch_out(a, token, T);
  clear_partials(partial, c->n_in / 256);
  for (int64_t b = 0; b < c->n_in / 256; b++) {
    const uint8_t *panel = a->panel + b * P256_BLOCK(groups);
    wide dot[2 * TILE_TOKENS_256];
    fetch_ahead(a, b, ahead);
    tile_256_dots(a, panel, x + 256 * b, dot, groups, most, T);
    if (b < 8) /* these begin the partial sums */
      tile_256_add(a, panel, x + c->n_in + 4 * b, sums + 2 * groups * b, dot, partial[b & 7], groups, minima, T, 1);
    else
      tile_256_add(a, panel, x + c->n_in + 4 * b, sums + 2 * groups * b, dot, partial[b & 7], groups, minima, T, 0);
  }
  store_tile(a, partial, c->n_in / 256, token, T);
}

/* A tile of so many tokens, most at most. */
#define TILE_OF(tile, tokens, most, ...)                                     \
  case tokens: tile(a, t, ahead, __VA_ARGS__, (tokens) < (most) ? (tokens) : (most)); break;

/* All tokens of one kind of tile: few in as few tiles as may be, many in tiles of the best size; they differ by one token at most.
 * The first fetches. */
#define ALL_TILES(name, tile, most, best, ...)                                                            \
  static void name(const tiles *a) {                                                                      \
    int64_t t = 0, ahead = a->ahead;                                                                      \
    const int64_t usual = a->c->n_tokens < 32 ? (most) : (best);                                          \
    for (int64_t left = (a->c->n_tokens + usual - 1) / usual; left > 0; left--, ahead = 0) {              \
      const int64_t size = (a->c->n_tokens - t + left - 1) / left;                                        \
      switch (size) {                                                                                     \
        TILE_OF(tile, 1, most, __VA_ARGS__) TILE_OF(tile, 2, most, __VA_ARGS__)                           \
        TILE_OF(tile, 3, most, __VA_ARGS__) TILE_OF(tile, 4, most, __VA_ARGS__)                           \
        TILE_OF(tile, 5, most, __VA_ARGS__) default: tile(a, t, ahead, __VA_ARGS__, (most));              \
      }                                                                                                   \
      t += size;                                                                                          \
    }                                                                                                     \
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
