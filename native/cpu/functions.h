/* The functions of one number, over any lanes; dev.hearth.spi.reference.ScalarMath says how they are rounded. */
#ifndef HEARTH_FUNCTIONS_H
#define HEARTH_FUNCTIONS_H

#include "common.h"

#define V f32x8
#define OF(name) f32x8_##name
#include "functions_of.h"
#undef V
#undef OF
#define V f32x16
#define OF(name) f32x16_##name
#include "functions_of.h"
#undef V
#undef OF

INLINE float exp1(float x) {
  float lanes[8];
  f32x8_store(lanes, f32x8_exp(f32x8_all(x)));
  return lanes[0];
}

/* log of a normal number from 1 on. */
INLINE float log1(float u) {
  const uint32_t bits = bits_of(u);
  const float fraction = float_of((bits & 0x7fffff) | 0x3f000000); /* in [1/2, 1) */
  const int32_t low = fraction < 0.70710677f;
  const float e = (float)((int32_t)(bits >> 23) - 126 - low), m = low ? fraction + fraction : fraction;
  const float x = m - 1, z = x * x;
  float p = 0.070376836f;
  p = fma1(p, x, -0.1151461f);
  p = fma1(p, x, 0.116769984f);
  p = fma1(p, x, -0.12420141f);
  p = fma1(p, x, 0.14249323f);
  p = fma1(p, x, -0.16668057f);
  p = fma1(p, x, 0.20000714f);
  p = fma1(p, x, -0.24999994f);
  p = fma1(p, x, 0.3333333f);
  p = p * x * z;
  p = fma1(e, -0.00021219444f, p);
  p = fma1(z, -0.5f, p);
  return fma1(e, 0.6933594f, x + p);
}

/* f32x8_max that holds 0 for greater than -0. */
INLINE f32x8 f32x8_max_signed(f32x8 a, f32x8 b) {
  const f32x8 most = f32x8_max(a, b), unsigned_zero = f32x8_add(most, f32x8_all(0));
  return f32x8_by_sign(a, f32x8_by_sign(b, most, unsigned_zero), unsigned_zero);
}

/* A loop that compilers turn into vectors. */
INLINE f32x8 f32x8_softplus(f32x8 x) {
  float v[8], y[8];
  f32x8_store(v, x);
  f32x8_store(y, f32x8_exp(x));
  for (int i = 0; i < 8; i++) {
    const float u = 1 + y[i], sum = log1(u) * y[i] / (u - 1);
    v[i] = v[i] <= 20 ? (u == 1 ? y[i] : sum) : v[i];
  }
  return f32x8_load(v);
}

#endif
