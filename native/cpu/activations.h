/* Activation functions over any lanes, alone and as gates; dev.hearth.spi.reference.ScalarActivations says how they are
 * rounded. */
#ifndef HEARTH_ACTIVATIONS_H
#define HEARTH_ACTIVATIONS_H

#include "rowwise.h"

INLINE f32x16 activated(f32x16 x, const int activation) {
  switch (activation) {
    case HEARTH_SILU: return f32x16_silu(x);
    case HEARTH_GELU_TANH: return f32x16_gelu_tanh(x);
    case HEARTH_GELU: return f32x16_gelu(x);
    case HEARTH_QUICK_GELU: return f32x16_quick_gelu(x);
    case HEARTH_RELU: return f32x16_relu(x);
    case HEARTH_RELU_SQUARED: return f32x16_mul(f32x16_relu(x), f32x16_relu(x));
    default: return f32x16_sigmoid(x);
  }
}

INLINE void gate_rows(const rows_call *c, const int activation) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 16) {
      const int64_t left = c->n - i;
      const f32x16 a = activated(load_some_16(c->x + t * c->x_stride + 4 * i, left), activation);
      store_some_16(c->out + t * c->out_stride + 4 * i, f32x16_mul(a, load_some_16(c->y + t * c->y_stride + 4 * i, left)), left);
    }
}

INLINE void activate_rows(const rows_call *c, const int activation) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 16) {
      uint8_t *p = c->out + t * c->out_stride + 4 * i;
      store_some_16(p, activated(load_some_16(p, c->n - i), activation), c->n - i);
    }
}

/* One function an activation, so that each is a loop without a branch. */
#define ACTIVATION(name, activation)                                          \
  static void gate_##name(const rows_call *c) { gate_rows(c, activation); }   \
  static void activate_##name(const rows_call *c) { activate_rows(c, activation); }
ACTIVATION(silu, HEARTH_SILU)
ACTIVATION(gelu_tanh, HEARTH_GELU_TANH)
ACTIVATION(gelu, HEARTH_GELU)
ACTIVATION(quick_gelu, HEARTH_QUICK_GELU)
ACTIVATION(relu, HEARTH_RELU)
ACTIVATION(relu_squared, HEARTH_RELU_SQUARED)
ACTIVATION(sigmoid, HEARTH_LOGISTIC)
#undef ACTIVATION

#define ACTIVATIONS(kind)                                                                                  \
  {[HEARTH_SILU] = kind##_silu,             [HEARTH_GELU_TANH] = kind##_gelu_tanh, [HEARTH_GELU] = kind##_gelu, \
   [HEARTH_QUICK_GELU] = kind##_quick_gelu, [HEARTH_RELU] = kind##_relu,                                   \
   [HEARTH_RELU_SQUARED] = kind##_relu_squared, [HEARTH_LOGISTIC] = kind##_sigmoid}

#endif
