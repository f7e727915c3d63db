/* The float values that a weight's rows stand for: rows for hearth_embed, and hearth_linear of block-quantised weights
 * with f32 activations, whose rows become floats in scratch, a few at a time. dev.hearth.spi.reference.BlockRow says how
 * values are rounded. */
#ifndef HEARTH_VALUES_H
#define HEARTH_VALUES_H

#include "linear_float.h"

/* Rows that are floats at a time: of one or two tokens few, to stay in the first-level cache. */
#define VALUE_ROWS 8
#define VALUE_ROWS_FEW 2

INLINE void values_float(float *out, const uint8_t *w, int64_t n, const int type) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) f32x8_store(out + i, load_weights(w + i * weight_bytes(type), type));
  for (; i < n; i++)
    out[i] = type == HEARTH_F32 ? f32_at(w + 4 * i) : type == HEARTH_F16 ? f16_at(w + 2 * i) : bf16_at(w + 2 * i);
}
static void values_f32(float *out, const uint8_t *w, int64_t n) { values_float(out, w, n, HEARTH_F32); }
static void values_f16(float *out, const uint8_t *w, int64_t n) { values_float(out, w, n, HEARTH_F16); }
static void values_bf16(float *out, const uint8_t *w, int64_t n) { values_float(out, w, n, HEARTH_BF16); }

/* out = scale * q, n a multiple of 8. */
INLINE void scaled(float *out, const int8_t *q, float scale, const int n) {
  UNROLL for (int i = 0; i < n; i += 8) f32x8_store(out + i, f32x8_mul(f32x8_all(scale), f32x8_load_int8(q + i)));
}

static void values_q8_0(float *out, const uint8_t *w, int64_t n) {
  for (int64_t b = 0; b < n / 32; b++, w += 34, out += 32) scaled(out, (const int8_t *)(w + 2), f16_at(w), 32);
}

static void values_q4_0(float *out, const uint8_t *w, int64_t n) {
  for (int64_t b = 0; b < n / 32; b++, w += 18, out += 32) {
    int8_t q[32];
    for (int i = 0; i < 16; i++) q[i] = (int8_t)((w[2 + i] & 15) - 8);
    for (int i = 0; i < 16; i++) q[16 + i] = (int8_t)((w[2 + i] >> 4) - 8);
    scaled(out, q, f16_at(w), 32);
  }
}

/* The eight 6-bit scales of a Q4_K block, then its eight minima. */
INLINE void q4_k_scales(const uint8_t *w, uint8_t *scales) {
  for (int j = 0; j < 4; j++) {
    scales[j] = w[4 + j] & 63;
    scales[4 + j] = (uint8_t)((w[12 + j] & 15) | w[4 + j] >> 6 << 4);
    scales[8 + j] = w[8 + j] & 63;
    scales[12 + j] = (uint8_t)(w[12 + j] >> 4 | w[8 + j] >> 6 << 4);
  }
}

static void values_q4_k(float *out, const uint8_t *w, int64_t n) {
  for (int64_t b = 0; b < n / 256; b++, w += 144, out += 256) {
    const float d = f16_at(w), dmin = f16_at(w + 2);
    uint8_t scales[16];
    q4_k_scales(w, scales);
    UNROLL for (int j = 0; j < 8; j++) {
      const uint8_t *pairs = w + 16 + j / 2 * 32;
      const f32x8 scale = f32x8_all(d * (float)scales[j]), minimum = f32x8_all(dmin * (float)scales[8 + j]);
      int8_t q[32];
      for (int i = 0; i < 32; i++) q[i] = (int8_t)(j % 2 ? pairs[i] >> 4 : pairs[i] & 15);
      UNROLL for (int i = 0; i < 32; i += 8)
        f32x8_store(out + 32 * j + i, f32x8_sub(f32x8_mul(scale, f32x8_load_int8(q + i)), minimum));
    }
  }
}

/* Quarter j of half h of a Q6_K block, 32 values from -32 to 31. */
INLINE void q6_k_quarter(const uint8_t *w, const int h, const int j, int8_t *q) {
  const uint8_t *low = w + 64 * h + 32 * (j % 2), *high = w + 128 + 32 * h;
  for (int i = 0; i < 32; i++) q[i] = (int8_t)(((low[i] >> j / 2 * 4 & 15) | (high[i] >> 2 * j & 3) << 4) - 32);
}

static void values_q6_k(float *out, const uint8_t *w, int64_t n) {
  for (int64_t b = 0; b < n / 256; b++, w += 210, out += 256) {
    const float d = f16_at(w + 208);
    UNROLL for (int j = 0; j < 8; j++) {
      int8_t q[32];
      q6_k_quarter(w, j / 4, j % 4, q);
      scaled(out + 32 * j, q, d * (float)(int8_t)w[192 + 2 * j], 16);
      scaled(out + 32 * j + 16, q + 16, d * (float)(int8_t)w[193 + 2 * j], 16);
    }
  }
}

static void embed(const embed_call *c, row_values *values) {
  for (int64_t t = 0; t < c->n_rows; t++) {
    float *out = (float *)(void *)(c->out + t * c->out_stride);
    values(out, c->w + i32_at(c->ids + t * c->ids_stride) * c->w_stride, c->n);
    for (int64_t i = 0; i < c->n; i++) out[i] *= c->scale;
  }
}

static int64_t linear_values_scratch(int64_t n_in, int64_t n_tokens) {
  return (n_tokens < 4 ? VALUE_ROWS_FEW : VALUE_ROWS) * n_in * 4;
}

INLINE void linear_values(const linear_call *c, row_values *values) {
  const int64_t most = c->n_tokens < 4 ? VALUE_ROWS_FEW : VALUE_ROWS;
  linear_call part = *c;
  part.w = c->scratch;
  part.w_stride = 4 * c->n_in;
  part.row0 = 0;
  for (int64_t row = c->row0; row < c->row1; row += most) {
    part.row1 = least(most, c->row1 - row);
    for (int64_t r = 0; r < part.row1; r++)
      values((float *)(void *)(c->scratch + r * part.w_stride), c->w + (row + r) * c->w_stride, c->n_in);
    part.out = c->out + row;
    linear_f32(&part);
  }
}
static void linear_values_q8_0(const linear_call *c) { linear_values(c, values_q8_0); }
static void linear_values_q4_0(const linear_call *c) { linear_values(c, values_q4_0); }
static void linear_values_q4_k(const linear_call *c) { linear_values(c, values_q4_k); }
static void linear_values_q6_k(const linear_call *c) { linear_values(c, values_q6_k); }

#endif
