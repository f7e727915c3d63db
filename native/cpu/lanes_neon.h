/* Eight lanes in two NEON registers; lanes_plain.h says what each function means. */
#ifndef HEARTH_LANES_H
#define HEARTH_LANES_H

#include "common.h"

#include <arm_neon.h>

typedef struct {
  float32x4_t low, high;
} f32x8;

/* Loads take bytes, which may lie at any address. */
INLINE int8x16_t int_load(const void *p) { return vld1q_s8((const int8_t *)p); }
INLINE float32x4_t f32x4_load(const void *p) { return vreinterpretq_f32_u8(vld1q_u8((const uint8_t *)p)); }
INLINE void f32x4_store(void *p, float32x4_t v) { vst1q_u8((uint8_t *)p, vreinterpretq_u8_f32(v)); }

INLINE f32x8 f32x8_of(float32x4_t low, float32x4_t high) { return (f32x8){low, high}; }

/* All bits set in the first n lanes, of the lower and of the upper four. */
INLINE uint32x4_t first_lanes(int n, const int upper) {
  static const int32_t lanes[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  return vcgtq_s32(vdupq_n_s32(n), vld1q_s32(lanes + 4 * upper));
}

INLINE f32x8 f32x8_all(float v) { return f32x8_of(vdupq_n_f32(v), vdupq_n_f32(v)); }
INLINE f32x8 f32x8_load(const void *p) { return f32x8_of(f32x4_load(p), f32x4_load((const uint8_t *)p + 16)); }
INLINE f32x8 f32x8_load_first(const void *p, int n) {
  float v[8] = {0};
  memcpy(v, p, (size_t)n * 4);
  return f32x8_load(v);
}
INLINE f32x8 f32x8_load_f16(const void *p) {
  const float16x8_t h = vreinterpretq_f16_u8(vld1q_u8((const uint8_t *)p));
  return f32x8_of(vcvt_f32_f16(vget_low_f16(h)), vcvt_high_f32_f16(h));
}
INLINE f32x8 f32x8_load_bf16(const void *p) {
  const uint16x8_t h = vreinterpretq_u16_u8(vld1q_u8((const uint8_t *)p));
  return f32x8_of(vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(h), 16)), vreinterpretq_f32_u32(vshll_high_n_u16(h, 16)));
}
INLINE f32x8 f32x8_load_seconds(const uint8_t *p) {
  const uint32x4_t mask = vdupq_n_u32(0xffff0000);
  const uint32x4_t low = vreinterpretq_u32_u8(vld1q_u8(p)), high = vreinterpretq_u32_u8(vld1q_u8(p + 16));
  return f32x8_of(vreinterpretq_f32_u32(vandq_u32(low, mask)), vreinterpretq_f32_u32(vandq_u32(high, mask)));
}
INLINE f32x8 f32x8_load_firsts(const uint8_t *p) {
  const uint32x4_t low = vreinterpretq_u32_u8(vld1q_u8(p)), high = vreinterpretq_u32_u8(vld1q_u8(p + 16));
  return f32x8_of(vreinterpretq_f32_u32(vshlq_n_u32(low, 16)), vreinterpretq_f32_u32(vshlq_n_u32(high, 16)));
}
#define LANES_FLUSH 1
INLINE uint64_t flush_begin(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | UINT64_C(1) << 24)); /* FZ */
  return before;
}
INLINE void flush_end(uint64_t before) { __asm__ volatile("msr fpcr, %0" : : "r"(before)); }
INLINE f32x8 f32x8_normal(f32x8 v) { return v; }
INLINE f32x8 f32x8_load_int8(const int8_t *p) {
  const int16x8_t v = vmovl_s8(vld1_s8(p));
  return f32x8_of(vcvtq_f32_s32(vmovl_s16(vget_low_s16(v))), vcvtq_f32_s32(vmovl_high_s16(v)));
}
INLINE void f32x8_store(void *p, f32x8 v) {
  f32x4_store(p, v.low);
  f32x4_store((uint8_t *)p + 16, v.high);
}
INLINE void f32x8_store_first(void *p, f32x8 v, int n) {
  float lanes[8];
  f32x8_store(lanes, v);
  memcpy(p, lanes, (size_t)n * 4);
}
INLINE void f32x8_store_f16(void *p, f32x8 v) {
  vst1q_u8((uint8_t *)p, vreinterpretq_u8_f16(vcvt_high_f16_f32(vcvt_f16_f32(v.low), v.high)));
}
INLINE f32x8 f32x8_add(f32x8 a, f32x8 b) { return f32x8_of(vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)); }
INLINE f32x8 f32x8_sub(f32x8 a, f32x8 b) { return f32x8_of(vsubq_f32(a.low, b.low), vsubq_f32(a.high, b.high)); }
INLINE f32x8 f32x8_mul(f32x8 a, f32x8 b) { return f32x8_of(vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high)); }
INLINE f32x8 f32x8_div(f32x8 a, f32x8 b) { return f32x8_of(vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high)); }
INLINE f32x8 f32x8_negate(f32x8 a) { return f32x8_of(vnegq_f32(a.low), vnegq_f32(a.high)); }
INLINE f32x8 f32x8_max(f32x8 a, f32x8 b) { return f32x8_of(vmaxq_f32(a.low, b.low), vmaxq_f32(a.high, b.high)); }
INLINE float32x4_t f32x4_clamp(float32x4_t a, float32x4_t low, float32x4_t high) { /* fmin would take NaN limits and lose -0 */
  const float32x4_t least = vbslq_f32(vcgtq_f32(a, high), high, a);
  return vbslq_f32(vcgtq_f32(low, least), low, least);
}
INLINE f32x8 f32x8_clamp(f32x8 a, float low, float high) {
  const float32x4_t l = vdupq_n_f32(low), h = vdupq_n_f32(high);
  return f32x8_of(f32x4_clamp(a.low, l, h), f32x4_clamp(a.high, l, h));
}
INLINE f32x8 f32x8_rint(f32x8 a) { return f32x8_of(vrndnq_f32(a.low), vrndnq_f32(a.high)); }
INLINE float32x4_t f32x4_power(int32x4_t n) { return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23)); }
INLINE float32x4_t f32x4_scale(float32x4_t a, float32x4_t n) {
  const int32x4_t whole = vcvtq_s32_f32(n), half = vshrq_n_s32(whole, 1);
  return vmulq_f32(vmulq_f32(a, f32x4_power(half)), f32x4_power(vsubq_s32(whole, half)));
}
INLINE f32x8 f32x8_scale(f32x8 a, f32x8 n) { return f32x8_of(f32x4_scale(a.low, n.low), f32x4_scale(a.high, n.high)); }
INLINE f32x8 f32x8_fma(f32x8 a, f32x8 b, f32x8 c) {
  return f32x8_of(vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high));
}
INLINE f32x8 f32x8_first(f32x8 a, f32x8 b, int n) {
  return f32x8_of(vbslq_f32(first_lanes(n, 0), a.low, b.low), vbslq_f32(first_lanes(n, 1), a.high, b.high));
}
INLINE float32x4_t f32x4_by_sign(float32x4_t x, float32x4_t a, float32x4_t b) {
  return vbslq_f32(vcltzq_s32(vreinterpretq_s32_f32(x)), a, b);
}
INLINE f32x8 f32x8_by_sign(f32x8 x, f32x8 a, f32x8 b) {
  return f32x8_of(f32x4_by_sign(x.low, a.low, b.low), f32x4_by_sign(x.high, a.high, b.high));
}
INLINE f32x8 f32x8_where_zero(f32x8 x, f32x8 a, f32x8 b) {
  return f32x8_of(vbslq_f32(vceqzq_f32(x.low), a.low, b.low), vbslq_f32(vceqzq_f32(x.high), a.high, b.high));
}

INLINE float f32x8_sum(f32x8 v) {
  const float32x4_t s = vaddq_f32(v.low, v.high);
  return vpadds_f32(vadd_f32(vget_low_f32(s), vget_high_f32(s)));
}

INLINE float f32x8_most(f32x8 v) { return vmaxvq_f32(vmaxq_f32(v.low, v.high)); }

INLINE float f32_max_magnitude_32(const void *p) {
  uint32x4_t most = vdupq_n_u32(0);
  UNROLL for (int i = 0; i < 8; i++)
    most = vmaxq_u32(most, vreinterpretq_u32_f32(vabsq_f32(f32x4_load((const uint8_t *)p + 16 * i))));
  return float_of(vmaxvq_u32(most));
}

INLINE void f32_scale_to_int8_32(uint8_t *out, const void *p, float factor) {
  UNROLL for (int h = 0; h < 2; h++) {
    int16x4_t v[4];
    UNROLL for (int i = 0; i < 4; i++)
      v[i] = vmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(f32x4_load((const uint8_t *)p + 64 * h + 16 * i), factor)));
    vst1q_s8((int8_t *)out + 16 * h, vmovn_high_s16(vmovn_s16(vcombine_s16(v[0], v[1])), vcombine_s16(v[2], v[3])));
  }
}

/* sum += four sums of products of int8, of which only the total is meant. Exact: two products have
 * 15 bits, x being never -128. */
INLINE int32x4_t dot16(int32x4_t sum, int8x16_t w, int8x16_t x) {
#if defined(HEARTH_DOTPROD)
  return vdotq_s32(sum, w, x);
#else
  return vpadalq_s16(sum, vmlal_high_s8(vmull_s8(vget_low_s8(w), vget_low_s8(x)), w, x));
#endif
}

INLINE int32_t dot_groups(const int8_t *q, const uint8_t *x, const int16_t *scale, const int groups) {
  int32x4_t sum = vdupq_n_s32(0);
  UNROLL for (int g = 0; g < groups; g++)
    sum = vmlaq_n_s32(sum, dot16(vdupq_n_s32(0), int_load(q + 16 * g), int_load(x + 16 * g)), scale[g]);
  return vaddvq_s32(sum);
}

#include "lanes_16_pair.h"

#endif
