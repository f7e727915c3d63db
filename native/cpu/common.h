/* What every translation unit of kernels begins with. */
#ifndef HEARTH_COMMON_H
#define HEARTH_COMMON_H

#include "table.h"

#include <stdint.h>
#include <string.h>

/* Kernels are written as functions of their tile's size and format, which must be constants once inlined. */
#define INLINE static inline __attribute__((always_inline, unused))
/* gcc keeps an array in registers only if every loop over it is unrolled. */
#define UNROLL _Pragma("GCC unroll 16")

INLINE float f32_at(const void *p) {
  float v;
  memcpy(&v, p, 4);
  return v;
}

INLINE uint32_t bits_of(float v) {
  uint32_t u;
  memcpy(&u, &v, 4);
  return u;
}

INLINE float float_of(uint32_t u) {
  float v;
  memcpy(&v, &u, 4);
  return v;
}

/* binary16 to binary32, exact; a signalling NaN becomes quiet, as instructions do it. */
INLINE float f16_at(const void *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  const uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
  if (exponent == 0) {
    const float v = (float)fraction * 0x1p-24f;
    return sign ? -v : v;
  }
  if (exponent == 31) return float_of(sign | 0x7f800000 | fraction << 13 | (fraction ? 0x400000u : 0));
  return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

INLINE float bf16_at(const void *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return float_of((uint32_t)h << 16);
}

/* a * b + c rounded once. Where the baseline has no instruction for it: the product of two floats is exact as a double,
 * and a sum rounded to odd survives the second rounding, to float.
 * Boldo and Melquiond 2008, Emulation of FMA and correctly rounded sums, doi:10.1109/TC.2007.70819 */
INLINE float fma1(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fmaf(a, b, c);
#else
  const double p = (double)a * (double)b, d = (double)c, s = p + d;
  const double t = s - p, error = (p - (s - t)) + (d - t); /* Knuth's TwoSum: s + error is exact */
  if (error == 0 || error - error != 0) return (float)s;   /* exact; or something infinite or not a number */
  uint64_t u;
  memcpy(&u, &s, 8);
  if (!(u & 1)) u += (error > 0) == (s > 0) ? 1 : UINT64_MAX; /* one step towards the exact sum makes it odd */
  double odd;
  memcpy(&odd, &u, 8);
  return (float)odd;
#endif
}

/* The rule's order for eight partial sums; for sixteen, s[i] + s[i+8] comes first. */
INLINE float tree(const float *s) {
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

#endif
