/* hearth_quantize_a8_32, over any lanes. */
#ifndef HEARTH_QUANTIZE_H
#define HEARTH_QUANTIZE_H

#include "common.h"

static void quantize_a8_32(const quantize_call *c) {
  for (int64_t t = 0; t < c->n_tokens; t++) {
    const uint8_t *x = c->x + t * c->x_stride;
    uint8_t *q = c->out + t * c->out_stride, *scales = q + c->n_in;
    for (int64_t b = 0; b < c->n_in / 32; b++, x += 128, q += 32, scales += 4) {
      const float most = f32_max_magnitude_32(x);
      const float scale = most < 0x1p-100f ? 0 : most <= 0x1.fffffep127f ? most / 127 : float_of(0x7fc00000);
      if (scale > 0)
        f32_scale_to_int8_32(q, x, 1 / scale);
      else
        memset(q, 0, 32);
      memcpy(scales, &scale, 4);
    }
  }
}

#endif
