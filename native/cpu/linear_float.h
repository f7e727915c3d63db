/* hearth_linear for F32, F16 and BF16 weights with f32 activations, and scores of any cache, over any lanes. */
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

/* Bytes of an element; CACHE_INT8's are codes, whose scale is the caller's affair. */
INLINE int64_t weight_bytes(const int type) { return type == HEARTH_F32 ? 4 : type == HEARTH_CACHE_INT8 ? 1 : 2; }

INLINE f32x8 load_weights(const uint8_t *p, const int type) {
  if (type == HEARTH_F32) return f32x8_load(p);
  if (type == HEARTH_CACHE_INT8) return f32x8_load_int8((const int8_t *)p);
  return type == HEARTH_F16 ? f32x8_load_f16(p) : f32x8_load_bf16(p);
}

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

/* R rows by T tokens; the first tile of rows fetches what follows. */
INLINE void float_tile(const linear_call *c, int64_t row, int64_t token, const int type, const int R, const int T) {
  const uint8_t *w[FLOAT_STREAM_ROWS], *x[FLOAT_TILE_TOKENS];
  const int64_t bytes = weight_bytes(type), far = row + c->ahead - c->row1; /* of a row in the next matrix, if not negative */
  const uint8_t *fetched = far < 0 ? c->w + (row + c->ahead) * c->w_stride : c->next + far * c->w_stride;
  f32x16 sum[FLOAT_TILE_TOKENS][FLOAT_STREAM_ROWS];
  UNROLL for (int r = 0; r < R; r++) w[r] = c->w + (row + r) * c->w_stride;
  UNROLL for (int t = 0; t < T; t++) x[t] = c->x + (token + t) * c->x_stride;
  UNROLL for (int t = 0; t < T; t++) UNROLL for (int r = 0; r < R; r++) sum[t][r] = f32x16_zero();

  int64_t i = 0;
  const int step = 32;
  for (; i + step <= c->n_in; i += step) {
    if (token == 0 && i * bytes % 64 == 0) {
      const int64_t ahead = i * bytes + FLOAT_AHEAD, beyond = ahead < c->w_stride ? 0 : (R - 1) * c->w_stride;
      UNROLL for (int r = 0; r < R; r++) UNROLL for (int64_t line = 0; line < step * bytes; line += 64) {
        if (c->next != 0)
          prefetch(fetched, r * c->w_stride + i * bytes + line);
        else if (T == 1) /* the next tile from front to back, as memory is read the fastest */
          prefetch(w[0], R * (c->w_stride + i * bytes) + r * step * bytes + line);
        else
          prefetch(w[r], ahead + beyond + line);
      }
    }
    UNROLL for (int k = 0; k < step; k += 16) float_sixteen(w, x, i + k, sum, type, R, T);
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
  if (R == 4) {
    UNROLL for (int t = 0; t + 2 <= T; t += 2) f32x16_sum_eight(out + t * c->out_stride, out + (t + 1) * c->out_stride, sum[t], sum[t + 1]);
    if (T % 2) f32x16_sum_four(out + (T - 1) * c->out_stride, sum[T - 1]);
  } else {
    UNROLL for (int t = 0; t < T; t++) UNROLL for (int r = 0; r < R; r++) out[t * c->out_stride + r] = f32x16_sum(sum[t][r]);
  }
}

INLINE void float_rows(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  if (T == 1)
    for (; row + FLOAT_STREAM_ROWS <= end; row += FLOAT_STREAM_ROWS) float_tile(c, row, token, type, FLOAT_STREAM_ROWS, T);
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

static void linear_f32(const linear_call *c) { linear_float(c, HEARTH_F32); }
static void linear_f16(const linear_call *c) { linear_float(c, HEARTH_F16); }
static void linear_bf16(const linear_call *c) { linear_float(c, HEARTH_BF16); }
static void linear_int8(const linear_call *c) { linear_float(c, HEARTH_CACHE_INT8); } /* codes alone */

#endif
