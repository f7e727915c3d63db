/* Sixteen lanes as two times eight. */
#ifndef HEARTH_LANES_16_H
#define HEARTH_LANES_16_H

typedef struct {
  f32x8 low, high;
} f32x16;

INLINE f32x16 f32x16_zero(void) { return (f32x16){f32x8_all(0), f32x8_all(0)}; }
INLINE f32x16 f32x16_all(float v) { return (f32x16){f32x8_all(v), f32x8_all(v)}; }
INLINE f32x16 f32x16_load(const void *p) { return (f32x16){f32x8_load(p), f32x8_load((const uint8_t *)p + 32)}; }
/* n from 1 to 15; the other lanes are 0. */
INLINE f32x16 f32x16_load_first(const void *p, int n) {
  const uint8_t *high = (const uint8_t *)p + 32;
  return n < 8 ? (f32x16){f32x8_load_first(p, n), f32x8_all(0)}
               : (f32x16){f32x8_load(p), n > 8 ? f32x8_load_first(high, n - 8) : f32x8_all(0)};
}
INLINE f32x16 f32x16_load_f16(const void *p) { return (f32x16){f32x8_load_f16(p), f32x8_load_f16((const uint8_t *)p + 16)}; }
INLINE f32x16 f32x16_load_bf16(const void *p) { return (f32x16){f32x8_load_bf16(p), f32x8_load_bf16((const uint8_t *)p + 16)}; }
INLINE f32x16 f32x16_load_seconds(const uint8_t *p) { return (f32x16){f32x8_load_seconds(p), f32x8_load_seconds(p + 32)}; }
INLINE f32x16 f32x16_load_firsts(const uint8_t *p) { return (f32x16){f32x8_load_firsts(p), f32x8_load_firsts(p + 32)}; }
INLINE f32x16 f32x16_normal(f32x16 a) { return (f32x16){f32x8_normal(a.low), f32x8_normal(a.high)}; }
INLINE f32x16 f32x16_load_int8(const int8_t *p) { return (f32x16){f32x8_load_int8(p), f32x8_load_int8(p + 8)}; }
INLINE f32x16 f32x16_fma(f32x16 a, f32x16 b, f32x16 c) {
  return (f32x16){f32x8_fma(a.low, b.low, c.low), f32x8_fma(a.high, b.high, c.high)};
}
INLINE void f32x16_store(void *p, f32x16 v) {
  f32x8_store(p, v.low);
  f32x8_store((uint8_t *)p + 32, v.high);
}
/* n from 1 to 15. */
INLINE void f32x16_store_first(void *p, f32x16 v, int n) {
  f32x8_store_first(p, v.low, n < 8 ? n : 8);
  if (n > 8) f32x8_store_first((uint8_t *)p + 32, v.high, n - 8);
}
INLINE f32x16 f32x16_add(f32x16 a, f32x16 b) { return (f32x16){f32x8_add(a.low, b.low), f32x8_add(a.high, b.high)}; }
INLINE f32x16 f32x16_sub(f32x16 a, f32x16 b) { return (f32x16){f32x8_sub(a.low, b.low), f32x8_sub(a.high, b.high)}; }
INLINE f32x16 f32x16_mul(f32x16 a, f32x16 b) { return (f32x16){f32x8_mul(a.low, b.low), f32x8_mul(a.high, b.high)}; }
INLINE f32x16 f32x16_div(f32x16 a, f32x16 b) { return (f32x16){f32x8_div(a.low, b.low), f32x8_div(a.high, b.high)}; }
INLINE f32x16 f32x16_max(f32x16 a, f32x16 b) { return (f32x16){f32x8_max(a.low, b.low), f32x8_max(a.high, b.high)}; }
INLINE f32x16 f32x16_negate(f32x16 a) { return (f32x16){f32x8_negate(a.low), f32x8_negate(a.high)}; }
INLINE f32x16 f32x16_rint(f32x16 a) { return (f32x16){f32x8_rint(a.low), f32x8_rint(a.high)}; }
INLINE f32x16 f32x16_scale(f32x16 a, f32x16 n) { return (f32x16){f32x8_scale(a.low, n.low), f32x8_scale(a.high, n.high)}; }
INLINE f32x16 f32x16_clamp(f32x16 a, float low, float high) {
  return (f32x16){f32x8_clamp(a.low, low, high), f32x8_clamp(a.high, low, high)};
}
INLINE f32x16 f32x16_by_sign(f32x16 x, f32x16 a, f32x16 b) {
  return (f32x16){f32x8_by_sign(x.low, a.low, b.low), f32x8_by_sign(x.high, a.high, b.high)};
}
/* The first n lanes, from 1 to 15, of a, then b's. */
INLINE f32x16 f32x16_first(f32x16 a, f32x16 b, int n) {
  return n < 8 ? (f32x16){f32x8_first(a.low, b.low, n), b.high} : (f32x16){a.low, n > 8 ? f32x8_first(a.high, b.high, n - 8) : b.high};
}
/* Lanes i and i + 8 first, then as f32x8_sum. */
INLINE float f32x16_sum(f32x16 v) { return f32x8_sum(f32x8_add(v.low, v.high)); }
INLINE float f32x16_most(f32x16 v) { return f32x8_most(f32x8_max(v.low, v.high)); }
/* The sums of four, each as f32x16_sum. */
INLINE void f32x16_sum_four(float *out, const f32x16 *a) {
  for (int i = 0; i < 4; i++) out[i] = f32x16_sum(a[i]);
}
/* The sums of two times four. */
INLINE void f32x16_sum_eight(float *first, float *second, const f32x16 *a, const f32x16 *b) {
  f32x16_sum_four(first, a);
  f32x16_sum_four(second, b);
}

#endif
