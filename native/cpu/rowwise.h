/* Operations on rows of floats, each row on its own, over any lanes. */
#ifndef HEARTH_ROWWISE_H
#define HEARTH_ROWWISE_H

#include "functions.h"

/* The rows' end, some lanes, is loaded and stored in part. */
INLINE f32x8 load_some(const uint8_t *p, int64_t left) { return left >= 8 ? f32x8_load(p) : f32x8_load_first(p, (int)left); }
INLINE void store_some(uint8_t *p, f32x8 v, int64_t left) {
  if (left >= 8)
    f32x8_store(p, v);
  else
    f32x8_store_first(p, v, (int)left);
}

INLINE f32x16 load_some_16(const uint8_t *p, int64_t left) {
  return left >= 16 ? f32x16_load(p) : f32x16_load_first(p, (int)left);
}
INLINE void store_some_16(uint8_t *p, f32x16 v, int64_t left) {
  if (left >= 16)
    f32x16_store(p, v);
  else
    f32x16_store_first(p, v, (int)left);
}

INLINE void add_row(uint8_t *to, const uint8_t *x, int64_t n) {
  for (int64_t i = 0; i < n; i += 16)
    store_some_16(to + 4 * i, f32x16_add(load_some_16(to + 4 * i, n - i), load_some_16(x + 4 * i, n - i)), n - i);
}

static void add(const rows_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++) add_row(c->out + t * c->out_stride, c->x + t * c->x_stride, c->n);
}

static void multiply(const rows_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 16) {
      uint8_t *p = c->out + t * c->out_stride + 4 * i;
      const f32x16 x = load_some_16(c->x + t * c->x_stride + 4 * i, c->n - i);
      store_some_16(p, f32x16_mul(load_some_16(p, c->n - i), x), c->n - i);
    }
}

/* The sum16 of a group's squares. Lanes past its end add 0 to a sum that is never -0. */
INLINE float squares(const uint8_t *x, int64_t n) {
  f32x16 sum = f32x16_zero();
  for (int64_t i = 0; i < n; i += 16) {
    const f32x16 v = load_some_16(x + 4 * i, n - i);
    sum = f32x16_fma(v, v, sum);
  }
  return f32x16_sum(sum);
}

static void norm(const norm_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++) {
    uint8_t *residual = c->residual + t * c->residual_stride, *out = c->out + t * c->out_stride;
    if (c->delta) add_row(residual, c->delta + t * c->delta_stride, c->n);
    for (int64_t start = 0; start < c->n; start += c->group) {
      const uint8_t *x = residual + 4 * start;
      const float r = 1 / __builtin_sqrtf(squares(x, c->group) / (float)c->group + c->epsilon);
      const f32x16 factor = f32x16_all(r);
      for (int64_t i = 0; i < c->group; i += 16) {
        const int64_t left = c->group - i;
        const f32x16 scaled = f32x16_mul(load_some_16(x + 4 * i, left), factor);
        store_some_16(out + 4 * (start + i), f32x16_mul(scaled, load_some_16(c->weight + 4 * i, left)), left);
      }
    }
  }
}

static void scale(const rows_call *c) {
  const f32x16 factor = f32x16_all(c->factor);
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 16) {
      uint8_t *p = c->out + t * c->out_stride + 4 * i;
      store_some_16(p, f32x16_mul(load_some_16(p, c->n - i), factor), c->n - i);
    }
}

static void clamped_gate(const rows_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 16) {
      const int64_t left = c->n - i;
      const f32x16 g = f32x16_clamp(load_some_16(c->x + t * c->x_stride + 4 * i, left), -__builtin_inff(), c->limit);
      const f32x16 u = f32x16_clamp(load_some_16(c->y + t * c->y_stride + 4 * i, left), -c->limit, c->limit);
      const f32x16 e = f32x16_exp(f32x16_negate(f32x16_mul(f32x16_all(c->factor), g)));
      const f32x16 activated = f32x16_div(g, f32x16_add(f32x16_all(1), e));
      store_some_16(c->out + t * c->out_stride + 4 * i, f32x16_mul(f32x16_add(u, f32x16_all(1)), activated), left);
    }
}

static void softcap(const rows_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 16) {
      uint8_t *p = c->out + t * c->out_stride + 4 * i;
      store_some_16(p, f32x16_softcap(load_some_16(p, c->n - i), c->factor), c->n - i);
    }
}

/* Rows that x is added to: y holds their indices, weights a factor each. */
static void accumulate(const rows_call *c) {
  for (int64_t r = 0; r < c->n_rows; r++) {
    uint8_t *out = c->out + i32_at(c->y + r * c->y_stride) * c->out_stride;
    const uint8_t *x = c->x + r * c->x_stride;
    const f32x16 factor = f32x16_all(f32_at(c->weights + r * c->weights_stride));
    for (int64_t i = 0; i < c->n; i += 16) {
      const int64_t left = c->n - i;
      store_some_16(out + 4 * i, f32x16_fma(factor, load_some_16(x + 4 * i, left), load_some_16(out + 4 * i, left)), left);
    }
  }
}

/* a and b of a pair, with their cosine and sine. */
INLINE void turn(uint8_t *a, uint8_t *b, float cosine, float sine) {
  const float x = f32_at(a), y = f32_at(b);
  put_f32(a, fma1(x, cosine, -(y * sine)));
  put_f32(b, fma1(y, cosine, x * sine));
}

INLINE void turn_halves(uint8_t *head, const uint8_t *cosines, const uint8_t *sines, int64_t pairs) {
  uint8_t *other = head + 4 * pairs;
  int64_t i = 0;
  for (; i + 8 <= pairs; i += 8) {
    const f32x8 a = f32x8_load(head + 4 * i), b = f32x8_load(other + 4 * i);
    const f32x8 cosine = f32x8_load(cosines + 4 * i), sine = f32x8_load(sines + 4 * i);
    f32x8_store(head + 4 * i, f32x8_fma(a, cosine, f32x8_negate(f32x8_mul(b, sine))));
    f32x8_store(other + 4 * i, f32x8_fma(b, cosine, f32x8_mul(a, sine)));
  }
  for (; i < pairs; i++) turn(head + 4 * i, other + 4 * i, f32_at(cosines + 4 * i), f32_at(sines + 4 * i));
}

static void rotate(const rotate_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++) {
    const uint8_t *cosines = c->table + i32_at(c->positions + t * c->positions_stride) * c->table_stride;
    const uint8_t *sines = cosines + 4 * c->pairs;
    for (int64_t head = 0; head < c->n; head += c->head_dim) {
      uint8_t *x = c->inout + t * c->inout_stride + 4 * head;
      if (c->pairing == HEARTH_HALVES) {
        turn_halves(x, cosines, sines, c->pairs);
      } else {
        for (int64_t i = 0; i < c->pairs; i++)
          turn(x + 8 * i, x + 8 * i + 4, f32_at(cosines + 4 * i), f32_at(sines + 4 * i));
      }
    }
  }
}

#endif
