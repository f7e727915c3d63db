/* Activation functions over any lanes, alone and as gates; dev.hearth.spi.reference.ScalarActivations says how they are
 * rounded. */
#ifndef HEARTH_ACTIVATIONS_H
#define HEARTH_ACTIVATIONS_H

#include "rowwise.h"

INLINE f32x8 f32x8_quick_gelu(f32x8 x) {
  return f32x8_div(x, f32x8_add(f32x8_all(1), f32x8_exp(f32x8_mul(f32x8_all(-1.702f), x))));
}

INLINE f32x8 f32x8_sigmoid(f32x8 x) {
  return f32x8_div(f32x8_all(1), f32x8_add(f32x8_all(1), f32x8_exp(f32x8_negate(x))));
}

/* NaN stays, -0 becomes +0. */
INLINE f32x8 f32x8_relu(f32x8 x) { return f32x8_max(x, f32x8_all(0)); }

/* x * (1 - tail) or x * tail by the sign, the tail of the normal distribution being exp(-x^2 / 2) * t * P(t). */
INLINE f32x8 f32x8_gelu(f32x8 x) {
  const f32x8 magnitude = f32x8_max(x, f32x8_negate(x));
  const f32x8 t = f32x8_div(f32x8_all(1), f32x8_fma(f32x8_all(0.3f), magnitude, f32x8_all(1)));
  f32x8 p = f32x8_all(-0x1.51e53p-6f);
  p = f32x8_fma(p, t, f32x8_all(0x1.cc8968p-4f));
  p = f32x8_fma(p, t, f32x8_all(-0x1.d361ccp-3f));
  p = f32x8_fma(p, t, f32x8_all(0x1.88c686p-3f));
  p = f32x8_fma(p, t, f32x8_all(-0x1.4551e2p-4f));
  p = f32x8_fma(p, t, f32x8_all(0x1.89dbeap-4f));
  p = f32x8_fma(p, t, f32x8_all(0x1.411572p-4f));
  p = f32x8_fma(p, t, f32x8_all(0x1.c3863cp-4f));
  p = f32x8_fma(p, t, f32x8_all(0x1.e9c422p-4f));
  p = f32x8_fma(p, t, f32x8_all(0x1.ea3c98p-4f));
  const f32x8 e = f32x8_exp(f32x8_mul(f32x8_mul(f32x8_all(-0.5f), x), x));
  const f32x8 tail = f32x8_mul(f32x8_mul(t, p), e);
  return f32x8_mul(x, f32x8_by_sign(x, tail, f32x8_sub(f32x8_all(1), tail)));
}

INLINE f32x8 activated(f32x8 x, const int activation) {
  switch (activation) {
    case HEARTH_SILU: return f32x8_silu(x);
    case HEARTH_GELU_TANH: return f32x8_gelu_tanh(x);
    case HEARTH_GELU: return f32x8_gelu(x);
    case HEARTH_QUICK_GELU: return f32x8_quick_gelu(x);
    case HEARTH_RELU: return f32x8_relu(x);
    case HEARTH_RELU_SQUARED: return f32x8_mul(f32x8_relu(x), f32x8_relu(x));
    default: return f32x8_sigmoid(x);
  }
}

INLINE void gate_rows(const rows_call *c, const int activation) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 8) {
      const int64_t left = c->n - i;
      const f32x8 a = activated(load_some(c->x + t * c->x_stride + 4 * i, left), activation);
      store_some(c->out + t * c->out_stride + 4 * i, f32x8_mul(a, load_some(c->y + t * c->y_stride + 4 * i, left)), left);
    }
}

INLINE void activate_rows(const rows_call *c, const int activation) {
  for (int64_t t = 0; t < c->n_rows; t++)
    for (int64_t i = 0; i < c->n; i += 8) {
      uint8_t *p = c->out + t * c->out_stride + 4 * i;
      store_some(p, activated(load_some(p, c->n - i), activation), c->n - i);
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
