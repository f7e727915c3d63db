/* hearth_linear for F32, F16 and BF16 weights with f32 activations, BF16 ones with BF16's too, and scores of any cache, over any lanes. */
#ifndef HEARTH_LINEAR_FLOAT_H
#define HEARTH_LINEAR_FLOAT_H

#include "common.h"

/* Rows that stay in the second-level cache while all tokens pass. */
#define FLOAT_ROWS 32
/* Rows and tokens of a tile; of one token four rows stream at once. An output's sixteen sums are one register where it holds them,
 * else two: so many tiles fit. */
#if defined(__AVX512F__)
#define FLOAT_TILE_ROWS 4
#define FLOAT_TILE_TOKENS 6
#else
#define FLOAT_TILE_ROWS 2
#define FLOAT_TILE_TOKENS 3
#endif
#define FLOAT_STREAM_ROWS 4
/* Bytes that are fetched ahead in each row of a tile of several tokens, on into the rows of the next tile. */
#define FLOAT_AHEAD 2048
/* Elements of a part of a row. */
#define FLOAT_PART 1024

/* BF16 weights with BF16 activations: these as float_pairs leaves them, or as they are, for an instruction that takes pairs. */
#define FLOAT_PAIRS 1000
#define FLOAT_WHOLE_PAIRS 1001

/* What is read a while later; int8's codes, which take longer to compute with than to read, nearer than the rest. */
INLINE void fetch_elements(const uint8_t *p, int64_t offset, const int type) {
  if (type == HEARTH_CACHE_INT8)
    prefetch(p, offset);
  else
    prefetch_far(p, offset);
}

/* Bytes of an element; CACHE_INT8's are codes, whose scale is the caller's affair. */
INLINE int64_t weight_bytes(const int type) { return type == HEARTH_F32 ? 4 : type == HEARTH_CACHE_INT8 ? 1 : 2; }

INLINE f32x8 load_weights(const uint8_t *p, const int type) {
  if (type == HEARTH_F32) return f32x8_load(p);
  if (type == HEARTH_CACHE_INT8) return f32x8_load_int8((const int8_t *)p);
  return type == HEARTH_F16 ? f32x8_load_f16(p) : f32x8_load_bf16(p);
}

/* Of activations. */
INLINE int64_t input_bytes(const int type) { return type == FLOAT_WHOLE_PAIRS ? 2 : 4; }

INLINE f32x16 load_weights_16(const uint8_t *p, const int type) {
  if (type == HEARTH_F32) return f32x16_load(p);
  if (type == HEARTH_CACHE_INT8) return f32x16_load_int8((const int8_t *)p);
  return type == HEARTH_F16 ? f32x16_load_f16(p) : f32x16_load_bf16(p);
}

/* Adds the products of sixteen elements from i on. */
INLINE void float_sixteen(const uint8_t *const *w, const uint8_t *const *x, int64_t i, f32x16 (*sum)[FLOAT_STREAM_ROWS], const int type,
                          const int R, const int T) {
  f32x16 a[FLOAT_STREAM_ROWS];
  UNROLL for (int r = 0; r < R; r++) a[r] = load_weights_16(w[r] + i * weight_bytes(type), type);
  UNROLL for (int t = 0; t < T; t++) {
    const f32x16 b = f32x16_load(x[t] + i * 4);
    UNROLL for (int r = 0; r < R; r++) sum[t][r] = f32x16_fma(a[r], b, sum[t][r]);
  }
}

/* Adds the products of 16 pairs from element i on. */
INLINE void float_pairs(const uint8_t *const *w, const uint8_t *const *x, int64_t i, f32x16 (*sum)[FLOAT_STREAM_ROWS], const int type,
                        const int R, const int T) {
  f32x16 a[FLOAT_STREAM_ROWS];
  if (type == FLOAT_PAIRS) {
    UNROLL for (int first = 0; first < 2; first++) {
      UNROLL for (int r = 0; r < R; r++)
        a[r] = f32x16_normal(first ? f32x16_load_firsts(w[r] + i * 2) : f32x16_load_seconds(w[r] + i * 2));
      UNROLL for (int t = 0; t < T; t++) {
        const f32x16 b = f32x16_load(x[t] + (i + 16 * first) * 4);
        UNROLL for (int r = 0; r < R; r++) sum[t][r] = f32x16_normal(f32x16_fma(a[r], b, sum[t][r]));
      }
    }
  }
#if defined(__AVX512F__)
  else {
    UNROLL for (int r = 0; r < R; r++) a[r] = f32x16_load(w[r] + i * 2);
    UNROLL for (int t = 0; t < T; t++) {
      const f32x16 b = f32x16_load(x[t] + i * 2);
      UNROLL for (int r = 0; r < R; r++) sum[t][r] = f32x16_dot_pairs(sum[t][r], a[r], b);
    }
  }
#endif
}

/* The elements of a step of 32. */
INLINE void float_step(const uint8_t *const *w, const uint8_t *const *x, int64_t i, f32x16 (*sum)[FLOAT_STREAM_ROWS], const int type,
                       const int R, const int T) {
  if (type >= FLOAT_PAIRS) {
    float_pairs(w, x, i, sum, type, R, T);
  } else {
    UNROLL for (int k = 0; k < 32; k += 16) float_sixteen(w, x, i + k, sum, type, R, T);
  }
}

/* The last elements of rows, fewer than a step: missing ones are zeros. */
INLINE void float_last_pairs(const uint8_t *const *w, const uint8_t *const *x, int64_t i, int64_t n, f32x16 (*sum)[FLOAT_STREAM_ROWS],
                             const int type, const int R, const int T) {
  uint8_t ends[FLOAT_STREAM_ROWS][64] = {{0}}, inputs[FLOAT_TILE_TOKENS][64] = {{0}};
  const uint8_t *end[FLOAT_STREAM_ROWS], *input[FLOAT_TILE_TOKENS];
  UNROLL for (int r = 0; r < R; r++) end[r] = memcpy(ends[r], w[r] + i * 2, (size_t)n * 2);
  UNROLL for (int t = 0; t < T; t++)
    input[t] = type == FLOAT_PAIRS ? x[t] + i * 4 : memcpy(inputs[t], x[t] + i * 2, (size_t)n * 2);
  float_pairs(end, input, 0, sum, type, R, T);
}

/* Sixteen sums of pairs as one. */
INLINE float float_fold_pairs(f32x16 sum) {
#if LANES_FLUSH
  return f32x16_sum(sum);
#else
  f32x8 half = f32x8_normal(f32x8_add(sum.low, sum.high));
  for (int n = 4; n > 0; n /= 2) {
    for (int i = 0; i < n; i++) half.lane[i] += half.lane[i + n];
    half = f32x8_normal(half);
  }
  return half.lane[0];
#endif
}

/* The sums of a tile whose rows pass in parts, from the first to the last. */
typedef f32x16 kept_tile[FLOAT_TILE_TOKENS][FLOAT_STREAM_ROWS];

/* R rows by T tokens, elements [from, to): all of a row's, or a part, whose sums are kept until the next; the first tile of rows
 * fetches what follows. */
INLINE void float_part(const linear_call *c, int64_t row, int64_t token, int64_t from, int64_t to, f32x16 (*kept)[FLOAT_STREAM_ROWS],
                       const int type, const int R, const int T) {
  const uint8_t *w[FLOAT_STREAM_ROWS], *x[FLOAT_TILE_TOKENS];
  const int64_t bytes = weight_bytes(type), far = row + c->ahead - c->row1; /* of a row in the next matrix, if not negative */
  const uint8_t *fetched = far < 0 ? c->w + (row + c->ahead) * c->w_stride : c->next + far * c->w_stride;
  f32x16 sum[FLOAT_TILE_TOKENS][FLOAT_STREAM_ROWS];
  UNROLL for (int r = 0; r < R; r++) w[r] = c->w + (row + r) * c->w_stride;
  UNROLL for (int t = 0; t < T; t++) x[t] = c->x + (token + t) * c->x_stride;
  UNROLL for (int t = 0; t < T; t++) UNROLL for (int r = 0; r < R; r++) sum[t][r] = from > 0 ? kept[t][r] : f32x16_zero();

  int64_t i = from;
  const int step = 32;
  for (; i + step <= to; i += step) {
    if (token == 0 && i * bytes % 64 == 0) {
      const int64_t ahead = i * bytes + FLOAT_AHEAD, beyond = ahead < c->w_stride ? 0 : (R - 1) * c->w_stride;
      UNROLL for (int r = 0; r < R; r++) UNROLL for (int64_t line = 0; line < step * bytes; line += 64) {
        if (c->next != 0)
          fetch_elements(fetched, r * c->w_stride + i * bytes + line, type);
        else if (T == 1) /* the next tile from front to back, as memory is read the fastest */
          prefetch_far(w[0], R * (c->w_stride + i * bytes) + r * step * bytes + line);
        else
          prefetch_far(w[r], ahead + beyond + line);
      }
    }
    float_step(w, x, i, sum, type, R, T);
  }
  if (to < c->n_in) {
    UNROLL for (int t = 0; t < T; t++) UNROLL for (int r = 0; r < R; r++) kept[t][r] = sum[t][r];
    return;
  }
  if (type >= FLOAT_PAIRS && i < c->n_in) {
    float_last_pairs(w, x, i, c->n_in - i, sum, type, R, T);
    i = c->n_in;
  }
  for (; i + 16 <= c->n_in; i += 16) float_sixteen(w, x, i, sum, type, R, T);
  if (i < c->n_in) { /* the row's end: absent lanes keep their sum, even -0 */
    const int n = (int)(c->n_in - i);
    UNROLL for (int r = 0; r < R; r++) {
      uint8_t end[64] = {0};
      memcpy(end, w[r] + i * bytes, (size_t)(n * bytes));
      const f32x16 a = load_weights_16(end, type);
      UNROLL for (int t = 0; t < T; t++)
        sum[t][r] = f32x16_first(f32x16_fma(a, f32x16_load_first(x[t] + i * 4, n), sum[t][r]), sum[t][r], n);
    }
  }
  float *out = c->out + token * c->out_stride + row;
  if (type >= FLOAT_PAIRS && !LANES_FLUSH) {
    UNROLL for (int t = 0; t < T; t++) UNROLL for (int r = 0; r < R; r++) out[t * c->out_stride + r] = float_fold_pairs(sum[t][r]);
  } else if (R == 4) {
    UNROLL for (int t = 0; t + 2 <= T; t += 2) f32x16_sum_eight(out + t * c->out_stride, out + (t + 1) * c->out_stride, sum[t], sum[t + 1]);
    if (T % 2) f32x16_sum_four(out + (T - 1) * c->out_stride, sum[T - 1]);
  } else {
    UNROLL for (int t = 0; t < T; t++) UNROLL for (int r = 0; r < R; r++) out[t * c->out_stride + r] = f32x16_sum(sum[t][r]);
  }
}

INLINE void float_tile(const linear_call *c, int64_t row, int64_t token, const int type, const int R, const int T) {
  float_part(c, row, token, 0, c->n_in, 0, type, R, T);
}

/* Whether rows pass in parts, as measured: rows that lie a multiple of 4 KiB apart share too few places of the cache. */
INLINE int float_parted(const linear_call *c) { return c->n_in > 2 * FLOAT_PART && c->x_stride % 4096 != 0 && c->w_stride % 4096 != 0; }

/* Whole tiles of long rows, which pass in parts: those of the tokens, and the sums, stay in the first-level cache. Returns the first
 * row that is left. */
INLINE int64_t float_parts(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type) {
  kept_tile kept[FLOAT_ROWS / FLOAT_TILE_ROWS];
  const int64_t tiles = (end - row) / FLOAT_TILE_ROWS;
  for (int64_t from = 0, to; from < c->n_in; from = to) {
    to = c->n_in - from < 2 * FLOAT_PART ? c->n_in : from + FLOAT_PART;
    for (int64_t i = 0; i < tiles; i++)
      float_part(c, row + i * FLOAT_TILE_ROWS, token, from, to, kept[i], type, FLOAT_TILE_ROWS, FLOAT_TILE_TOKENS);
  }
  return row + tiles * FLOAT_TILE_ROWS;
}

INLINE void float_rows(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  if (T == 1)
    for (; row + FLOAT_STREAM_ROWS <= end; row += FLOAT_STREAM_ROWS) float_tile(c, row, token, type, FLOAT_STREAM_ROWS, T);
  if (type == FLOAT_WHOLE_PAIRS && T == FLOAT_TILE_TOKENS && float_parted(c)) row = float_parts(c, row, end, token, type);
  for (; row + FLOAT_TILE_ROWS <= end; row += FLOAT_TILE_ROWS) float_tile(c, row, token, type, FLOAT_TILE_ROWS, T);
  for (; row < end; row++) float_tile(c, row, token, type, 1, T);
}

INLINE void linear_float(const linear_call *c, const int type) {
  for (int64_t row = c->row0; row < c->row1; row += FLOAT_ROWS) {
    const int64_t end = least(row + FLOAT_ROWS, c->row1);
    int64_t t = 0;
    for (; t + FLOAT_TILE_TOKENS <= c->n_tokens; t += FLOAT_TILE_TOKENS) float_rows(c, row, end, t, type, FLOAT_TILE_TOKENS);
    if (FLOAT_TILE_TOKENS > 4 && c->n_tokens - t >= 3) {
      float_rows(c, row, end, t, type, 3);
      t += 3;
    }
    if (c->n_tokens - t == 2) float_rows(c, row, end, t, type, 2);
    if (c->n_tokens - t == 1) float_rows(c, row, end, t, type, 1);
  }
}

/* Elements of a row that is taken apart. */
INLINE int64_t pairs_width(int64_t n_in) { return (n_in + 31) / 32 * 32; }

static int64_t linear_pairs_scratch(int64_t n_in, int64_t n_tokens) { return n_tokens * pairs_width(n_in) * 4; }

/* Of each 16 pairs the second numbers, then the first ones, up to whole steps. */
INLINE void split_pairs(const linear_call *c) {
  for (int64_t t = 0; t < c->n_tokens; t++) {
    const uint8_t *x = c->x + t * c->x_stride;
    uint8_t *out = c->scratch + t * pairs_width(c->n_in) * 4;
    for (int64_t i = 0; i < c->n_in; i += 32) {
      uint8_t end[64] = {0};
      const uint8_t *from = c->n_in - i < 32 ? memcpy(end, x + 2 * i, (size_t)(c->n_in - i) * 2) : x + 2 * i;
      f32x16_store(out + 4 * i, f32x16_normal(f32x16_load_seconds(from)));
      f32x16_store(out + 4 * i + 64, f32x16_normal(f32x16_load_firsts(from)));
    }
  }
}

/* Apart, so that no arithmetic leaves the mode. */
NOINLINE static void linear_split_pairs(const linear_call *c) { linear_float(c, FLOAT_PAIRS); }

static void linear_pairs(const linear_call *c) {
  split_pairs(c);
  linear_call split = *c;
  split.x = c->scratch;
  split.x_stride = pairs_width(c->n_in) * 4;
  const uint64_t before = flush_begin();
  linear_split_pairs(&split);
  flush_end(before);
}

#if defined(__AVX512F__)
NOINLINE static void linear_flushed_pairs(const linear_call *c) { linear_float(c, FLOAT_WHOLE_PAIRS); }

static void linear_whole_pairs(const linear_call *c) {
  const uint64_t before = flush_begin();
  linear_flushed_pairs(c);
  flush_end(before);
}
#endif

static void linear_f32(const linear_call *c) { linear_float(c, HEARTH_F32); }
static void linear_f16(const linear_call *c) { linear_float(c, HEARTH_F16); }
static void linear_bf16(const linear_call *c) { linear_float(c, HEARTH_BF16); }
static void linear_int8(const linear_call *c) { linear_float(c, HEARTH_CACHE_INT8); } /* codes alone */

#endif
