/* hearth_quantize, over any lanes. */
#ifndef HEARTH_QUANTIZE_H
#define HEARTH_QUANTIZE_H

#include "common.h"

/* One block of n values; returns its scale. */
INLINE float quantize_block(uint8_t *q, const uint8_t *x, const int64_t n) {
  const int64_t whole = n / 32 * 32, left = n - whole;
  uint8_t end[128] = {0}, codes[32];
  memcpy(end, x + 4 * whole, (size_t)left * 4);
  float most = left > 0 ? f32_max_magnitude_32(end) : 0;
  for (int64_t i = 0; i < whole; i += 32) {
    const float m = f32_max_magnitude_32(x + 4 * i);
    most = bits_of(m) > bits_of(most) ? m : most;
  }
  const float scale = most < 0x1p-100f ? 0 : most <= 0x1.fffffep127f ? most / 127 : float_of(0x7fc00000);
  if (scale > 0) {
    const float inverse = 1 / scale;
    for (int64_t i = 0; i < whole; i += 32) f32_scale_to_int8_32(q + i, x + 4 * i, inverse);
    if (left > 0) {
      f32_scale_to_int8_32(codes, end, inverse);
      memcpy(q + whole, codes, (size_t)left);
    }
  } else {
    memset(q, 0, (size_t)n);
  }
  return scale;
}

static void quantize_a8_32(const quantize_call *c) {
  for (int64_t t = 0; t < c->n_tokens; t++) {
    const uint8_t *x = c->x + t * c->x_stride;
    uint8_t *q = c->out + t * c->out_stride, *scales = q + c->n_in;
    for (int64_t b = 0; b < c->n_in / 32; b++) put_f32(scales + 4 * b, quantize_block(q + 32 * b, x + 128 * b, 32));
  }
}

static void quantize_a8_256(const quantize_call *c) {
  for (int64_t t = 0; t < c->n_tokens; t++) {
    const uint8_t *x = c->x + t * c->x_stride;
    uint8_t *q = c->out + t * c->out_stride, *scales = q + c->n_in, *sums = scales + c->n_in / 64;
    for (int64_t b = 0; b < c->n_in / 256; b++) put_f32(scales + 4 * b, quantize_block(q + 256 * b, x + 1024 * b, 256));
    for (int64_t g = 0; g < c->n_in / 32; g++) {
      int32_t sum = 0;
      for (int i = 0; i < 32; i++) sum += (int8_t)q[32 * g + i];
      const int16_t group = (int16_t)sum;
      memcpy(sums + 2 * g, &group, 2);
    }
  }
}

static void quantize_bf16(const quantize_call *c) {
  for (int64_t t = 0; t < c->n_tokens; t++) {
    const uint8_t *x = c->x + t * c->x_stride;
    uint8_t *out = c->out + t * c->out_stride;
    for (int64_t i = 0; i < c->n_in; i++) {
      const uint16_t half = bf16_of(f32_at(x + 4 * i));
      memcpy(out + 2 * i, &half, 2);
    }
  }
}

#endif
