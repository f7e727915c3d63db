/* Values and products of the types that unpack.h takes apart, over any lanes: one loop for all of them. A row is taken apart
 * once for all tokens of a call. */
#ifndef HEARTH_UNPACKED_H
#define HEARTH_UNPACKED_H

#include "unpack.h"

INLINE void values_unpacked(float *out, const uint8_t *w, int64_t n, unpack_block *unpack, const int size, const int bytes,
                            const int minima) {
  unpacked u;
  for (int64_t b = 0; b < n / size; b++, w += bytes, out += size) {
    unpack(w, &u);
    for (int g = 0; g < size / 16; g++) {
      const f32x8 scale = f32x8_all(u.d[size == 64 ? g : 0] * (float)u.scale[g]);
      const f32x8 minimum = f32x8_all(minima ? u.dmin * (float)u.minimum[g] : 0);
      UNROLL for (int i = 16 * g; i < 16 * g + 16; i += 8)
        f32x8_store(out + i, f32x8_sub(f32x8_mul(scale, f32x8_load_int8(u.q + i)), minimum));
    }
  }
}

/* Scratch of linear_unpacked: a row's d and dmin of each block, scales and minima of each 16, numbers; then of each token the
 * sums of every 16. */
static int64_t linear_unpacked_scratch(int64_t n_in, int64_t n_tokens) {
  return n_in / 32 * 8 + n_in / 16 * 4 + n_in + n_tokens * (n_in / 16) * 2;
}

INLINE int32_t minima_dot(const int16_t *minimum, const int16_t *sums, const int groups) {
  int32_t dot = 0;
  for (int g = 0; g < groups; g++) dot += minimum[g] * sums[g];
  return dot;
}

INLINE void linear_unpacked(const linear_call *c, unpack_block *unpack, const int size, const int bytes, const int minima) {
  const int64_t blocks = c->n_in / size, groups = c->n_in / 16, in_block = size / 16;
  float *d = (float *)(void *)c->scratch, *dmin = d + c->n_in / 32;
  int16_t *scale = (int16_t *)(void *)(dmin + c->n_in / 32), *minimum = scale + groups, *sums = minimum + groups;
  int8_t *q = (int8_t *)(sums + (minima ? c->n_tokens * groups : 0));
  for (int64_t t = 0; minima && t < c->n_tokens; t++)
    for (int64_t g = 0; g < groups; g++) {
      int sum = 0;
      for (int i = 0; i < 16; i++) sum += (int8_t)c->x[t * c->x_stride + 16 * g + i];
      sums[t * groups + g] = (int16_t)sum;
    }
  for (int64_t r = c->row0; r < c->row1; r++) {
    for (int64_t b = 0; b < blocks; b++) {
      unpacked u;
      unpack(c->w + r * c->w_stride + b * bytes, &u);
      d[b] = u.d[0];
      memcpy(q + size * b, u.q, (size_t)size);
      memcpy(scale + in_block * b, u.scale, (size_t)in_block * 2);
      if (minima) {
        dmin[b] = u.dmin;
        memcpy(minimum + in_block * b, u.minimum, (size_t)in_block * 2);
      }
    }
    for (int64_t t = 0; t < c->n_tokens; t++) {
      const uint8_t *x = c->x + t * c->x_stride, *scales = x + c->n_in;
      float sum[8] = {0};
      for (int64_t b = 0; b < blocks; b++) {
        const float dx = f32_at(scales + 4 * b);
        float *p = sum + b % 8;
        *p = fma1(d[b] * dx, (float)dot_groups(q + size * b, x + size * b, scale + in_block * b, (int)in_block), *p);
        if (minima) {
          const int32_t low = minima_dot(minimum + in_block * b, sums + t * groups + in_block * b, (int)in_block);
          *p = fma1(-(dmin[b] * dx), (float)low, *p);
        }
      }
      c->out[t * c->out_stride + r] = tree(sum);
    }
  }
}

#define UNPACKED(name, size, bytes, minima)                                                                           \
  static void values_##name(float *out, const uint8_t *w, int64_t n) {                                                \
    values_unpacked(out, w, n, unpack_##name, size, bytes, minima);                                                   \
  }                                                                                                                   \
  static void linear_values_##name(const linear_call *c) { linear_values(c, values_##name); }
#define UNPACKED_A8(name, size, bytes, minima)                                                                        \
  UNPACKED(name, size, bytes, minima)                                                                                 \
  INLINE void linear_##name(const linear_call *c) { linear_unpacked(c, unpack_##name, size, bytes, minima); }

UNPACKED_A8(q4_1, 32, 20, 1)
UNPACKED_A8(q5_0, 32, 22, 0)
UNPACKED_A8(q5_1, 32, 24, 1)
UNPACKED_A8(iq4_nl, 32, 18, 0)
UNPACKED_A8(mxfp4, 32, 17, 0)
UNPACKED(nvfp4, 64, 36, 0)
UNPACKED_A8(q2_k, 256, 84, 1)
UNPACKED_A8(q3_k, 256, 110, 0)
UNPACKED_A8(q5_k, 256, 176, 1)
UNPACKED_A8(iq4_xs, 256, 136, 0)
UNPACKED_A8(tq1_0, 256, 54, 0)
UNPACKED_A8(tq2_0, 256, 66, 0)
UNPACKED_A8(iq1_s, 256, 50, 0)
UNPACKED_A8(iq1_m, 256, 56, 0)
UNPACKED_A8(iq2_xxs, 256, 66, 0)
UNPACKED_A8(iq2_xs, 256, 74, 0)
UNPACKED_A8(iq2_s, 256, 82, 0)
UNPACKED_A8(iq3_xxs, 256, 98, 0)
UNPACKED_A8(iq3_s, 256, 110, 0)

#define UNPACKED_VALUES                                                                                               \
  [HEARTH_Q4_1] = values_q4_1, [HEARTH_Q5_0] = values_q5_0, [HEARTH_Q5_1] = values_q5_1,                              \
  [HEARTH_IQ4_NL] = values_iq4_nl, [HEARTH_MXFP4] = values_mxfp4, [HEARTH_NVFP4] = values_nvfp4,                      \
  [HEARTH_Q2_K] = values_q2_k, [HEARTH_Q3_K] = values_q3_k, [HEARTH_Q5_K] = values_q5_k,                              \
  [HEARTH_IQ4_XS] = values_iq4_xs, [HEARTH_TQ1_0] = values_tq1_0, [HEARTH_TQ2_0] = values_tq2_0,                      \
  [HEARTH_IQ1_S] = values_iq1_s, [HEARTH_IQ1_M] = values_iq1_m, [HEARTH_IQ2_XXS] = values_iq2_xxs,                    \
  [HEARTH_IQ2_XS] = values_iq2_xs, [HEARTH_IQ2_S] = values_iq2_s, [HEARTH_IQ3_XXS] = values_iq3_xxs,                  \
  [HEARTH_IQ3_S] = values_iq3_s

#define UNPACKED_F32(TYPE, name) [HEARTH_##TYPE] = {linear_values_##name, linear_values_scratch}
#define UNPACKED_INT8(TYPE, name) [HEARTH_##TYPE] = {linear_##name, linear_unpacked_scratch}
#define UNPACKED_ALL(F)                                                                                               \
  F(Q4_1, q4_1), F(Q5_0, q5_0), F(Q5_1, q5_1), F(IQ4_NL, iq4_nl), F(MXFP4, mxfp4), F(Q2_K, q2_k), F(Q3_K, q3_k),      \
      F(Q5_K, q5_k), F(IQ4_XS, iq4_xs), F(TQ1_0, tq1_0), F(TQ2_0, tq2_0), F(IQ1_S, iq1_s), F(IQ1_M, iq1_m),           \
      F(IQ2_XXS, iq2_xxs), F(IQ2_XS, iq2_xs), F(IQ2_S, iq2_s), F(IQ3_XXS, iq3_xxs), F(IQ3_S, iq3_s)

#endif
