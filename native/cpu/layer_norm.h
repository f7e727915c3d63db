/* Layer norm over any lanes. */
#ifndef HEARTH_LAYER_NORM_H
#define HEARTH_LAYER_NORM_H

#include "rowwise.h"

/* The sum16 of a group's values less a mean, or of the squares of these; lanes past its end add 0 to a sum that is never -0. */
INLINE float sum_about(const uint8_t *x, int64_t n, float mean, const int squared) {
  const f32x8 centre = f32x8_all(mean), zero = f32x8_all(0);
  f32x8 sums[2] = {zero, zero};
  for (int64_t i = 0; i < n; i += 8) {
    const int64_t left = n - i;
    f32x8 v = load_some(x + 4 * i, left);
    if (squared) {
      v = f32x8_sub(v, centre);
      if (left < 8) v = f32x8_first(v, zero, (int)left);
    }
    f32x8 *sum = &sums[i / 8 % 2];
    *sum = squared ? f32x8_fma(v, v, *sum) : f32x8_add(*sum, v);
  }
  return f32x8_sum(f32x8_add(sums[0], sums[1]));
}

static void layer_norm(const norm_call *c) {
  for (int64_t t = 0; t < c->n_rows; t++) {
    uint8_t *residual = c->residual + t * c->residual_stride, *out = c->out + t * c->out_stride;
    if (c->delta) add_row(residual, c->delta + t * c->delta_stride, c->n);
    for (int64_t start = 0; start < c->n; start += c->group) {
      const uint8_t *x = residual + 4 * start;
      const float mean = sum_about(x, c->group, 0, 0) / (float)c->group;
      const float r = 1 / __builtin_sqrtf(sum_about(x, c->group, mean, 1) / (float)c->group + c->epsilon);
      for (int64_t i = 0; i < c->group; i += 8) {
        const int64_t left = c->group - i;
        const f32x8 centred = f32x8_sub(load_some(x + 4 * i, left), f32x8_all(mean));
        f32x8 v = f32x8_mul(f32x8_mul(centred, f32x8_all(r)), load_some(c->weight + 4 * i, left));
        if (c->bias) v = f32x8_add(v, load_some(c->bias + 4 * i, left));
        store_some(out + 4 * (start + i), v, left);
      }
    }
  }
}

#endif
