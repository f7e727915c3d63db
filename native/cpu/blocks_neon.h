/* hearth_linear for weights of the more usual block types, int8 activations and a few tokens in NEON: rows are streamed as
 * they lie in the file. The integer sums of eight blocks are folded into one vector, so that one fma adds them to the eight
 * partial sums; where a row has fewer left, lanes add 0 * 0 to a sum that is never -0. */
#ifndef HEARTH_BLOCKS_NEON_H
#define HEARTH_BLOCKS_NEON_H

#include "lanes_neon.h"
#include "unpack.h"

/* Rows that stay in the first-level cache while all tokens pass. */
#define STREAM_ROWS 16
/* How far ahead of a streamed row its prefetch is. */
#define AHEAD 1536

INLINE int64_t block_bytes(const int type) {
  switch (type) {
    case HEARTH_Q8_0: return 34;
    case HEARTH_Q4_0:
    case HEARTH_IQ4_NL: return 18;
    case HEARTH_MXFP4: return 17;
    case HEARTH_Q5_0: return 22;
    case HEARTH_Q3_K: return 110;
    case HEARTH_Q4_K: return 144;
    case HEARTH_Q5_K: return 176;
    case HEARTH_IQ4_XS: return 136;
    default: return 210; /* Q6_K */
  }
}

/* Whether values are at most 32 in magnitude. */
INLINE int has_few_bits(const int type) { return type != HEARTH_Q8_0 && type != HEARTH_IQ4_NL && type != HEARTH_IQ4_XS; }
/* Whether groups of a block have minima; then these are groups of 32. */
INLINE int has_minima(const int type) { return type == HEARTH_Q4_K || type == HEARTH_Q5_K; }
/* Sixteens in a group of a block of 256. */
INLINE int group_sixteens(const int type) { return type == HEARTH_Q3_K || type == HEARTH_Q6_K ? 1 : 2; }

INLINE int8x16_t lower_nibbles(uint8x16_t v) { return vreinterpretq_s8_u8(vandq_u8(v, vdupq_n_u8(15))); }
INLINE int8x16_t upper_nibbles(uint8x16_t v) { return vreinterpretq_s8_u8(vshrq_n_u8(v, 4)); }

/* The sixteen values from 16 * i on of a Q6_K block. */
INLINE int8x16_t q6_k_sixteen(const uint8_t *w, const int i) {
  const int h = i / 8, j = i % 8 / 2;
  const uint8x16_t low = vld1q_u8(w + 64 * h + 32 * (j % 2) + 16 * (i % 2)), high = vld1q_u8(w + 128 + 32 * h + 16 * (i % 2));
  const uint8x16_t bits = j == 0 ? vshlq_n_u8(high, 4) : j == 1 ? vshlq_n_u8(high, 2) : j == 2 ? high : vshrq_n_u8(high, 2);
  const uint8x16_t v = vorrq_u8(vreinterpretq_u8_s8(j < 2 ? lower_nibbles(low) : upper_nibbles(low)), vandq_u8(bits, vdupq_n_u8(48)));
  return vsubq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(32));
}

/* All bits set where a bit of 16 is. */
INLINE uint8x16_t spread_bits(const uint8_t *w) {
  const uint8x8_t mask = vcreate_u8(UINT64_C(0x8040201008040201));
  return vtstq_u8(vcombine_u8(vdup_n_u8(w[0]), vdup_n_u8(w[1])), vcombine_u8(mask, mask));
}

/* Of two bits at a shift, and of one more. */
INLINE int8x16_t q3_k_sixteen(const uint8_t *w, const int i) {
  const int part = i / 2;
  const uint8x16_t pairs = vshlq_u8(vld1q_u8(w + 32 + part / 4 * 32 + 16 * (i % 2)), vdupq_n_s8((int8_t)(-2 * (part % 4))));
  const uint8x16_t set = vtstq_u8(vld1q_u8(w + 16 * (i % 2)), vdupq_n_u8((uint8_t)(1 << part)));
  return vreinterpretq_s8_u8(vsubq_u8(vandq_u8(pairs, vdupq_n_u8(3)), vbicq_u8(vdupq_n_u8(4), set)));
}

INLINE int8x16_t nibbles(const uint8_t *w, const int upper) { return upper ? upper_nibbles(vld1q_u8(w)) : lower_nibbles(vld1q_u8(w)); }

INLINE int8x16_t codes(const int8_t *table, const uint8_t *w, const int upper) {
  return vqtbl1q_s8(vld1q_s8(table), vreinterpretq_u8_s8(nibbles(w, upper)));
}

/* The sixteen values from 16 * i on of a block. */
INLINE int8x16_t sixteen(const uint8_t *w, const int type, const int i) {
  const int pairs = 32 * (i / 4) + 16 * (i % 2), upper = i % 4 / 2; /* of Q4_K and Q5_K */
  switch (type) {
    case HEARTH_Q8_0: return int_load(w + 2 + 16 * i);
    case HEARTH_Q4_0: return vsubq_s8(nibbles(w + 2, i), vdupq_n_s8(8));
    case HEARTH_IQ4_NL: return codes(codes_normal, w + 2, i);
    case HEARTH_MXFP4: return codes(codes_e2m1, w + 1, i);
    case HEARTH_Q5_0: return vsubq_s8(nibbles(w + 6, i), vreinterpretq_s8_u8(vbicq_u8(vdupq_n_u8(16), spread_bits(w + 2 + 2 * i))));
    case HEARTH_Q3_K: return q3_k_sixteen(w, i);
    case HEARTH_Q4_K: return nibbles(w + 16 + pairs, upper);
    case HEARTH_Q5_K: {
      const uint8x16_t set = vtstq_u8(vld1q_u8(w + 16 + 16 * (i % 2)), vdupq_n_u8((uint8_t)(1 << i / 2)));
      return vorrq_s8(nibbles(w + 48 + pairs, upper), vreinterpretq_s8_u8(vandq_u8(set, vdupq_n_u8(16))));
    }
    case HEARTH_IQ4_XS: return codes(codes_normal, w + 8 + 16 * (i / 2), i % 2);
    default: return q6_k_sixteen(w, i);
  }
}

/* f16 scales of n <= 8 blocks that are stride bytes apart; the other lanes are 0. */
INLINE f32x8 f16_scales(const uint8_t *w, int64_t stride, int64_t n) {
  uint16_t h[8] = {0};
  UNROLL for (int i = 0; i < 8; i++)
    if (i < n) memcpy(h + i, w + stride * i, 2);
  return f32x8_load_f16(h);
}

/* The same of blocks of a type, and for one with minima what these are scaled by. */
INLINE f32x8 block_scales(const uint8_t *w, int64_t stride, int64_t n, const int type) {
  if (type != HEARTH_MXFP4) return f16_scales(w + (type == HEARTH_Q6_K ? 208 : type == HEARTH_Q3_K ? 108 : 0), stride, n);
  float d[8] = {0};
  UNROLL for (int i = 0; i < 8; i++)
    if (i < n) d[i] = e8m0_half(w[stride * i]);
  return f32x8_load(d);
}

/* Four vectors, stride apart, to one that holds in lane i the sum of vector i. */
INLINE int32x4_t fold4(const int32x4_t *v, const int stride) {
  return vpaddq_s32(vpaddq_s32(v[0], v[stride]), vpaddq_s32(v[2 * stride], v[3 * stride]));
}

INLINE f32x8 f32x8_of_sums(const int32x4_t *v, const int stride) {
  return f32x8_of(vcvtq_f32_s32(fold4(v, stride)), vcvtq_f32_s32(fold4(v + 4 * stride, stride)));
}

/* Adds n <= 8 neighbouring blocks of 32 of one row to the partial sums of T tokens. */
INLINE void b32_group(const uint8_t *w, const uint8_t *x, const uint8_t *scales, int64_t x_stride, f32x8 *sum, const int type,
                      const int n, const int T) {
  const int64_t bytes = block_bytes(type);
  int32x4_t dot[8 * 3];
  UNROLL for (int i = 0; i < 8; i++) {
    UNROLL for (int t = 0; t < T; t++) dot[T * i + t] = vdupq_n_s32(0);
    if (i >= n) continue;
    UNROLL for (int h = 0; h < 2; h++) {
      const int8x16_t q = sixteen(w + bytes * i, type, h);
      UNROLL for (int t = 0; t < T; t++) dot[T * i + t] = dot16(dot[T * i + t], q, int_load(x + t * x_stride + 32 * i + 16 * h));
    }
  }
  const f32x8 d = block_scales(w, bytes, n, type);
  UNROLL for (int t = 0; t < T; t++) {
    const uint8_t *st = scales + t * x_stride;
    const f32x8 dx = n == 8 ? f32x8_load(st) : f32x8_load_first(st, n);
    sum[t] = f32x8_fma(f32x8_mul(d, dx), f32x8_of_sums(dot + t, T), sum[t]);
  }
}

/* A row for T tokens. Its end, nb % 8 blocks, is compiled for each count. */
INLINE void b32_row(const uint8_t *w, const uint8_t *x, int64_t n_in, int64_t x_stride, f32x8 *sum, const int type, const int T) {
  const int64_t full = n_in / 256, bytes = block_bytes(type);
  const uint8_t *scales = x + n_in;
  for (int64_t g = 0; g < full; g++, w += 8 * bytes) {
    UNROLL for (int i = 0; i < (8 * bytes + 63) / 64; i++) prefetch(w, AHEAD + 64 * i);
    b32_group(w, x + g * 256, scales + g * 32, x_stride, sum, type, 8, T);
  }
#define TAIL(n) \
  case n: b32_group(w, x + full * 256, scales + full * 32, x_stride, sum, type, n, T); break;
  switch (n_in / 32 % 8) {
    TAIL(1) TAIL(2) TAIL(3) TAIL(4) TAIL(5) TAIL(6) TAIL(7)
    default: break;
  }
#undef TAIL
}

/* Integer scales of the groups of a block of 256, sixteen of 16 or eight of 32; then the eight minima, where there are any. */
INLINE void group_scales(const uint8_t *w, const int type, int16x8_t *scales) {
  int8_t s[16] = {0};
  if (has_minima(type)) q4_k_scales(w, (uint8_t *)s);
  for (int g = 0; type == HEARTH_Q3_K && g < 16; g++) s[g] = q3_k_scale(w, g);
  for (int g = 0; type == HEARTH_IQ4_XS && g < 8; g++) s[g] = iq4_xs_scale(w, g);
  const int8x16_t v = int_load(type == HEARTH_Q6_K ? (const int8_t *)w + 192 : s);
  scales[0] = vmovl_s8(vget_low_s8(v));
  scales[1] = vmovl_high_s8(v);
}

/* Sums of a block of 256 for T tokens: scaled dots, and minima times group sums. */
INLINE void b256_sums(const uint8_t *w, const uint8_t *x, const uint8_t *groups, int64_t x_stride, int32x4_t *dot, int32x4_t *low,
                      const int type, const int T) {
  int16x8_t scales[2];
  group_scales(w, type, scales);
  const int sixteens = group_sixteens(type);
  UNROLL for (int k = 0; k < 4 / sixteens; k++) { /* four groups */
    int32x4_t part[4 * 3];
    UNROLL for (int i = 0; i < 4 * sixteens; i++) {
      const int at = 4 * sixteens * k + i, g = i / sixteens;
      const int8x16_t q = sixteen(w, type, at);
      UNROLL for (int t = 0; t < T; t++)
        part[T * g + t] = dot16(i % sixteens ? part[T * g + t] : vdupq_n_s32(0), q, int_load(x + t * x_stride + 16 * at));
    }
    const int32x4_t scale = k % 2 ? vmovl_high_s16(scales[k / 2]) : vmovl_s16(vget_low_s16(scales[k / 2]));
    UNROLL for (int t = 0; t < T; t++) {
      const int32x4_t sums = fold4(part + t, T);
      dot[t] = k ? vmlaq_s32(dot[t], sums, scale) : vmulq_s32(sums, scale);
    }
  }
  UNROLL for (int t = 0; has_minima(type) && t < T; t++) {
    const int16x8_t sums = vreinterpretq_s16_u8(vld1q_u8(groups + t * x_stride));
    low[t] = vmlal_high_s16(vmull_s16(vget_low_s16(scales[1]), vget_low_s16(sums)), scales[1], sums);
  }
}

/* Blocks of 256 of a row from b on, n <= 8, for T tokens. */
INLINE void b256_group(const uint8_t *w, const uint8_t *x, int64_t b, int64_t n, int64_t n_in, int64_t x_stride, f32x8 *sum,
                       const int type, const int T) {
  const int64_t bytes = block_bytes(type);
  const uint8_t *scales = x + n_in + 4 * b, *groups = x + n_in + n_in / 64 + 16 * b;
  int32x4_t dot[8 * 3], low[8 * 3];
  w += bytes * b;
  x += 256 * b;
  for (int64_t i = 0; i < n; i++) {
    UNROLL for (int p = 0; p < 4; p++) prefetch(w, bytes * i + AHEAD + 64 * p);
    b256_sums(w + bytes * i, x + 256 * i, groups + 16 * i, x_stride, dot + T * i, low + T * i, type, T);
  }
  for (int64_t i = T * n; i < 8 * T; i++) dot[i] = low[i] = vdupq_n_s32(0);
  const f32x8 d = block_scales(w, bytes, n, type), dmin = has_minima(type) ? f16_scales(w + 2, bytes, n) : d;
  UNROLL for (int t = 0; t < T; t++) {
    const f32x8 dx = f32x8_load_first(scales + t * x_stride, (int)n);
    sum[t] = f32x8_fma(f32x8_mul(d, dx), f32x8_of_sums(dot + t, T), sum[t]);
    if (has_minima(type)) sum[t] = f32x8_fma(f32x8_negate(f32x8_mul(dmin, dx)), f32x8_of_sums(low + t, T), sum[t]);
  }
}

/* Rows [row, end) for T <= 3 tokens. size: 32 or 256, of a block. */
INLINE void stream(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int size, const int T) {
  const uint8_t *x = c->x + token * c->x_stride;
  for (; row < end; row++) {
    const uint8_t *w = c->w + row * c->w_stride;
    f32x8 sum[3];
    UNROLL for (int t = 0; t < T; t++) sum[t] = f32x8_all(0);
    if (size == 32) {
      b32_row(w, x, c->n_in, c->x_stride, sum, type, T);
    } else {
      for (int64_t b = 0; b < c->n_in / 256; b += 8)
        b256_group(w, x, b, least(8, c->n_in / 256 - b), c->n_in, c->x_stride, sum, type, T);
    }
    UNROLL for (int t = 0; t < T; t++) c->out[(token + t) * c->out_stride + row] = f32x8_sum(sum[t]);
  }
}

INLINE void stream_rows(const linear_call *c, int64_t row0, const int type, const int size) {
  for (int64_t row = row0; row < c->row1; row += STREAM_ROWS) {
    const int64_t end = least(row + STREAM_ROWS, c->row1);
    int64_t t = 0;
    for (; t + 3 <= c->n_tokens; t += 3) stream(c, row, end, t, type, size, 3);
    if (c->n_tokens - t == 2) stream(c, row, end, t, type, size, 2);
    if (c->n_tokens - t == 1) stream(c, row, end, t, type, size, 1);
  }
}

#endif
