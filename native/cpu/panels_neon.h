/* hearth_linear for the block types of blocks_neon.h and int8 activations from four tokens on, in NEON: panels of 8 rows are
 * packed into scratch and pass in tiles of one or two panels by four tokens with their partial sums in memory. */
#ifndef HEARTH_PANELS_NEON_H
#define HEARTH_PANELS_NEON_H

#include "blocks_neon.h"

/* Panels of a tile of 32-blocks: what the registers hold of integer sums. */
#if defined(HEARTH_DOTPROD)
#define PANELS 2
#else
#define PANELS 1
#endif

/* The integer sum of rows 4h to 4h + 3 of panel p with token t, of T. */
#define SUM(p, t, h) (((p) * T + (t)) * 2 + (h))

#if defined(HEARTH_I8MM)
/* Sixteen neighbours of 8 rows: each two rows' first eight, then their others. */
INLINE void pack_sixteen(const int8x16_t *rows, uint8_t *to) {
  UNROLL for (int pair = 0; pair < 4; pair++) {
    const int64x2_t a = vreinterpretq_s64_s8(rows[2 * pair]), b = vreinterpretq_s64_s8(rows[2 * pair + 1]);
    vst1q_u8(to + 16 * pair, vreinterpretq_u8_s64(vzip1q_s64(a, b)));
    vst1q_u8(to + 64 + 16 * pair, vreinterpretq_u8_s64(vzip2q_s64(a, b)));
  }
}

/* Sums of count * 16 neighbouring products, of P panels by T tokens. A product of matrices is of two rows by two tokens. */
INLINE void tile_sums(const uint8_t *panel, int64_t panel_bytes, const uint8_t *x, int64_t x_stride, int32x4_t *dot,
                      const int count, const int few_bits, const int P, const int T) {
  const int pairs = (T + 1) / 2;
  int32x4_t sums[4 * PANELS][2];
  (void)few_bits;
  UNROLL for (int i = 0; i < 4 * P; i++) UNROLL for (int j = 0; j < pairs; j++) sums[i][j] = vdupq_n_s32(0);
  UNROLL for (int k = 0; k < count; k++) {
    int8x16_t y[2][2];
    UNROLL for (int j = 0; j < pairs; j++) {
      const int64x2_t a = vreinterpretq_s64_s8(int_load(x + 2 * j * x_stride + 16 * k));
      const int64x2_t b = T == 1 ? a : vreinterpretq_s64_s8(int_load(x + (2 * j + 1) * x_stride + 16 * k));
      y[0][j] = vreinterpretq_s8_s64(vzip1q_s64(a, b));
      y[1][j] = vreinterpretq_s8_s64(vzip2q_s64(a, b));
    }
    UNROLL for (int eight = 0; eight < 2; eight++)
      UNROLL for (int i = 0; i < 4 * P; i++) {
        const int8x16_t w = int_load(panel + i / 4 * panel_bytes + 128 * k + 64 * eight + 16 * (i % 4));
        UNROLL for (int j = 0; j < pairs; j++) sums[i][j] = vmmlaq_s32(sums[i][j], w, y[eight][j]);
      }
  }
  UNROLL for (int i = 0; i < 2 * P; i++)
    UNROLL for (int t = 0; t < T; t++) {
      const int32x4_t a = sums[2 * i][t / 2], b = sums[2 * i + 1][t / 2];
      dot[SUM(i / 2, t, i % 2)] = t % 2 ? vuzp2q_s32(a, b) : vuzp1q_s32(a, b);
    }
}
#else
/* Sixteen neighbours of 8 rows: of each four neighbours rows 0 to 3, then 4 to 7. */
INLINE void pack_sixteen(const int8x16_t *rows, uint8_t *to) {
  UNROLL for (int h = 0; h < 2; h++) {
    int32x4_t v[4];
    UNROLL for (int i = 0; i < 4; i++) v[i] = vreinterpretq_s32_s8(rows[4 * h + i]);
    const int64x2_t a = vreinterpretq_s64_s32(vtrn1q_s32(v[0], v[1])), b = vreinterpretq_s64_s32(vtrn2q_s32(v[0], v[1]));
    const int64x2_t c = vreinterpretq_s64_s32(vtrn1q_s32(v[2], v[3])), d = vreinterpretq_s64_s32(vtrn2q_s32(v[2], v[3]));
    vst1q_u8(to + 16 * h, vreinterpretq_u8_s64(vtrn1q_s64(a, c)));
    vst1q_u8(to + 32 + 16 * h, vreinterpretq_u8_s64(vtrn1q_s64(b, d)));
    vst1q_u8(to + 64 + 16 * h, vreinterpretq_u8_s64(vtrn2q_s64(a, c)));
    vst1q_u8(to + 96 + 16 * h, vreinterpretq_u8_s64(vtrn2q_s64(b, d)));
  }
}

#if defined(HEARTH_DOTPROD)
/* Sums of count * 16 neighbouring products, of P panels by T tokens. */
INLINE void tile_sums(const uint8_t *panel, int64_t panel_bytes, const uint8_t *x, int64_t x_stride, int32x4_t *dot,
                      const int count, const int few_bits, const int P, const int T) {
  (void)few_bits;
  UNROLL for (int i = 0; i < 2 * P * T; i++) dot[i] = vdupq_n_s32(0);
  UNROLL for (int k = 0; k < count; k++) {
    int8x16_t y[4];
    UNROLL for (int t = 0; t < T; t++) y[t] = int_load(x + t * x_stride + 16 * k);
#define FOUR(lane) /* neighbours; a lane's number must be a constant */                                               \
  UNROLL for (int i = 0; i < 2 * P; i++) {                                                                            \
    const int8x16_t w = int_load(panel + i / 2 * panel_bytes + 128 * k + 32 * (lane) + 16 * (i % 2));                 \
    UNROLL for (int t = 0; t < T; t++)                                                                                \
      dot[SUM(i / 2, t, i % 2)] = vdotq_laneq_s32(dot[SUM(i / 2, t, i % 2)], w, y[t], lane);                          \
  }
    FOUR(0) FOUR(1) FOUR(2) FOUR(3)
#undef FOUR
  }
}
#else
/* Sums of count * 16 neighbouring products, of one panel by T tokens. Two products of int8 fit int16, eight where weights
 * are of few bits, within 32. */
INLINE void tile_sums(const uint8_t *panel, int64_t panel_bytes, const uint8_t *x, int64_t x_stride, int32x4_t *dot,
                      const int count, const int few_bits, const int P, const int T) {
  const int fours = few_bits ? 4 * count : 2;
  int32x4_t sums[2 * 4][2];
  (void)panel_bytes, (void)P;
  UNROLL for (int i = 0; i < 2 * T; i++) sums[i][0] = sums[i][1] = vdupq_n_s32(0);
  UNROLL for (int from = 0; from < 4 * count; from += fours) {
    UNROLL for (int h = 0; h < 2; h++)
      UNROLL for (int t = 0; t < T; t++) {
        int16x8_t low = vdupq_n_s16(0), high = low;
        UNROLL for (int k = from; k < from + fours; k++) {
          const int8x16_t w = int_load(panel + 32 * k + 16 * h);
          const int8x16_t y = vreinterpretq_s8_s32(vdupq_n_s32(i32_at(x + t * x_stride + 4 * k)));
          low = vmlal_s8(low, vget_low_s8(w), vget_low_s8(y));
          high = vmlal_high_s8(high, w, y);
        }
        sums[SUM(0, t, h)][0] = vpadalq_s16(sums[SUM(0, t, h)][0], low);
        sums[SUM(0, t, h)][1] = vpadalq_s16(sums[SUM(0, t, h)][1], high);
      }
  }
  UNROLL for (int i = 0; i < 2 * T; i++) dot[i] = vpaddq_s32(sums[i][0], sums[i][1]);
}
#endif
#endif

INLINE uint8_t *aligned(uint8_t *p) { return p + (64 - (uintptr_t)p % 64) % 64; }

/* Adds the eight partial sums of a tile up. */
INLINE void store_tile(const linear_call *c, float32x4_t (*partial)[16], int64_t row, int64_t token, const int P, const int T) {
  UNROLL for (int p = 0; p < P; p++) UNROLL for (int t = 0; t < T; t++) UNROLL for (int h = 0; h < 2; h++) {
    const int i = SUM(p, t, h);
    const float32x4_t even = vaddq_f32(vaddq_f32(partial[0][i], partial[4][i]), vaddq_f32(partial[2][i], partial[6][i]));
    const float32x4_t odd = vaddq_f32(vaddq_f32(partial[1][i], partial[5][i]), vaddq_f32(partial[3][i], partial[7][i]));
    f32x4_store(c->out + (token + t) * c->out_stride + row + 8 * p + 4 * h, vaddq_f32(even, odd));
  }
}

/* Of a panel: a block of 8 rows by 32 is 8 float scales, and the values. */
#define B32_PANEL_BLOCK 288

INLINE void b32_pack(const linear_call *c, int64_t row, uint8_t *panel, const int type) {
  const uint8_t *w = c->w + row * c->w_stride;
  for (int64_t b = 0; b < c->n_in / 32; b++, w += block_bytes(type), panel += B32_PANEL_BLOCK) {
    f32x8_store(panel, block_scales(w, c->w_stride, 8, type));
    UNROLL for (int h = 0; h < 2; h++) {
      int8x16_t v[8];
      UNROLL for (int r = 0; r < 8; r++) v[r] = sixteen(w + r * c->w_stride, type, h);
      pack_sixteen(v, panel + 32 + 128 * h);
    }
  }
}

/* next: where the rows begin that are packed after these, fetched a little with each block; null for no fetching. */
INLINE void b32_tile(const linear_call *c, const uint8_t *panel, int64_t row, int64_t token, const uint8_t *next,
                     const int type, const int P, const int T) {
  const int64_t blocks = c->n_in / 32, panel_bytes = blocks * B32_PANEL_BLOCK, ahead = 8 * P * block_bytes(type);
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in;
  float32x4_t partial[8][16];
  UNROLL for (int j = 0; j < 8; j++) UNROLL for (int i = 0; i < 2 * P * T; i++) partial[j][i] = vdupq_n_f32(0);
  for (int64_t b = 0; b < blocks; b++, panel += B32_PANEL_BLOCK) {
    int32x4_t dot[16];
    float32x4_t *sum = partial[b & 7];
    if (next) {
      UNROLL for (int i = 0; i < (ahead + 63) / 64; i++) prefetch(next, b * ahead + 64 * i);
    }
    tile_sums(panel + 32, panel_bytes, x + 32 * b, c->x_stride, dot, 2, has_few_bits(type), P, T);
    UNROLL for (int p = 0; p < P; p++) {
      const f32x8 d = f32x8_load(panel + p * panel_bytes);
      UNROLL for (int t = 0; t < T; t++) {
        const f32x8 scale = f32x8_mul(d, f32x8_all(f32_at(scales + t * c->x_stride + 4 * b)));
        sum[SUM(p, t, 0)] = vfmaq_f32(sum[SUM(p, t, 0)], scale.low, vcvtq_f32_s32(dot[SUM(p, t, 0)]));
        sum[SUM(p, t, 1)] = vfmaq_f32(sum[SUM(p, t, 1)], scale.high, vcvtq_f32_s32(dot[SUM(p, t, 1)]));
      }
    }
  }
  store_tile(c, partial, row, token, P, T);
}

INLINE void b32_panels(const linear_call *c, uint8_t *panel, int64_t row, const int type, const int P) {
  UNROLL for (int p = 0; p < P; p++) b32_pack(c, row + 8 * p, panel + p * (c->n_in / 32) * B32_PANEL_BLOCK, type);
  const uint8_t *next = row + 8 * P < c->row1 ? c->w + (row + 8 * P) * c->w_stride : 0;
  int64_t t = 0;
  for (; t + 4 <= c->n_tokens; t += 4, next = 0) b32_tile(c, panel, row, t, next, type, P, 4);
  if (c->n_tokens - t >= 2) {
    b32_tile(c, panel, row, t, next, type, P, 2);
    t += 2;
  }
  if (c->n_tokens - t == 1) b32_tile(c, panel, row, t, next, type, P, 1);
}

static int64_t b32_scratch(int64_t n_in, int64_t n_tokens) {
  return n_tokens < 4 ? 0 : n_in / 32 * B32_PANEL_BLOCK * PANELS + 64;
}

INLINE void linear_b32(const linear_call *c, const int type) {
  int64_t row = c->row0;
  if (c->n_tokens >= 4) {
    uint8_t *panel = aligned(c->scratch);
    for (; row + 8 * PANELS <= c->row1; row += 8 * PANELS) b32_panels(c, panel, row, type, PANELS);
    for (; row + 8 <= c->row1; row += 8) b32_panels(c, panel, row, type, 1);
  }
  stream_rows(c, row, type, 32);
}

/* Of a panel: a block of 8 rows by 256 is 8 float scales and 8 of minima; by group 8 int16 scales, and 8 int16 minima; then
 * the values. */
#define B256_SCALES 64
#define B256_MINIMA 192
#define B256_VALUES 320
#define B256_PANEL_BLOCK 2368

INLINE void b256_pack_scales(const uint8_t *w, int64_t w_stride, uint8_t *panel, const int type) {
  int16_t scales[16 * 8];
  UNROLL for (int r = 0; r < 8; r++) {
    int16x8_t row[2];
    int16_t of_row[16];
    group_scales(w + r * w_stride, type, row);
    vst1q_s16(of_row, row[0]);
    vst1q_s16(of_row + 8, row[1]);
    for (int g = 0; g < 16; g++) scales[8 * g + r] = of_row[g];
  }
  f32x8_store(panel, block_scales(w, w_stride, 8, type));
  if (has_minima(type)) f32x8_store(panel + 32, f16_scales(w + 2, w_stride, 8));
  memcpy(panel + B256_SCALES, scales, sizeof scales);
}

INLINE void b256_pack(const linear_call *c, int64_t row, uint8_t *panel, const int type) {
  const uint8_t *w = c->w + row * c->w_stride;
  for (int64_t b = 0; b < c->n_in / 256; b++, w += block_bytes(type), panel += B256_PANEL_BLOCK) {
    b256_pack_scales(w, c->w_stride, panel, type);
    UNROLL for (int i = 0; i < 16; i++) {
      int8x16_t v[8];
      UNROLL for (int r = 0; r < 8; r++) v[r] = sixteen(w + r * c->w_stride, type, i);
      pack_sixteen(v, panel + B256_VALUES + 128 * i);
    }
  }
}

/* Integer sums of one block of a panel by T tokens. next: see b32_tile. */
INLINE void b256_tile_sums(const uint8_t *panel, const uint8_t *x, int64_t x_stride, const uint8_t *next, int32x4_t *total,
                           const int type, const int T) {
  const int sixteens = group_sixteens(type), P = 1;
  UNROLL for (int i = 0; i < 2 * T; i++) total[i] = vdupq_n_s32(0);
  NO_UNROLL for (int g = 0; g < 16 / sixteens; g++) {
    int32x4_t dot[8];
    if (next) {
      UNROLL for (int i = 0; i < (block_bytes(type) + 63) / 64; i++) prefetch(next, sixteens * g / 2 * block_bytes(type) + 64 * i);
    }
    tile_sums(panel + B256_VALUES + 128 * sixteens * g, 0, x + 16 * sixteens * g, x_stride, dot, sixteens, has_few_bits(type), P, T);
    const int16x8_t s = vreinterpretq_s16_u8(vld1q_u8(panel + B256_SCALES + 16 * g));
    UNROLL for (int t = 0; t < T; t++) {
      total[SUM(0, t, 0)] = vmlaq_s32(total[SUM(0, t, 0)], dot[SUM(0, t, 0)], vmovl_s16(vget_low_s16(s)));
      total[SUM(0, t, 1)] = vmlaq_s32(total[SUM(0, t, 1)], dot[SUM(0, t, 1)], vmovl_high_s16(s));
    }
  }
}

/* sum += scale * total, in eight lanes. */
INLINE void add_scaled(float32x4_t *sum, f32x8 scale, const int32x4_t *total) {
  sum[0] = vfmaq_f32(sum[0], scale.low, vcvtq_f32_s32(total[0]));
  sum[1] = vfmaq_f32(sum[1], scale.high, vcvtq_f32_s32(total[1]));
}

/* Minima of a block times the group sums of a token. */
INLINE void minima_sums(const uint8_t *panel, const uint8_t *groups, int32x4_t *low) {
  low[0] = low[1] = vdupq_n_s32(0);
  UNROLL for (int g = 0; g < 8; g++) {
    const int16x8_t minima = vreinterpretq_s16_u8(vld1q_u8(panel + B256_MINIMA + 16 * g));
    const int16_t sum = (int16_t)i16_at(groups + 2 * g);
    low[0] = vmlal_n_s16(low[0], vget_low_s16(minima), sum);
    low[1] = vmlal_high_n_s16(low[1], minima, sum);
  }
}

INLINE void b256_tile(const linear_call *c, const uint8_t *panel, int64_t row, int64_t token, const uint8_t *next,
                      const int type, const int T) {
  const int64_t blocks = c->n_in / 256;
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in, *groups = scales + 4 * blocks;
  float32x4_t partial[8][16];
  UNROLL for (int j = 0; j < 8; j++) UNROLL for (int i = 0; i < 2 * T; i++) partial[j][i] = vdupq_n_f32(0);
  for (int64_t b = 0; b < blocks; b++, panel += B256_PANEL_BLOCK) {
    int32x4_t total[8], low[2];
    b256_tile_sums(panel, x + 256 * b, c->x_stride, next ? next + b * 8 * block_bytes(type) : 0, total, type, T);
    UNROLL for (int t = 0; t < T; t++) {
      const f32x8 dx = f32x8_all(f32_at(scales + t * c->x_stride + 4 * b));
      add_scaled(partial[b & 7] + 2 * t, f32x8_mul(f32x8_load(panel), dx), total + 2 * t);
      if (!has_minima(type)) continue;
      minima_sums(panel, groups + t * c->x_stride + 16 * b, low);
      add_scaled(partial[b & 7] + 2 * t, f32x8_negate(f32x8_mul(f32x8_load(panel + 32), dx)), low);
    }
  }
  store_tile(c, partial, row, token, 1, T);
}

static int64_t b256_scratch(int64_t n_in, int64_t n_tokens) { return n_tokens < 4 ? 0 : n_in / 256 * B256_PANEL_BLOCK + 64; }

INLINE void linear_b256(const linear_call *c, const int type) {
  int64_t row = c->row0;
  uint8_t *panel = aligned(c->scratch);
  for (; c->n_tokens >= 4 && row + 8 <= c->row1; row += 8) {
    b256_pack(c, row, panel, type);
    const uint8_t *next = row + 8 < c->row1 ? c->w + (row + 8) * c->w_stride : 0;
    int64_t t = 0;
    for (; t + 4 <= c->n_tokens; t += 4, next = 0) b256_tile(c, panel, row, t, next, type, 4);
    if (c->n_tokens - t >= 2) {
      b256_tile(c, panel, row, t, next, type, 2);
      t += 2;
    }
    if (c->n_tokens - t == 1) b256_tile(c, panel, row, t, next, type, 1);
  }
  stream_rows(c, row, type, 256);
}

#define NEON(name, TYPE, size) static void neon_##name(const linear_call *c) { linear_b##size(c, HEARTH_##TYPE); }
NEON(q8_0, Q8_0, 32)
NEON(q4_0, Q4_0, 32)
NEON(q5_0, Q5_0, 32)
NEON(iq4_nl, IQ4_NL, 32)
NEON(mxfp4, MXFP4, 32)
NEON(q3_k, Q3_K, 256)
NEON(q4_k, Q4_K, 256)
NEON(q5_k, Q5_K, 256)
NEON(q6_k, Q6_K, 256)
NEON(iq4_xs, IQ4_XS, 256)
#undef NEON

/* linear_a8 as the tables of all sets here have it. */
#define NEON_A8                                                                                                       \
  {[HEARTH_Q8_0] = {neon_q8_0, b32_scratch},                                                                          \
   [HEARTH_Q4_0] = {neon_q4_0, b32_scratch},                                                                          \
   [HEARTH_Q5_0] = {neon_q5_0, b32_scratch},                                                                          \
   [HEARTH_IQ4_NL] = {neon_iq4_nl, b32_scratch},                                                                      \
   [HEARTH_MXFP4] = {neon_mxfp4, b32_scratch},                                                                        \
   [HEARTH_Q3_K] = {neon_q3_k, b256_scratch},                                                                         \
   [HEARTH_Q4_K] = {neon_q4_k, b256_scratch},                                                                         \
   [HEARTH_Q5_K] = {neon_q5_k, b256_scratch},                                                                         \
   [HEARTH_Q6_K] = {neon_q6_k, b256_scratch},                                                                         \
   [HEARTH_IQ4_XS] = {neon_iq4_xs, b256_scratch},                                                                     \
   UNPACKED_INT8(Q4_1, q4_1),                                                                                         \
   UNPACKED_INT8(Q5_1, q5_1),                                                                                         \
   UNPACKED_INT8(Q2_K, q2_k),                                                                                         \
   UNPACKED_INT8(TQ1_0, tq1_0),                                                                                       \
   UNPACKED_INT8(TQ2_0, tq2_0),                                                                                       \
   UNPACKED_INT8(IQ1_S, iq1_s),                                                                                       \
   UNPACKED_INT8(IQ1_M, iq1_m),                                                                                       \
   UNPACKED_INT8(IQ2_XXS, iq2_xxs),                                                                                   \
   UNPACKED_INT8(IQ2_XS, iq2_xs),                                                                                     \
   UNPACKED_INT8(IQ2_S, iq2_s),                                                                                       \
   UNPACKED_INT8(IQ3_XXS, iq3_xxs),                                                                                   \
   UNPACKED_INT8(IQ3_S, iq3_s)}

#endif
