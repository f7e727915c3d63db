/* hearth_quantize_a8_32, over any lanes. */
#ifndef HEARTH_QUANTIZE_H
#define HEARTH_QUANTIZE_H

#include "common.h"

static void quantize_a8_32(const quantize_call *c) {
  for (int64_t t = 0; t < c->n_tokens; t++) {
    const uint8_t *x = c->x + t * c->x_stride;
    uint8_t *q = c->out + t * c->out_stride, *scales = q + c->n_in;
    for (int64_t b = 0; b < c->n_in / 32; b++, x += 128, q += 32, scales += 4) {
      const float scale = f32_max_magnitude_32(x) / 127.0f, inverse = 1.0f / scale;
      if (inverse > 0 && inverse <= 0x1.fffffep127f)
        f32_scale_to_int8_32(q, x, inverse);
      else
        memset(q, 0, 32); /* zeros, or a scale that is infinite or not a number and says so in every product */
      memcpy(scales, &scale, 4);
    }
  }
}

#endif
