/* What every translation unit of kernels begins with. */
#ifndef HEARTH_COMMON_H
#define HEARTH_COMMON_H

#include "table.h"

#include <stdint.h>
#include <string.h>
#if defined(__F16C__)
#include <immintrin.h>
#endif

/* Kernels are written as functions of their tile's size and format, which must be constants once inlined. */
#define NOINLINE __attribute__((noinline))
#ifdef HEARTH_CALLS /* what watches memory compiles calls in a tenth of the time; sizes are then no constants, so loops stay loops */
#define INLINE static inline __attribute__((unused))
#define UNROLL
#else
#define INLINE static inline __attribute__((always_inline, unused))
/* gcc keeps an array in registers only if every loop over it is unrolled. */
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define NO_UNROLL _Pragma("GCC unroll 1")

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

INLINE void put_f32(void *p, float v) { memcpy(p, &v, 4); }

INLINE int32_t i32_at(const void *p) {
  int32_t v;
  memcpy(&v, p, 4);
  return v;
}

INLINE int32_t i16_at(const void *p) {
  int16_t v;
  memcpy(&v, p, 2);
  return v;
}

INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Brings a line near. It may lie beyond the end of a row or a weight: nothing is read. */
INLINE void prefetch(const uint8_t *p, int64_t offset) {
  __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)offset));
}

/* Brings a line into the second-level cache only: there is room for what is read a good while later, and a core waits for more of
 * them at a time. */
INLINE void prefetch_far(const uint8_t *p, int64_t offset) {
  __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)offset), 0, 2);
}

/* binary16 to binary32, exact; a signalling NaN becomes quiet, as instructions do it. */
INLINE float f16_at(const void *p) {
  uint16_t h;
  memcpy(&h, p, 2);
#if defined(__F16C__)
  return _cvtsh_ss(h);
#else
  const uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
  if (exponent == 0) {
    const float v = (float)fraction * 0x1p-24f;
    return sign ? -v : v;
  }
  if (exponent == 31) return float_of(sign | 0x7f800000 | fraction << 13 | (fraction ? 0x400000u : 0));
  return float_of(sign | (exponent + 112) << 23 | fraction << 13);
#endif
}

/* binary32 to binary16, to nearest with ties to even. */
INLINE uint16_t f16_of(float v) {
  const uint32_t sign = bits_of(v) >> 16 & 0x8000;
  uint32_t u = bits_of(v) & 0x7fffffff;
  if (u > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (u >> 13 & 0x3ff));
  if (u >= 0x477ff000) return (uint16_t)(sign | 0x7c00); /* from 65520 on */
  if (u < 0x38800000) return (uint16_t)(sign | (bits_of(float_of(u) + 0.5f) - bits_of(0.5f))); /* 0.5's last place is 2^-24 */
  u += 0xfff + (u >> 13 & 1);
  return (uint16_t)(sign | (u - 0x38000000) >> 13);
}

INLINE float bf16_at(const void *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return float_of((uint32_t)h << 16);
}

/* binary32 to bfloat16, to nearest with ties to even. */
INLINE uint16_t bf16_of(float v) {
  const uint32_t u = bits_of(v);
  return (uint16_t)(v != v ? u >> 16 | 0x40 : (u + 0x7fff + (u >> 16 & 1)) >> 16);
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
