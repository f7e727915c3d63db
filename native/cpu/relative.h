/* What scores gain by content and distance, over any lanes; He and others 2020, arXiv:2006.03654, section 3.1.
 *
 * Neighbouring keys meet different vectors, so nothing is shared but the query: four products of pairs pass together. */
#ifndef HEARTH_RELATIVE_H
#define HEARTH_RELATIVE_H

#include "linear_float.h"

/* out[j] += the sum16 of x[j] * y[j] for N pairs of rows, times scale j where x has some; y is f32. */
INLINE void add_products(float *out, const uint8_t *const *x, const uint8_t *scales, const uint8_t *const *y, int64_t n, const int type,
                         const int N) {
  f32x8 sum[4][2];
  UNROLL for (int j = 0; j < N; j++) sum[j][0] = sum[j][1] = f32x8_all(0);
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    UNROLL for (int h = 0; h < 2; h++)
      UNROLL for (int j = 0; j < N; j++)
        sum[j][h] = f32x8_fma(load_weights(x[j] + (i + 8 * h) * weight_bytes(type), type), f32x8_load(y[j] + (i + 8 * h) * 4),
                              sum[j][h]);
  for (int h = 0; i < n; h++, i += 8) { /* the row's end: absent lanes keep their sum, even -0 */
    const int left = n - i < 8 ? (int)(n - i) : 8;
    UNROLL for (int j = 0; j < N; j++) {
      uint8_t end[32] = {0};
      memcpy(end, x[j] + i * weight_bytes(type), (size_t)(left * weight_bytes(type)));
      const f32x8 a = load_weights(end, type);
      sum[j][h] = f32x8_first(f32x8_fma(a, f32x8_load_first(y[j] + i * 4, left), sum[j][h]), sum[j][h], left);
    }
  }
  UNROLL for (int j = 0; j < N; j++) {
    const float product = f32x8_sum(f32x8_add(sum[j][0], sum[j][1]));
    out[j] += type == HEARTH_CACHE_INT8 ? product * f32_at(scales + 4 * j) : product;
  }
}

/* The head's vector that stands for a distance. */
INLINE const uint8_t *vector_at(const kv_call *c, const uint8_t *table, int64_t head, int64_t distance) {
  const int64_t near = distance < -c->reach ? -c->reach : least(distance, c->reach);
  return table + 4 * (head * c->n_vectors + i32_at(c->vectors + 4 * (near + c->reach))) * c->head_dim;
}

INLINE void relative_some(const kv_call *c, float *scores, const uint8_t *query, const uint8_t *key, const uint8_t *scales,
                          int64_t head, int64_t distance, const int type, const int N) {
  const uint8_t *x[4], *y[4];
  if (c->relative_keys) {
    UNROLL for (int j = 0; j < N; j++) {
      x[j] = query;
      y[j] = vector_at(c, c->relative_keys, head, distance - j);
    }
    add_products(scores, x, 0, y, c->head_dim, HEARTH_F32, N);
  }
  if (c->relative_queries) {
    UNROLL for (int j = 0; j < N; j++) {
      x[j] = key + j * c->head_dim * weight_bytes(type);
      y[j] = vector_at(c, c->relative_queries, head, distance - j);
    }
    add_products(scores, x, scales, y, c->head_dim, type, N);
  }
}

/* Adds to a head's scores of keys that lie one after the other, of which the first is that far before the query. */
INLINE void relative_run(const kv_call *c, float *scores, const uint8_t *query, const uint8_t *key, const uint8_t *scales, int64_t head,
                         int64_t distance, int64_t run, const int type) {
  const int64_t row = c->head_dim * weight_bytes(type);
  int64_t p = 0;
  for (; p + 4 <= run; p += 4) relative_some(c, scores + p, query, key + p * row, scales + 4 * p, head, distance - p, type, 4);
  for (; p < run; p++) relative_some(c, scores + p, query, key + p * row, scales + 4 * p, head, distance - p, type, 1);
}

#endif
