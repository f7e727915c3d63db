/* Multiplications and additions on registers alone, with the instructions of tiles: what products come to at most. Independent sums
 * outnumber the latency of an instruction times those that begin in a cycle, and fit the registers beside two factors. */
#ifndef HEARTH_PEAK_H
#define HEARTH_PEAK_H

#include "common.h"

#if defined(__aarch64__)
#define PEAK_SUMS 24
#define PEAK_REGISTER "w"
#define PEAK_INT int32x4_t
#define PEAK_FLOAT float32x4_t
#if defined(HEARTH_I8MM)
#define PEAK_INT_OPERATIONS 64
#else
#define PEAK_INT_OPERATIONS 32
#endif
#define PEAK_FLOAT_OPERATIONS 8

INLINE int32x4_t peak_ints(void) { return vreinterpretq_s32_s8(vdupq_n_s8(0x55)); }
INLINE float32x4_t peak_floats(void) { return vdupq_n_f32(0.7f); }
INLINE int32x4_t peak_dot(int32x4_t sum, int32x4_t u, int32x4_t x) {
#if defined(HEARTH_I8MM)
  return vmmlaq_s32(sum, vreinterpretq_s8_s32(u), vreinterpretq_s8_s32(x));
#else
  return dot16(sum, vreinterpretq_s8_s32(u), vreinterpretq_s8_s32(x));
#endif
}
INLINE float32x4_t peak_fma(float32x4_t sum, float32x4_t u, float32x4_t x) { return vfmaq_f32(sum, u, x); }
#else
#define PEAK_SUMS (LANES / 8 * 12)
#define PEAK_REGISTER "v"
#define PEAK_INT wide
#define PEAK_FLOAT widef
#define PEAK_INT_OPERATIONS (8 * LANES)
#define PEAK_FLOAT_OPERATIONS (2 * LANES)

INLINE wide peak_ints(void) {
  const int32_t v = 0x55555555;
  return wide_all((const uint8_t *)&v);
}
INLINE widef peak_floats(void) {
  const float v = 0.7f;
  return widef_all((const uint8_t *)&v);
}
INLINE wide peak_dot(wide sum, wide u, wide x) { return wide_dot4(sum, u, x); }
INLINE widef peak_fma(widef sum, widef u, widef x) { return widef_fma(u, x, sum); }
#endif

/* Hides a factor from the compiler, which would compute a product once for all sums and rounds. */
#define PEAK_HIDE(v) __asm__("" : "+" PEAK_REGISTER(v))

#define PEAK_LOOP(name, reg, filled, step, operations)                                                                 \
  static int64_t name(int64_t n_rounds) {                                                                              \
    reg sum[PEAK_SUMS], u = filled(), x = u;                                                                           \
    UNROLL for (int h = 0; h < PEAK_SUMS; h += 12) UNROLL for (int i = h; i < h + 12; i++) sum[i] = x;                 \
    for (int64_t r = 0; r < n_rounds; r++)                                                                             \
      UNROLL for (int h = 0; h < PEAK_SUMS; h += 12) UNROLL for (int i = h; i < h + 12; i++) {                         \
        PEAK_HIDE(u);                                                                                                  \
        sum[i] = step(sum[i], u, x);                                                                                   \
      }                                                                                                                \
    UNROLL for (int h = 0; h < PEAK_SUMS; h += 12)                                                                     \
      UNROLL for (int i = h; i < h + 12; i++) __asm__ volatile("" : : PEAK_REGISTER(sum[i]));                          \
    return n_rounds * PEAK_SUMS * (operations);                                                                        \
  }

PEAK_LOOP(peak_int8, PEAK_INT, peak_ints, peak_dot, PEAK_INT_OPERATIONS)
PEAK_LOOP(peak_f32, PEAK_FLOAT, peak_floats, peak_fma, PEAK_FLOAT_OPERATIONS)

#if defined(__AVX512F__)
INLINE widef peak_pairs(widef sum, widef u, widef x) { return f32x16_dot_pairs(sum, u, x); }
PEAK_LOOP(peak_whole_pairs, PEAK_FLOAT, peak_floats, peak_pairs, 2 * PEAK_FLOAT_OPERATIONS)
#endif

#define HEARTH_PEAK .peak_int8 = peak_int8, .peak_f32 = peak_f32

#endif
