/* hearth_linear for block-quantised weights with int8 activations, in portable C. */
#ifndef HEARTH_BLOCKS_PLAIN_H
#define HEARTH_BLOCKS_PLAIN_H

#include "values.h"

INLINE int32_t dot_int8(const int8_t *w, const uint8_t *x, int n) {
  int32_t sum = 0;
  for (int i = 0; i < n; i++) sum += w[i] * (int8_t)x[i];
  return sum;
}

/* A block of 32; returns its dot product. */
INLINE int32_t b32_dot(const uint8_t *w, const uint8_t *x, const int type) {
  if (type == HEARTH_Q8_0) return dot_int8((const int8_t *)(w + 2), x, 32);
  int32_t sum = 0;
  for (int i = 0; i < 16; i++) sum += ((w[2 + i] & 15) - 8) * (int8_t)x[i] + ((w[2 + i] >> 4) - 8) * (int8_t)x[16 + i];
  return sum;
}

INLINE void linear_b32(const linear_call *c, const int type) {
  const int64_t bytes = type == HEARTH_Q8_0 ? 34 : 18;
  for (int64_t r = c->row0; r < c->row1; r++)
    for (int64_t t = 0; t < c->n_tokens; t++) {
      const uint8_t *w = c->w + r * c->w_stride, *x = c->x + t * c->x_stride, *scales = x + c->n_in;
      float sum[8] = {0};
      for (int64_t b = 0; b < c->n_in / 32; b++, w += bytes)
        sum[b % 8] = fma1(f16_at(w) * f32_at(scales + 4 * b), (float)b32_dot(w, x + 32 * b, type), sum[b % 8]);
      c->out[t * c->out_stride + r] = tree(sum);
    }
}
static void linear_q8_0(const linear_call *c) { linear_b32(c, HEARTH_Q8_0); }
static void linear_q4_0(const linear_call *c) { linear_b32(c, HEARTH_Q4_0); }

static void linear_q4_k(const linear_call *c) {
  for (int64_t r = c->row0; r < c->row1; r++)
    for (int64_t t = 0; t < c->n_tokens; t++) {
      const uint8_t *w = c->w + r * c->w_stride, *x = c->x + t * c->x_stride, *dx = x + c->n_in, *sums = dx + c->n_in / 64;
      float sum[8] = {0};
      for (int64_t b = 0; b < c->n_in / 256; b++, w += 144, x += 256, dx += 4, sums += 16) {
        uint8_t scales[16];
        int32_t dot = 0, low = 0;
        q4_k_scales(w, scales);
        for (int j = 0; j < 8; j++) {
          int32_t part = 0;
          for (int i = 0; i < 32; i++) part += (w[16 + j / 2 * 32 + i] >> j % 2 * 4 & 15) * (int8_t)x[32 * j + i];
          dot += scales[j] * part;
          low += scales[8 + j] * i16_at(sums + 2 * j);
        }
        sum[b % 8] = fma1(f16_at(w) * f32_at(dx), (float)dot, sum[b % 8]);
        sum[b % 8] = fma1(-(f16_at(w + 2) * f32_at(dx)), (float)low, sum[b % 8]);
      }
      c->out[t * c->out_stride + r] = tree(sum);
    }
}

static void linear_q6_k(const linear_call *c) {
  for (int64_t r = c->row0; r < c->row1; r++)
    for (int64_t t = 0; t < c->n_tokens; t++) {
      const uint8_t *w = c->w + r * c->w_stride, *x = c->x + t * c->x_stride, *dx = x + c->n_in;
      float sum[8] = {0};
      for (int64_t b = 0; b < c->n_in / 256; b++, w += 210, x += 256, dx += 4) {
        int32_t dot = 0;
        for (int j = 0; j < 8; j++) {
          int8_t q[32];
          q6_k_quarter(w, j / 4, j % 4, q);
          dot += (int8_t)w[192 + 2 * j] * dot_int8(q, x + 32 * j, 16);
          dot += (int8_t)w[193 + 2 * j] * dot_int8(q + 16, x + 32 * j + 16, 16);
        }
        sum[b % 8] = fma1(f16_at(w + 208) * f32_at(dx), (float)dot, sum[b % 8]);
      }
      c->out[t * c->out_stride + r] = tree(sum);
    }
}

#endif
