/* Eight lanes in portable C. lanes_*.h give the same names over an instruction set's registers; shared kernels use
 * nothing else, so that every set gives the same bits. */
#ifndef HEARTH_LANES_H
#define HEARTH_LANES_H

#include "common.h"

typedef struct {
  float lane[8];
} f32x8;

INLINE f32x8 f32x8_all(float v) { return (f32x8){{v, v, v, v, v, v, v, v}}; }

INLINE f32x8 f32x8_load(const void *p) {
  f32x8 v;
  memcpy(&v, p, 32);
  return v;
}

/* The first n lanes; the others are 0 and nothing is read for them. */
INLINE f32x8 f32x8_load_first(const void *p, int n) {
  f32x8 v = f32x8_all(0);
  memcpy(&v, p, (size_t)n * 4);
  return v;
}

INLINE f32x8 f32x8_load_f16(const void *p) {
  f32x8 v;
  for (int i = 0; i < 8; i++) v.lane[i] = f16_at((const uint8_t *)p + 2 * i);
  return v;
}

INLINE f32x8 f32x8_load_bf16(const void *p) {
  f32x8 v;
  for (int i = 0; i < 8; i++) v.lane[i] = bf16_at((const uint8_t *)p + 2 * i);
  return v;
}

/* The second numbers of eight pairs of bfloat16, or the first ones. */
INLINE f32x8 f32x8_load_seconds(const uint8_t *p) {
  f32x8 v;
  for (int i = 0; i < 8; i++) v.lane[i] = bf16_at(p + 4 * i + 2);
  return v;
}
INLINE f32x8 f32x8_load_firsts(const uint8_t *p) {
  f32x8 v;
  for (int i = 0; i < 8; i++) v.lane[i] = bf16_at(p + 4 * i);
  return v;
}

/* From flush_begin to flush_end numbers below 2^-126 count as zeros of their sign, in operands and results. A set without such a
 * mode needs f32x8_normal of each, which others leave as it is. */
#define LANES_FLUSH 0
INLINE uint64_t flush_begin(void) { return 0; }
INLINE void flush_end(uint64_t before) { (void)before; }
INLINE f32x8 f32x8_normal(f32x8 v) {
  for (int i = 0; i < 8; i++) v.lane[i] = (bits_of(v.lane[i]) & 0x7f800000) == 0 ? float_of(bits_of(v.lane[i]) & 0x80000000) : v.lane[i];
  return v;
}

INLINE f32x8 f32x8_load_int8(const int8_t *p) {
  f32x8 v;
  for (int i = 0; i < 8; i++) v.lane[i] = (float)p[i];
  return v;
}

INLINE void f32x8_store(void *p, f32x8 v) { memcpy(p, &v, 32); }
INLINE void f32x8_store_first(void *p, f32x8 v, int n) { memcpy(p, &v, (size_t)n * 4); }

/* To nearest with ties to even. */
INLINE void f32x8_store_f16(void *p, f32x8 v) {
  for (int i = 0; i < 8; i++) {
    const uint16_t h = f16_of(v.lane[i]);
    memcpy((uint8_t *)p + 2 * i, &h, 2);
  }
}

INLINE f32x8 f32x8_add(f32x8 a, f32x8 b) {
  for (int i = 0; i < 8; i++) a.lane[i] += b.lane[i];
  return a;
}

INLINE f32x8 f32x8_sub(f32x8 a, f32x8 b) {
  for (int i = 0; i < 8; i++) a.lane[i] -= b.lane[i];
  return a;
}

INLINE f32x8 f32x8_mul(f32x8 a, f32x8 b) {
  for (int i = 0; i < 8; i++) a.lane[i] *= b.lane[i];
  return a;
}

INLINE f32x8 f32x8_div(f32x8 a, f32x8 b) {
  for (int i = 0; i < 8; i++) a.lane[i] /= b.lane[i];
  return a;
}

INLINE f32x8 f32x8_negate(f32x8 a) {
  for (int i = 0; i < 8; i++) a.lane[i] = -a.lane[i];
  return a;
}

/* The greater; NaN if one is NaN. The sign of a zero is either's. */
INLINE f32x8 f32x8_max(f32x8 a, f32x8 b) {
  for (int i = 0; i < 8; i++) a.lane[i] = a.lane[i] != a.lane[i] || a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i];
  return a;
}

/* Within [low, high]; NaN stays. */
INLINE f32x8 f32x8_clamp(f32x8 a, float low, float high) {
  for (int i = 0; i < 8; i++) a.lane[i] = a.lane[i] > high ? high : a.lane[i] < low ? low : a.lane[i];
  return a;
}

/* To the nearest integer, ties to even, of magnitudes below 2^22. */
INLINE f32x8 f32x8_rint(f32x8 a) {
  const float shift = 0x1.8p23f; /* adding it leaves no bits for a fraction */
  for (int i = 0; i < 8; i++) a.lane[i] = (a.lane[i] + shift) - shift;
  return a;
}

/* a * 2^half * 2^(n - half), half = floor(n / 2), for whole n in [-250, 250]; where n is NaN, a must be and stays NaN. */
INLINE f32x8 f32x8_scale(f32x8 a, f32x8 n) {
  for (int i = 0; i < 8; i++) {
    const int32_t whole = n.lane[i] != n.lane[i] ? 0 : (int32_t)n.lane[i], half = whole >> 1;
    a.lane[i] = a.lane[i] * float_of((uint32_t)(half + 127) << 23) * float_of((uint32_t)(whole - half + 127) << 23);
  }
  return a;
}

/* a * b + c, rounded once. Where that is emulated it is long enough to stay a call. */
#if defined(__FMA__) || defined(__aarch64__)
INLINE f32x8 f32x8_fma(f32x8 a, f32x8 b, f32x8 c) {
#else
static __attribute__((noinline, unused)) f32x8 f32x8_fma(f32x8 a, f32x8 b, f32x8 c) {
#endif
  for (int i = 0; i < 8; i++) c.lane[i] = fma1(a.lane[i], b.lane[i], c.lane[i]);
  return c;
}

/* The first n lanes of a, the others of b. */
INLINE f32x8 f32x8_first(f32x8 a, f32x8 b, int n) {
  for (int i = 0; i < n; i++) b.lane[i] = a.lane[i];
  return b;
}

/* Lanes of a where those of x have the sign bit, else of b. */
INLINE f32x8 f32x8_by_sign(f32x8 x, f32x8 a, f32x8 b) {
  for (int i = 0; i < 8; i++) b.lane[i] = bits_of(x.lane[i]) >> 31 ? a.lane[i] : b.lane[i];
  return b;
}

/* Lanes of a where those of x are 0, else of b. */
INLINE f32x8 f32x8_where_zero(f32x8 x, f32x8 a, f32x8 b) {
  for (int i = 0; i < 8; i++) b.lane[i] = x.lane[i] == 0 ? a.lane[i] : b.lane[i];
  return b;
}

INLINE float f32x8_sum(f32x8 v) { return tree(v.lane); }

/* The greatest lane, as f32x8_max has it. */
INLINE float f32x8_most(f32x8 v) {
  float most = v.lane[0];
  for (int i = 1; i < 8; i++) most = most != most || most > v.lane[i] ? most : v.lane[i];
  return most;
}

/* The largest magnitude of 32 floats; NaN if any is one, since as integers NaNs lie above infinity. */
INLINE float f32_max_magnitude_32(const void *p) {
  uint32_t most = 0;
  for (int i = 0; i < 32; i++) {
    const uint32_t u = bits_of(f32_at((const uint8_t *)p + 4 * i)) & 0x7fffffff;
    most = u > most ? u : most;
  }
  return float_of(most);
}

/* 32 floats times a factor, rounded to nearest with ties to even; no product exceeds 127.5 in magnitude. */
INLINE void f32_scale_to_int8_32(uint8_t *out, const void *p, float factor) {
  const float shift = 0x1.8p23f; /* adding it leaves no bits for a fraction */
  for (int i = 0; i < 32; i++) {
    const float v = f32_at((const uint8_t *)p + 4 * i) * factor;
    out[i] = (uint8_t)(int32_t)((v + shift) - shift);
  }
}

/* The sum over groups of 16 of scale * dot(q, x), q and x int8: exact. */
INLINE int32_t dot_groups(const int8_t *q, const uint8_t *x, const int16_t *scale, const int groups) {
  int32_t sum = 0;
  for (int g = 0; g < groups; g++) {
    int32_t part = 0;
    for (int i = 16 * g; i < 16 * g + 16; i++) part += q[i] * (int8_t)x[i];
    sum += scale[g] * part;
  }
  return sum;
}

#include "lanes_16_pair.h"

#endif
