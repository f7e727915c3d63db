/* Products of a few tokens to a few dozen: activations are turned once, so that a register has units, four neighbouring numbers,
 * of several tokens; weights are only taken apart, TURNED_ROWS rows of one block at a time, and their units spread over the
 * lanes. A tile is LANES / side tokens, of each of which a register has side units side by side: few tokens fill it so. What is
 * summed up of them has 4 / side tokens of side rows in every four lanes, tokens first. */
#ifndef HEARTH_TURNED_H
#define HEARTH_TURNED_H

#include "panels.h"

#define TURNED_ROWS 8

/* A tile's block of 256: scales, pairs of sums, units. */
#define T256_SUMS UNIT
#define T256_NUMBERS(groups) (UNIT * (1 + (groups) / 2))
#define T256_BLOCK(groups) (UNIT * (65 + (groups) / 2))
/* A block of 256 of the rows: scales; those of minima; scales of groups; pairs as panels have them; numbers of each row. */
#define R256_WORDS (4 * TURNED_ROWS)
#define R256_SCALES (2 * R256_WORDS)
#define R256_PAIRS(groups) (R256_WORDS * (2 + (groups)))
#define R256_NUMBERS(groups) (R256_WORDS * (2 + (groups) + (groups) / 2))
#define R256_BLOCK(groups) (R256_NUMBERS(groups) + 256 * TURNED_ROWS)
#define TILE_PARTIALS (8 * TURNED_ROWS)

typedef struct {
  const linear_call *c;
  int64_t tiles, blocks;
  uint8_t *x;      /* of each block all tiles */
  widef *partial;  /* of each tile the eight partial sums of all rows */
  uint8_t *w;      /* one block of the rows */
} turned;

INLINE int64_t turned_tiles(int64_t n_tokens) { return (n_tokens + LANES - 1) / LANES; }

/* Units side by side in the tile of the last n tokens. */
INLINE int side_of(int64_t n) { return LANES == 16 && n <= LANES / 4 ? 4 : n <= LANES / 2 ? 2 : 1; }

/* The lane of a token and a row among so many. */
INLINE int64_t turned_lane(int64_t token, int row, const int side) {
  const int tokens = 4 / side;
  return token / tokens * 4 + row * tokens + token % tokens;
}

/* Words of consecutive rows, side of them to a register, as the lanes have them. */
INLINE wide wide_rows(const uint8_t *words, const int side) {
  if (side == 1) return wide_all(words);
  return side == 2 ? wide_twice(wide_all2(words)) : wide_all4(words);
}

/* Units side by side, in all lanes. */
INLINE wide wide_spread(const uint8_t *p, const int side) { return side == 1 ? wide_all(p) : side == 2 ? wide_all2(p) : wide_all4(p); }

/* Of side rows' sums one register. */
INLINE wide wide_fold(const wide *v, const int side) {
  if (side == 1) return v[0];
  return side == 2 ? wide_fold2(v[0], v[1]) : wide_fold2(wide_fold2(v[0], v[1]), wide_fold2(v[2], v[3]));
}

/* Eight words of LANES tokens, stride bytes apart, to eight units; those of tokens from n on are zeros. */
INLINE void turn_words(uint8_t *units, const uint8_t *x, int64_t stride, int64_t n) {
  wide v[8];
  UNROLL for (int i = 0; i < 8; i++) {
    const int j = i + LANES - 8;
    v[i] = wide_pair(i < n ? int_load(x + i * stride) : _mm256_setzero_si256(), j < n ? int_load(x + j * stride) : _mm256_setzero_si256());
  }
  put_numbers(units, v);
}

/* The numbers of n tokens' blocks to registers with units side by side. */
INLINE void turn_numbers(uint8_t *to, const uint8_t *x, int64_t stride, int64_t n, const int side) {
  if (side == 1) {
    for (int j = 0; j < 256; j += 32) turn_words(to + j * LANES, x + j, stride, n);
    return;
  }
  const int bytes = 4 * side;
  memset(to, 0, (size_t)(256 * LANES / side));
  for (int64_t t = 0; t < n; t++)
    for (int j = 0; j < 256 / bytes; j++) memcpy(to + UNIT * j + bytes * t, x + t * stride + bytes * j, (size_t)bytes);
}

INLINE void turn_256(const turned *a, const uint8_t *sums, int64_t sums_stride, const int groups) {
  const linear_call *c = a->c;
  for (int64_t tile = 0; tile < a->tiles; tile++) {
    const int64_t first = tile * LANES, n = least(LANES, c->n_tokens - first);
    const int side = side_of(n);
    const uint8_t *x = c->x + first * c->x_stride, *s = sums + first * sums_stride;
    for (int64_t b = 0; b < a->blocks; b++) {
      uint8_t *to = a->x + (b * a->tiles + tile) * T256_BLOCK(groups);
      memset(to, 0, (size_t)T256_NUMBERS(groups));
      for (int64_t t = 0; t < n; t++)
        for (int row = 0; row < side; row++) {
          uint8_t *lane = to + 4 * turned_lane(t, row, side);
          memcpy(lane, x + t * c->x_stride + c->n_in + 4 * b, 4);
          for (int j = 0; j < groups / 2; j++) memcpy(lane + T256_SUMS + UNIT * j, s + t * sums_stride + 2 * groups * b + 4 * j, 4);
        }
      uint8_t *numbers = to + T256_NUMBERS(groups);
      switch (side) {
        case 1: turn_numbers(numbers, x + 256 * b, c->x_stride, n, 1); break;
        case 2: turn_numbers(numbers, x + 256 * b, c->x_stride, n, 2); break;
        default: turn_numbers(numbers, x + 256 * b, c->x_stride, n, 4);
      }
    }
  }
}

/* One block of the rows. */
INLINE void take_256(const uint8_t *w, int64_t stride, uint8_t *to, const int type) {
  const int groups = b256_groups(type), minima = b256_minima(type);
  __m256i scales[4], of_minima[4];
  _mm256_store_ps((float *)(void *)to, f16_scales(w + b256_scale_at(type), stride, 8));
  if (minima) _mm256_store_ps((float *)(void *)(to + R256_WORDS), f16_scales(w + b256_scale_at(type) + 2, stride, 8));
  b256_scale_bytes(w, stride, scales, of_minima, type);
  UNROLL for (int g = 0; g < groups; g++) int_store(to + R256_SCALES + R256_WORDS * g, scale_of(scales[g / 4], g % 4));
  UNROLL for (int j = 0; j < groups / 2; j++)
    int_store(to + R256_PAIRS(groups) + R256_WORDS * j, counted_pair(minima ? of_minima : scales, j, minima ? 0 : b256_offset_bits(type)));
  for (int r = 0; r < TURNED_ROWS; r++) {
    wide v[64 / LANES];
    UNROLL for (int j = 0; j < 64 / LANES; j++) v[j] = b256_numbers(w + r * stride, j, type);
    UNROLL for (int j = 0; j < 64 / LANES; j++) wide_store(to + R256_NUMBERS(groups) + 256 * r + UNIT * j, v[j]);
  }
}

/* The integer dots of rows from first on with one tile or two; those of tile t begin at rows * t. */
INLINE void turned_256_dots(const uint8_t *w, const int first, const uint8_t *x, wide *dot, const int groups, const int most,
                            const int rows, const int n_tiles, const int side) {
  const int registers = 64 / groups / side;
  UNROLL for (int i = 0; i < rows * n_tiles; i++) dot[i] = wide_zero();
  NO_UNROLL for (int g = 0; g < groups; g++) {
    const uint8_t *numbers = w + R256_NUMBERS(groups) + 256 / groups * g, *y = x + T256_NUMBERS(groups) + UNIT * registers * g;
    wide part[TURNED_ROWS];
    UNROLL for (int k = 0; k < registers; k++) {
      wide v[2];
      UNROLL for (int t = 0; t < n_tiles; t++) v[t] = wide_load(y + t * T256_BLOCK(groups) + UNIT * k);
      UNROLL for (int r = 0; r < rows; r++) {
        const wide u = wide_spread(numbers + 256 * (first + r) + 4 * side * k, side);
        UNROLL for (int t = 0; t < n_tiles; t++) {
          wide *d = part + rows * t + r;
#if HEARTH_VNNI
          *d = wide_dot4(k ? *d : wide_zero(), u, v[t]);
#else
          *d = k % most ? _mm256_add_epi16(*d, _mm256_maddubs_epi16(u, v[t])) : _mm256_maddubs_epi16(u, v[t]);
#endif
          KEEP(*d);
        }
      }
      if (k + 1 < registers && (HEARTH_VNNI || (k + 1) % most)) continue;
      UNROLL for (int r = 0; r < rows; r++) {
        const wide scale = wide_all(w + R256_SCALES + R256_WORDS * g + 4 * (first + r));
        UNROLL for (int t = 0; t < n_tiles; t++) dot[rows * t + r] = wide_add_scaled(dot[rows * t + r], part[rows * t + r], scale);
      }
    }
  }
}

/* Adds block b of rows from first on to the partial sums of one tile or two. */
INLINE void turned_256(const turned *a, int64_t tile, int64_t b, const int first, const int type, const int most, const int rows,
                       const int n_tiles, const int side) {
  const int groups = b256_groups(type), minima = b256_minima(type);
  const uint8_t *x = a->x + (b * a->tiles + tile) * T256_BLOCK(groups);
  wide dot[TURNED_ROWS];
  turned_256_dots(a->w, first, x, dot, groups, most, rows, n_tiles, side);
  UNROLL for (int t = 0; t < n_tiles; t++) {
    const uint8_t *tile_x = x + t * T256_BLOCK(groups);
    const widef dx = widef_load(tile_x);
    UNROLL for (int r = 0; r < rows; r += side) {
      const uint8_t *w = a->w + 4 * (first + r);
      widef *sum = a->partial + TILE_PARTIALS * (tile + t) + TURNED_ROWS * (b & 7) + first + r;
      wide low = wide_zero(), d = wide_fold(dot + rows * t + r, side);
      UNROLL for (int j = 0; j < groups / 2; j++)
        low = wide_dot2(low, wide_rows(w + R256_PAIRS(groups) + R256_WORDS * j, side), wide_load(tile_x + T256_SUMS + UNIT * j));
      if (!minima) d = wide_sub(d, low);
      *sum = widef_fma(widef_multiply(widef_of(wide_rows(w, side)), dx), wide_float(d), b < 8 ? widef_zero() : *sum);
      if (minima) *sum = widef_minus_product(widef_multiply(widef_of(wide_rows(w + R256_WORDS, side)), dx), wide_float(low), *sum);
    }
  }
}

INLINE void turned_256_tiles(const turned *a, int64_t b, const int type, const int most) {
  const int64_t n = a->c->n_tokens, whole = n / LANES;
  int64_t tile = 0;
  for (; tile + 2 <= whole; tile += 2)
    UNROLL for (int r = 0; r < TURNED_ROWS; r += 4) turned_256(a, tile, b, r, type, most, 4, 2, 1);
  for (; tile < a->tiles; tile++) switch (side_of(n - tile * LANES)) {
      case 1: turned_256(a, tile, b, 0, type, most, TURNED_ROWS, 1, 1); break;
      case 2: turned_256(a, tile, b, 0, type, most, TURNED_ROWS, 1, 2); break;
      default: turned_256(a, tile, b, 0, type, most, TURNED_ROWS, 1, 4);
    }
}

/* Adds the partial sums of all tiles up. */
INLINE void store_turned(const turned *a, int64_t row) {
  const linear_call *c = a->c;
  for (int64_t tile = 0; tile < a->tiles; tile++) {
    const widef *p = a->partial + TILE_PARTIALS * tile;
    const int64_t first = tile * LANES, n = least(LANES, c->n_tokens - first);
    const int side = side_of(n);
    float sums[TURNED_ROWS][LANES];
    for (int r = 0; r < TURNED_ROWS; r += side) {
      widef v[8];
      UNROLL for (int i = 0; i < 8; i++) v[i] = p[TURNED_ROWS * i + r];
      const widef even = widef_add(widef_add(v[0], v[4]), widef_add(v[2], v[6]));
      widef_store(sums[r], widef_add(even, widef_add(widef_add(v[1], v[5]), widef_add(v[3], v[7]))));
    }
    for (int64_t t = 0; t < n; t++)
      for (int r = 0; r < TURNED_ROWS; r++)
        c->out[(first + t) * c->out_stride + row + r] = sums[r - r % side][turned_lane(t, r % side, side)];
  }
}

INLINE int64_t turned_256_scratch(int64_t n_in, int64_t n_tokens, const int groups) {
  const int64_t n_tiles = turned_tiles(n_tokens);
  return n_tiles * (n_in / 256 * T256_BLOCK(groups) + TILE_PARTIALS * UNIT) + R256_BLOCK(groups);
}

/* All rows, at least TURNED_ROWS; the last reach back over rows that were done: they come to the same again. sums: of the
 * activations by groups. */
INLINE void by_turned_256(const linear_call *c, uint8_t *scratch, const uint8_t *sums, int64_t sums_stride, const int type, const int most) {
  const int groups = b256_groups(type);
  const int64_t bytes = b256_bytes(type), stride = c->w_stride, n_tiles = turned_tiles(c->n_tokens), blocks = c->n_in / 256;
  widef *partial = (widef *)(void *)(scratch + n_tiles * blocks * T256_BLOCK(groups));
  const turned a = {c, n_tiles, blocks, scratch, partial, (uint8_t *)(partial + TILE_PARTIALS * n_tiles)};
  turn_256(&a, sums, sums_stride, groups);
  if (blocks < 8) memset(partial, 0, (size_t)(TILE_PARTIALS * n_tiles * UNIT)); /* those of no block */
  for (int64_t next = c->row0; next < c->row1;) {
    const int64_t row = least(next, c->row1 - TURNED_ROWS);
    next = row + TURNED_ROWS;
    const uint8_t *next_rows = c->w + next * stride; /* as they lie in memory, a share with each block */
    for (int64_t b = 0; b < blocks; b++) {
      const uint8_t *w = c->w + row * stride + b * bytes;
      for (int64_t p = 0; p < TURNED_ROWS * bytes; p += 64) prefetch_far(next_rows, b * TURNED_ROWS * bytes + p);
      take_256(w, stride, a.w, type);
      turned_256_tiles(&a, b, type, most);
    }
    store_turned(&a, row);
  }
}

#endif
