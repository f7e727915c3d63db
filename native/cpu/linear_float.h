/* hearth_linear for F32, F16 and BF16 weights with f32 activations, over any lanes. */
#ifndef HEARTH_LINEAR_FLOAT_H
#define HEARTH_LINEAR_FLOAT_H

#include "common.h"

/* Rows that stay in the second-level cache while all tokens pass. */
#define FLOAT_ROWS 32
/* Rows and tokens of a tile. An output's sixteen sums are one register where it holds them, else two: so many tiles fit. */
#if defined(__AVX512F__)
#define FLOAT_TILE_ROWS 4
#define FLOAT_TILE_TOKENS 6
#else
#define FLOAT_TILE_ROWS 2
#define FLOAT_TILE_TOKENS 3
#endif
/* Bytes that are fetched ahead, on into the rows of the next tile. */
#define FLOAT_AHEAD 2048

INLINE int64_t weight_bytes(const int type) { return type == HEARTH_F32 ? 4 : 2; }

INLINE f32x8 load_weights(const uint8_t *p, const int type) {
  if (type == HEARTH_F32) return f32x8_load(p);
  return type == HEARTH_F16 ? f32x8_load_f16(p) : f32x8_load_bf16(p);
}

INLINE f32x16 load_weights_16(const uint8_t *p, const int type) {
  if (type == HEARTH_F32) return f32x16_load(p);
  return type == HEARTH_F16 ? f32x16_load_f16(p) : f32x16_load_bf16(p);
}

/* R rows by T tokens; the first tile of rows fetches what follows. */
INLINE void float_tile(const linear_call *c, int64_t row, int64_t token, const int type, const int R, const int T) {
  const uint8_t *w[FLOAT_TILE_ROWS], *x[FLOAT_TILE_TOKENS];
  const int64_t bytes = weight_bytes(type), far = row + c->ahead - c->row1; /* of a row in the next matrix, if not negative */
  const uint8_t *fetched = far < 0 ? c->w + (row + c->ahead) * c->w_stride : c->next + far * c->w_stride;
  f32x16 sum[FLOAT_TILE_ROWS][FLOAT_TILE_TOKENS];
  UNROLL for (int r = 0; r < R; r++) w[r] = c->w + (row + r) * c->w_stride;
  UNROLL for (int t = 0; t < T; t++) x[t] = c->x + (token + t) * c->x_stride;
  UNROLL for (int r = 0; r < R; r++) UNROLL for (int t = 0; t < T; t++) sum[r][t] = f32x16_zero();

  int64_t i = 0;
  for (; i + 16 <= c->n_in; i += 16) {
    f32x16 a[FLOAT_TILE_ROWS];
    const int64_t ahead = i * bytes + FLOAT_AHEAD, beyond = ahead < c->w_stride ? 0 : (R - 1) * c->w_stride;
    const int fetches = token == 0 && (bytes > 2 || i % 32 == 0); /* once a line */
    UNROLL for (int r = 0; r < R; r++) {
      if (fetches && c->next == 0) prefetch(w[r], ahead + beyond);
      if (fetches && c->next != 0) prefetch(fetched, r * c->w_stride + i * bytes);
      a[r] = load_weights_16(w[r] + i * bytes, type);
    }
    UNROLL for (int t = 0; t < T; t++) {
      const f32x16 b = f32x16_load(x[t] + i * 4);
      UNROLL for (int r = 0; r < R; r++) sum[r][t] = f32x16_fma(a[r], b, sum[r][t]);
    }
  }
  if (i < c->n_in) { /* the row's end: absent lanes keep their sum, even -0 */
    const int n = (int)(c->n_in - i);
    UNROLL for (int r = 0; r < R; r++) {
      uint8_t end[64] = {0};
      memcpy(end, w[r] + i * bytes, (size_t)(n * bytes));
      const f32x16 a = load_weights_16(end, type);
      UNROLL for (int t = 0; t < T; t++)
        sum[r][t] = f32x16_first(f32x16_fma(a, f32x16_load_first(x[t] + i * 4, n), sum[r][t]), sum[r][t], n);
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    float *out = c->out + (token + t) * c->out_stride + row;
    if (R == 4)
      f32x16_sum_four(out, sum[0][t], sum[R / 2 - 1][t], sum[R / 2][t], sum[R - 1][t]);
    else
      UNROLL for (int r = 0; r < R; r++) out[r] = f32x16_sum(sum[r][t]);
  }
}

INLINE void float_rows(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
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

#endif
