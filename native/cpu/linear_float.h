/* hearth_linear for F32, F16 and BF16 weights with f32 activations, over any lanes. */
#ifndef HEARTH_LINEAR_FLOAT_H
#define HEARTH_LINEAR_FLOAT_H

#include "common.h"

/* Rows that stay in the second-level cache while all tokens pass. */
#define FLOAT_ROWS 32

INLINE int64_t weight_bytes(const int type) { return type == HEARTH_F32 ? 4 : 2; }

INLINE f32x8 load_weights(const uint8_t *p, const int type) {
  if (type == HEARTH_F32) return f32x8_load(p);
  return type == HEARTH_F16 ? f32x8_load_f16(p) : f32x8_load_bf16(p);
}

/* R rows by T tokens. Each output keeps its sixteen sums in two registers, and 2 x 3 is what sixteen registers hold:
 * ten loads for twelve multiplications, so no packing is needed. */
INLINE void float_tile(const linear_call *c, int64_t row, int64_t token, const int type, const int R, const int T) {
  const uint8_t *w[2], *x[3];
  f32x8 sum[2][3][2];
  UNROLL for (int r = 0; r < R; r++) w[r] = c->w + (row + r) * c->w_stride;
  UNROLL for (int t = 0; t < T; t++) x[t] = c->x + (token + t) * c->x_stride;
  UNROLL for (int r = 0; r < R; r++)
    UNROLL for (int t = 0; t < T; t++) sum[r][t][0] = sum[r][t][1] = f32x8_all(0);

  int64_t i = 0;
  for (; i + 16 <= c->n_in; i += 16) {
    UNROLL for (int h = 0; h < 2; h++) {
      f32x8 a[2];
      UNROLL for (int r = 0; r < R; r++) a[r] = load_weights(w[r] + (i + 8 * h) * weight_bytes(type), type);
      UNROLL for (int t = 0; t < T; t++) {
        const f32x8 b = f32x8_load(x[t] + (i + 8 * h) * 4);
        UNROLL for (int r = 0; r < R; r++) sum[r][t][h] = f32x8_fma(a[r], b, sum[r][t][h]);
      }
    }
  }
  for (int h = 0; i < c->n_in; h++, i += 8) { /* the row's end: absent lanes keep their sum, even -0 */
    const int n = c->n_in - i < 8 ? (int)(c->n_in - i) : 8;
    UNROLL for (int r = 0; r < R; r++) {
      uint8_t end[32] = {0};
      memcpy(end, w[r] + i * weight_bytes(type), (size_t)(n * weight_bytes(type)));
      const f32x8 a = load_weights(end, type);
      UNROLL for (int t = 0; t < T; t++)
        sum[r][t][h] = f32x8_first(f32x8_fma(a, f32x8_load_first(x[t] + i * 4, n), sum[r][t][h]), sum[r][t][h], n);
    }
  }
  UNROLL for (int r = 0; r < R; r++)
    UNROLL for (int t = 0; t < T; t++)
      c->out[(token + t) * c->out_stride + row + r] = f32x8_sum(f32x8_add(sum[r][t][0], sum[r][t][1]));
}

INLINE void float_rows(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  for (; row + 2 <= end; row += 2) float_tile(c, row, token, type, 2, T);
  if (row < end) float_tile(c, row, token, type, 1, T);
}

INLINE void linear_float(const linear_call *c, const int type) {
  for (int64_t row = c->row0; row < c->row1; row += FLOAT_ROWS) {
    const int64_t end = row + FLOAT_ROWS < c->row1 ? row + FLOAT_ROWS : c->row1;
    int64_t t = 0;
    for (; t + 3 <= c->n_tokens; t += 3) float_rows(c, row, end, t, type, 3);
    if (c->n_tokens - t == 2) float_rows(c, row, end, t, type, 2);
    if (c->n_tokens - t == 1) float_rows(c, row, end, t, type, 1);
  }
}

static void linear_f32(const linear_call *c) { linear_float(c, HEARTH_F32); }
static void linear_f16(const linear_call *c) { linear_float(c, HEARTH_F16); }
static void linear_bf16(const linear_call *c) { linear_float(c, HEARTH_BF16); }

#endif
