/* Blocks of every type but the four of values.h, taken apart one at a time: integers, integer scales and minima of 16
 * neighbours, and the block's own. A value is (d * scale) * q - dmin * minimum. dev.hearth.spi.reference.BlockDecoder has
 * the same in Java; layouts are those of ggml-common.h. */
#ifndef HEARTH_UNPACK_H
#define HEARTH_UNPACK_H

#include "grids.h"
#include "values.h"

typedef struct {
  int8_t q[256];
  int16_t scale[16], minimum[16]; /* of NVFP4 the scale of a group is d[group] alone */
  float d[4], dmin;               /* d[0] but for NVFP4 */
} unpacked;

typedef void unpack_block(const uint8_t *w, unpacked *u);

INLINE void u_scales(unpacked *u, int from, int count, int scale) {
  for (int i = from; i < from + count; i++) u->scale[i] = (int16_t)scale;
}

INLINE void u_nibbles(const uint8_t *w, int8_t *q) {
  for (int i = 0; i < 16; i++) q[i] = (int8_t)(w[i] & 15);
  for (int i = 0; i < 16; i++) q[16 + i] = (int8_t)(w[i] >> 4);
}

INLINE void u_fifth_bits(const uint8_t *w, int8_t *q) {
  const uint32_t bits = (uint32_t)i32_at(w);
  for (int i = 0; i < 32; i++) q[i] = (int8_t)(q[i] | (int)(bits >> i & 1) << 4);
}

INLINE void u_minimum(const uint8_t *w, unpacked *u) { /* added: it is subtracted with dmin */
  u->dmin = -f16_at(w);
  u->minimum[0] = u->minimum[1] = 1;
}

INLINE void unpack_q4_1(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w);
  u_scales(u, 0, 2, 1);
  u_minimum(w + 2, u);
  u_nibbles(w + 4, u->q);
}

INLINE void unpack_q5_0(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w);
  u_scales(u, 0, 2, 1);
  u_nibbles(w + 6, u->q);
  u_fifth_bits(w + 2, u->q);
  for (int i = 0; i < 32; i++) u->q[i] = (int8_t)(u->q[i] - 16);
}

INLINE void unpack_q5_1(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w);
  u_scales(u, 0, 2, 1);
  u_minimum(w + 2, u);
  u_nibbles(w + 8, u->q);
  u_fifth_bits(w + 4, u->q);
}

/* Codes of IQ4_NL and IQ4_XS, spaced as normal values are. */
static const int8_t codes_normal[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
/* Twice the numbers of FP4 E2M1; OCP Microscaling Formats 1.0, section 5.3.3. */
static const int8_t codes_e2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

INLINE void u_replace(int8_t *q, const int8_t *codes, int n) {
  for (int i = 0; i < n; i++) q[i] = codes[q[i]];
}

INLINE void unpack_iq4_nl(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w);
  u_scales(u, 0, 2, 1);
  u_nibbles(w + 2, u->q);
  u_replace(u->q, codes_normal, 32);
}

/* Half of 2^(e - 127), for the codes of E2M1 count halves. */
INLINE float e8m0_half(uint8_t code) {
  const uint32_t e = code;
  return float_of(e < 2 ? 0x200000u << e : (e - 1) << 23);
}

INLINE void unpack_mxfp4(const uint8_t *w, unpacked *u) {
  u->d[0] = e8m0_half(w[0]);
  u_scales(u, 0, 2, 1);
  u_nibbles(w + 1, u->q);
  u_replace(u->q, codes_e2m1, 32);
}

/* Groups of 16 with a scale in unsigned E4M3: m * 2^-10 below exponent 1, else (8 + m) * 2^(e - 11). */
INLINE void unpack_nvfp4(const uint8_t *w, unpacked *u) {
  for (int g = 0; g < 4; g++) {
    const int code = w[g], e = code >> 3 & 15, m = code & 7;
    const int scale = code == 0 || code == 0x7f ? 0 : e == 0 ? m : (8 + m) << (e - 1);
    u->d[g] = 0x1p-10f * (float)scale;
    for (int i = 0; i < 8; i++) {
      u->q[16 * g + i] = (int8_t)(w[4 + 8 * g + i] & 15);
      u->q[16 * g + 8 + i] = (int8_t)(w[4 + 8 * g + i] >> 4);
    }
  }
  u_scales(u, 0, 4, 1);
  u_replace(u->q, codes_e2m1, 64);
}

/* 256 pairs of bits in 64 bytes: of each 32 bytes first the lowest pairs. */
INLINE void u_pairs(const uint8_t *w, int8_t *q) {
  for (int part = 0; part < 8; part++)
    for (int i = 0; i < 32; i++) q[32 * part + i] = (int8_t)(w[part / 4 * 32 + i] >> part % 4 * 2 & 3);
}

INLINE void unpack_q2_k(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w + 80);
  u->dmin = f16_at(w + 82);
  for (int g = 0; g < 16; g++) {
    u->scale[g] = w[g] & 15;
    u->minimum[g] = w[g] >> 4;
  }
  u_pairs(w + 16, u->q);
}

INLINE int8_t q3_k_scale(const uint8_t *w, int g) {
  const int low = w[96 + g % 8] >> g / 8 * 4 & 15, high = w[104 + g % 4] >> g / 4 * 2 & 3;
  return (int8_t)((low | high << 4) - 32);
}

INLINE void unpack_q3_k(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w + 108);
  for (int g = 0; g < 16; g++) u->scale[g] = q3_k_scale(w, g);
  u_pairs(w + 32, u->q);
  for (int part = 0; part < 8; part++)
    for (int i = 0; i < 32; i++) u->q[32 * part + i] = (int8_t)(u->q[32 * part + i] - (w[i] >> part & 1 ? 0 : 4));
}

INLINE void unpack_q5_k(const uint8_t *w, unpacked *u) {
  uint8_t scales[16];
  q4_k_scales(w, scales);
  u->d[0] = f16_at(w);
  u->dmin = f16_at(w + 2);
  for (int g = 0; g < 16; g++) {
    u->scale[g] = scales[g / 2];
    u->minimum[g] = scales[8 + g / 2];
  }
  for (int part = 0; part < 8; part++)
    for (int i = 0; i < 32; i++)
      u->q[32 * part + i] = (int8_t)((w[48 + part / 2 * 32 + i] >> part % 2 * 4 & 15) | (w[16 + i] >> part & 1) << 4);
}

/* Of the 32 values of a part. */
INLINE int8_t iq4_xs_scale(const uint8_t *w, int part) {
  const int low = w[4 + part / 2] >> part % 2 * 4 & 15, high = i16_at(w + 2) >> 2 * part & 3;
  return (int8_t)((low | high << 4) - 32);
}

INLINE void unpack_iq4_xs(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w);
  for (int part = 0; part < 8; part++) {
    u_scales(u, 2 * part, 2, iq4_xs_scale(w, part));
    u_nibbles(w + 8 + 16 * part, u->q + 32 * part);
  }
  u_replace(u->q, codes_normal, 256);
}

/* Five numbers a byte, each the top digit of a fraction in base 3: 32 bytes, 16, and 4 with four numbers each. */
INLINE void u_trits(const uint8_t *w, int8_t *q, int bytes, int digits) {
  int power = 1;
  for (int digit = 0; digit < digits; digit++, power *= 3)
    for (int i = 0; i < bytes; i++) q[digit * bytes + i] = (int8_t)(((w[i] * power & 255) * 3 >> 8) - 1);
}

INLINE void unpack_tq1_0(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w + 52);
  u_scales(u, 0, 16, 1);
  u_trits(w, u->q, 32, 5);
  u_trits(w + 32, u->q + 160, 16, 5);
  u_trits(w + 48, u->q + 240, 4, 4);
}

INLINE void unpack_tq2_0(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w + 64);
  u_scales(u, 0, 16, 1);
  u_pairs(w, u->q);
  for (int i = 0; i < 256; i++) u->q[i] = (int8_t)(u->q[i] - 1);
}

/* Grids: a point is n numbers by codes of some bits. Their scales are made integers by dividing d, which is exact. */
static const int8_t numbers_2[4] = {8, 25, 43, 0}, numbers_1[4] = {-8, 0, 8, 0};
static const int8_t numbers_3_xxs[8] = {4, 12, 20, 28, 36, 44, 52, 62}, numbers_3_s[8] = {1, 3, 5, 7, 9, 11, 13, 15};

INLINE void u_eight(int8_t *q, uint16_t point, uint32_t negative) {
  for (int i = 0; i < 8; i++) {
    const int8_t v = numbers_2[point >> 2 * i & 3];
    q[i] = (int8_t)(negative >> i & 1 ? -v : v);
  }
}

INLINE void u_four(int8_t *q, const int8_t *numbers, uint16_t point, uint32_t negative) {
  for (int i = 0; i < 4; i++) {
    const int8_t v = numbers[point >> 4 * i & 7];
    q[i] = (int8_t)(negative >> i & 1 ? -v : v);
  }
}

INLINE void u_shifted(int8_t *q, uint16_t point, int shift) {
  for (int i = 0; i < 8; i++) q[i] = (int8_t)(numbers_1[point >> 2 * i & 3] + shift);
}

/* Seven signs and the eighth, which makes their number even. */
INLINE uint32_t u_parity(uint32_t signs) { return signs | (uint32_t)__builtin_parity(signs) << 7; }

/* Nibbles s, each for count groups: 2s + 1. */
INLINE void u_odd_scales(const uint8_t *w, unpacked *u, int count) {
  for (int i = 0; i < 16 / count; i++) u_scales(u, count * i, count, 2 * (w[i / 2] >> i % 2 * 4 & 15) + 1);
}

INLINE void unpack_iq2_xxs(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w) * 0.125f;
  for (int part = 0; part < 8; part++) {
    const uint32_t signs = (uint32_t)i32_at(w + 6 + 8 * part);
    u_scales(u, 2 * part, 2, (int)(2 * (signs >> 28) + 1));
    for (int j = 0; j < 4; j++)
      u_eight(u->q + 32 * part + 8 * j, grid_iq2_xxs[w[2 + 8 * part + j]], u_parity(signs >> 7 * j & 127));
  }
}

INLINE void unpack_iq2_xs(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w) * 0.125f;
  u_odd_scales(w + 66, u, 1);
  for (int j = 0; j < 32; j++) {
    const uint32_t code = (uint32_t)i16_at(w + 2 + 2 * j) & 0xffff;
    u_eight(u->q + 8 * j, grid_iq2_xs[code & 511], u_parity(code >> 9));
  }
}

INLINE void unpack_iq2_s(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w) * 0.125f;
  u_odd_scales(w + 74, u, 1);
  for (int j = 0; j < 32; j++)
    u_eight(u->q + 8 * j, grid_iq2_s[w[2 + j] | (w[66 + j / 4] >> j % 4 * 2 & 3) << 8], w[34 + j]);
}

INLINE void unpack_iq3_xxs(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w) * 0.25f;
  for (int part = 0; part < 8; part++) {
    const uint32_t signs = (uint32_t)i32_at(w + 66 + 4 * part);
    u_scales(u, 2 * part, 2, (int)(2 * (signs >> 28) + 1));
    for (int j = 0; j < 8; j++)
      u_four(u->q + 32 * part + 4 * j, numbers_3_xxs, grid_iq3_xxs[w[2 + 8 * part + j]],
             u_parity(signs >> j / 2 * 7 & 127) >> j % 2 * 4);
  }
}

INLINE void unpack_iq3_s(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w);
  u_odd_scales(w + 106, u, 2);
  for (int j = 0; j < 64; j++)
    u_four(u->q + 4 * j, numbers_3_s, grid_iq3_s[w[2 + j] | (w[66 + j / 8] >> j % 8 & 1) << 8],
           (uint32_t)w[74 + j / 2] >> j % 2 * 4);
}

INLINE void unpack_iq1_s(const uint8_t *w, unpacked *u) {
  u->d[0] = f16_at(w) * 0.125f;
  for (int j = 0; j < 32; j++) {
    const int high = i16_at(w + 34 + j / 4 * 2);
    u_scales(u, j / 2, 1, 2 * (high >> 12 & 7) + 1);
    u_shifted(u->q + 8 * j, grid_iq1[w[2 + j] | (high >> j % 4 * 3 & 7) << 8], high & 0x8000 ? -1 : 1);
  }
}

/* The block's scale lies in the top nibbles of the four 16-bit words that hold the groups' scales. */
INLINE void unpack_iq1_m(const uint8_t *w, unpacked *u) {
  uint16_t bits = 0;
  for (int word = 0; word < 4; word++) bits = (uint16_t)(bits | (i16_at(w + 48 + 2 * word) >> 12 & 15) << 4 * word);
  u->d[0] = f16_at(&bits) * 0.125f;
  for (int j = 0; j < 32; j++) {
    const int group = j / 2, high = w[32 + j / 2] >> j % 2 * 4;
    u_scales(u, group, 1, 2 * (i16_at(w + 48 + group / 4 * 2) >> group % 4 * 3 & 7) + 1);
    u_shifted(u->q + 8 * j, grid_iq1[w[j] | (high & 7) << 8], high & 8 ? -1 : 1);
  }
}

#endif
