/* Functions of whole rows and mixtures of the streams that a row holds, over any lanes; ScalarRows says what each computes. */
#ifndef HEARTH_STREAMS_H
#define HEARTH_STREAMS_H

#include "activations.h"
#include "layer_norm.h"

static void scale_columns(const rows_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 8) {
      uint8_t *p = c->out + t * c->out_stride + 4 * i;
      store_some(p, f32x8_mul(load_some(p, c->n - i), load_some(c->x + 4 * i, c->n - i)), c->n - i);
    }
}

static void resize(const rows_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++) {
    uint8_t *out = c->out + t * c->out_stride;
    const float target = __builtin_sqrtf(squares(c->x + t * c->x_stride, c->n) / (float)c->n);
    const float square = squares(out, c->n) / (float)c->n;
    const float own = __builtin_sqrtf(square != square || square > c->limit ? square : c->limit);
    for (int64_t i = 0; i < c->n; i += 8) {
      const f32x8 v = f32x8_mul(load_some(out + 4 * i, c->n - i), f32x8_all(target));
      store_some(out + 4 * i, f32x8_div(v, f32x8_all(own)), c->n - i);
    }
  }
}

static void maxima(const maxima_call *c) {
  uint8_t *out = c->out;
  for (int64_t start = 0; start < c->n; start += c->size, out += 4) {
    const int64_t end = c->n - start < c->size ? c->n : start + c->size;
    f32x16 most = f32x16_all(-__builtin_inff());
    int64_t i = start;
    for (; i + 16 <= end; i += 16) most = f32x16_max(most, f32x16_load(c->x + 4 * i));
    if (i < end) most = f32x16_first(f32x16_max(most, load_some_16(c->x + 4 * i, end - i)), most, (int)(end - i));
    put_f32(out, f32x16_most(most));
  }
}

/* n elements of a stream; as many of x as there are weights to a result. */
static void mix(const mix_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++) {
    const uint8_t *x = c->x + t * c->x_stride, *weights = c->weights + t * c->weights_stride;
    for (int64_t j = 0; j < c->n_out; j++)
      for (int64_t i = 0; i < c->n; i += 8) {
        f32x8 sum = f32x8_all(0);
        for (int64_t s = 0; s < c->n_in; s++)
          sum = f32x8_fma(f32x8_all(f32_at(weights + 4 * (j * c->n_in + s))), load_some(x + 4 * (s * c->n + i), c->n - i), sum);
        store_some(c->out + t * c->out_stride + 4 * (j * c->n + i), sum, c->n - i);
      }
  }
}

INLINE void clamp_row(uint8_t *out, const uint8_t *x, int64_t n, float limit) {
  for (int64_t i = 0; i < n; i += 8) store_some(out + 4 * i, f32x8_clamp(load_some(x + 4 * i, n - i), -limit, limit), n - i);
}

INLINE void sparse_row(uint8_t *out, const uint8_t *x, int64_t n, float deviations) {
  const float mean = sum_about(x, n, 0, 0) / (float)n;
  const float cutoff = fma1(deviations, __builtin_sqrtf(sum_about(x, n, mean, 1) / (float)n), mean);
  for (int64_t i = 0; i < n; i += 8)
    store_some(out + 4 * i, f32x8_relu(f32x8_sub(load_some(x + 4 * i, n - i), f32x8_all(cutoff))), n - i);
}

INLINE void int8_row(uint8_t *out, const uint8_t *x, int64_t n, float least_amax) {
  f32x8 most = f32x8_all(least_amax);
  for (int64_t i = 0; i < n; i += 8) {
    const f32x8 v = load_some(x + 4 * i, n - i);
    most = f32x8_max(most, f32x8_by_sign(v, f32x8_negate(v), v));
  }
  float lanes[8], amax = least_amax;
  f32x8_store(lanes, most);
  for (int i = 0; i < 8; i++) amax = amax != amax || amax > lanes[i] ? amax : lanes[i];
  const f32x8 scale = f32x8_all(127 / amax);
  for (int64_t i = 0; i < n; i += 8) {
    const f32x8 whole = f32x8_rint(f32x8_mul(load_some(x + 4 * i, n - i), scale));
    store_some(out + 4 * i, f32x8_div(f32x8_add(whole, f32x8_all(0)), scale), n - i); /* -0 becomes +0 */
  }
}

INLINE f32x8 f32x8_xielu(f32x8 x, const map_call *c) {
  const f32x8 straight = f32x8_mul(f32x8_all(c->c), x);
  const f32x8 above = f32x8_fma(f32x8_mul(f32x8_all(c->a), x), x, straight);
  const f32x8 y = f32x8_clamp(x, -__builtin_inff(), c->d);
  f32x8 p = f32x8_all(1 / 362880.0f);
  p = f32x8_fma(p, y, f32x8_all(1 / 40320.0f));
  p = f32x8_fma(p, y, f32x8_all(1 / 5040.0f));
  p = f32x8_fma(p, y, f32x8_all(1 / 720.0f));
  p = f32x8_fma(p, y, f32x8_all(1 / 120.0f));
  p = f32x8_fma(p, y, f32x8_all(1 / 24.0f));
  p = f32x8_fma(p, y, f32x8_all(1 / 6.0f));
  p = f32x8_fma(p, y, f32x8_all(1 / 2.0f));
  const f32x8 near = f32x8_mul(f32x8_mul(y, y), p), far = f32x8_sub(f32x8_sub(f32x8_exp(y), f32x8_all(1)), y);
  const f32x8 curve = f32x8_by_sign(f32x8_add(y, f32x8_all(0.5f)), far, near); /* far below -1/2 */
  const f32x8 below = f32x8_fma(f32x8_add(curve, f32x8_sub(y, x)), f32x8_all(c->b), straight);
  return f32x8_by_sign(x, below, above);
}

static void map(const map_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++) {
    uint8_t *out = c->out + t * c->out_stride;
    const uint8_t *x = c->x + t * c->x_stride;
    switch (c->function) {
      case HEARTH_CLAMP: clamp_row(out, x, c->n, c->a); break;
      case HEARTH_SPARSE: sparse_row(out, x, c->n, c->a); break;
      case HEARTH_INT8: int8_row(out, x, c->n, c->a); break;
      default:
        for (int64_t i = 0; i < c->n; i += 8) store_some(out + 4 * i, f32x8_xielu(load_some(x + 4 * i, c->n - i), c), c->n - i);
    }
  }
}

#endif
