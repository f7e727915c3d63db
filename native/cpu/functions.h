/* The functions of one number, over any lanes; dev.hearth.spi.reference.ScalarMath says how they are rounded. */
#ifndef HEARTH_FUNCTIONS_H
#define HEARTH_FUNCTIONS_H

#include "common.h"

INLINE f32x8 f32x8_exp(f32x8 x) {
  const f32x8 clamped = f32x8_clamp(x, -104, 89);
  const f32x8 n = f32x8_rint(f32x8_mul(clamped, f32x8_all(0x1.715476p0f)));
  f32x8 r = f32x8_fma(n, f32x8_all(-0x1.62e4p-1f), clamped); /* ln 2 in two parts, the first of 15 bits */
  r = f32x8_fma(n, f32x8_all(-0x1.7f7d1cp-20f), r);
  f32x8 p = f32x8_all(1 / 5040.0f);
  p = f32x8_fma(p, r, f32x8_all(1 / 720.0f));
  p = f32x8_fma(p, r, f32x8_all(1 / 120.0f));
  p = f32x8_fma(p, r, f32x8_all(1 / 24.0f));
  p = f32x8_fma(p, r, f32x8_all(1 / 6.0f));
  p = f32x8_fma(p, r, f32x8_all(0.5f));
  p = f32x8_fma(p, r, f32x8_all(1));
  p = f32x8_fma(p, r, f32x8_all(1));
  return f32x8_scale(p, n);
}

INLINE f32x8 f32x8_silu(f32x8 x) {
  return f32x8_div(x, f32x8_add(f32x8_all(1), f32x8_exp(f32x8_negate(x))));
}

INLINE f32x8 f32x8_gelu_tanh(f32x8 x) {
  const f32x8 cubic = f32x8_fma(f32x8_mul(f32x8_mul(f32x8_all(0.044715f), x), x), x, x);
  const f32x8 u = f32x8_mul(f32x8_all(0x1.988454p-1f), cubic); /* sqrt(2 / pi) */
  return f32x8_div(x, f32x8_add(f32x8_all(1), f32x8_exp(f32x8_mul(f32x8_all(-2), u))));
}

INLINE f32x8 f32x8_softcap(f32x8 x, float cap) {
  const f32x8 e = f32x8_exp(f32x8_mul(f32x8_all(2), f32x8_div(x, f32x8_all(cap))));
  const f32x8 tanh = f32x8_sub(f32x8_all(1), f32x8_div(f32x8_all(2), f32x8_add(e, f32x8_all(1))));
  return f32x8_mul(f32x8_all(cap), tanh);
}

#endif
