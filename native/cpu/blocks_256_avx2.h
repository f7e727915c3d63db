/* hearth_linear for Q4_K and Q6_K weights with A8_256 activations in AVX2.
 *
 * One to three tokens stream the rows as they lie in the file: the integer sums of eight blocks wait in memory until one
 * fma adds them to the eight partial sums; where a row has fewer left, lanes add 0 * 0 to a sum that is never -0. From
 * four tokens on, panels of 8 rows of Q4_K are packed into scratch and pass as in blocks_32_avx2.h. */
#ifndef HEARTH_BLOCKS_256_AVX2_H
#define HEARTH_BLOCKS_256_AVX2_H

#include "blocks_32_avx2.h"

INLINE int64_t b256_bytes(const int type) { return type == HEARTH_Q4_K ? 144 : 210; }

/* Sums of a Q4_K block for T tokens: scaled dots in eight lanes, minima times group sums in four. */
INLINE void q4_k_sums(const uint8_t *w, const uint8_t *x, const uint8_t *groups, int64_t x_stride, __m256i *dot, __m128i *low,
                      const int T) {
  const __m256i nibble = _mm256_set1_epi8(15);
  uint32_t u[3];
  memcpy(u, w + 4, 12);
  const uint32_t scale0 = u[0] & 0x3f3f3f3f, scale1 = (u[2] & 0x0f0f0f0f) | (u[0] >> 2 & 0x30303030);
  const uint32_t min0 = u[1] & 0x3f3f3f3f, min1 = (u[2] >> 4 & 0x0f0f0f0f) | (u[1] >> 2 & 0x30303030);
  const __m256i both = _mm256_cvtepu8_epi16(_mm_setr_epi32((int)scale0, (int)scale1, (int)min0, (int)min1));
  const __m128i minima = _mm256_extracti128_si256(both, 1);
  const __m256i scales = _mm256_permute2x128_si256(both, both, 0);
  UNROLL for (int j = 0; j < 4; j++) {
    const __m256i pairs = int_load(w + 16 + 32 * j), even = _mm256_and_si256(pairs, nibble);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi16(pairs, 4), nibble);
    const __m256i scale_even = _mm256_shuffle_epi8(scales, _mm256_set1_epi16((short)(4 * j | (4 * j + 1) << 8)));
    const __m256i scale_odd = _mm256_shuffle_epi8(scales, _mm256_set1_epi16((short)((4 * j + 2) | (4 * j + 3) << 8)));
    UNROLL for (int t = 0; t < T; t++) {
      const uint8_t *y = x + t * x_stride + 64 * j;
      const __m256i d = _mm256_add_epi32(_mm256_madd_epi16(_mm256_maddubs_epi16(even, int_load(y)), scale_even),
                                         _mm256_madd_epi16(_mm256_maddubs_epi16(odd, int_load(y + 32)), scale_odd));
      dot[t] = j ? _mm256_add_epi32(dot[t], d) : d;
    }
  }
  UNROLL for (int t = 0; t < T; t++)
    low[t] = _mm_madd_epi16(minima, _mm_loadu_si128((const __m128i *)(groups + t * x_stride)));
}

/* Scaled dots of a Q6_K block for T tokens: values are 0 to 63, so that 32 times the activations is taken off. */
INLINE void q6_k_sums(const uint8_t *w, const uint8_t *x, int64_t x_stride, __m256i *dot, const int T) {
  const __m256i nibble = _mm256_set1_epi8(15), three = _mm256_set1_epi8(48), offset = _mm256_set1_epi8(32);
  const __m128i scales = _mm_loadu_si128((const __m128i *)(w + 192));
  UNROLL for (int h = 0; h < 2; h++) {
    const __m256i low0 = int_load(w + 64 * h), low1 = int_load(w + 64 * h + 32), high = int_load(w + 128 + 32 * h);
    UNROLL for (int j = 0; j < 4; j++) {
      const __m256i low = j % 2 ? low1 : low0;
      const __m256i bits = j == 0   ? _mm256_slli_epi16(high, 4)
                           : j == 1 ? _mm256_slli_epi16(high, 2)
                           : j == 2 ? high
                                    : _mm256_srli_epi16(high, 2);
      const __m256i v = _mm256_or_si256(_mm256_and_si256(j < 2 ? low : _mm256_srli_epi16(low, 4), nibble),
                                        _mm256_and_si256(bits, three));
      const int g = 8 * h + 2 * j;
      const __m128i pick = _mm_set_epi64x(0x0101010101010101 * (g + 1), 0x0101010101010101 * g);
      const __m256i scale = _mm256_cvtepi8_epi16(_mm_shuffle_epi8(scales, pick));
      UNROLL for (int t = 0; t < T; t++) {
        const __m256i y = int_load(x + t * x_stride + 128 * h + 32 * j);
        const __m256i pairs = _mm256_sub_epi16(_mm256_maddubs_epi16(v, y), _mm256_maddubs_epi16(offset, y));
        const __m256i d = _mm256_madd_epi16(pairs, scale);
        dot[t] = g ? _mm256_add_epi32(dot[t], d) : d;
      }
    }
  }
}

/* Eight vectors to one that holds in lane i the sum of vector i, stride apart. */
INLINE __m256i fold8(const __m256i *v, const int stride) {
  const __m256i low = fold2(fold1(v[0], v[stride]), fold1(v[2 * stride], v[3 * stride]));
  return fold3(low, fold2(fold1(v[4 * stride], v[5 * stride]), fold1(v[6 * stride], v[7 * stride])));
}
INLINE __m256i fold4(const __m128i *v, const int stride) {
  const __m128i low = _mm_hadd_epi32(_mm_hadd_epi32(v[0], v[stride]), _mm_hadd_epi32(v[2 * stride], v[3 * stride]));
  const __m128i high = _mm_hadd_epi32(_mm_hadd_epi32(v[4 * stride], v[5 * stride]), _mm_hadd_epi32(v[6 * stride], v[7 * stride]));
  return _mm256_set_m128i(high, low);
}

/* n f16 scales that are stride bytes apart; the other lanes are 0. */
INLINE __m256 f16_scales_n(const uint8_t *w, int64_t stride, int64_t n) {
  uint16_t h[8] = {0};
  for (int64_t i = 0; i < n; i++) memcpy(h + i, w + stride * i, 2);
  __m128i v;
  memcpy(&v, h, 16);
  return _mm256_cvtph_ps(v);
}

/* Blocks [b, b + n) of a row, n <= 8, for T tokens. */
INLINE void b256_group(const uint8_t *w, const uint8_t *x, int64_t b, int64_t n, int64_t n_in, int64_t x_stride, __m256 *sum,
                       const int type, const int T) {
  const int64_t bytes = b256_bytes(type);
  const uint8_t *scales = x + n_in + 4 * b, *groups = x + n_in + n_in / 64 + 16 * b;
  __m256i dot[8 * 3];
  __m128i low[8 * 3];
  w += bytes * b;
  x += 256 * b;
  for (int64_t i = 0; i < n; i++) {
    UNROLL for (int p = 0; p < 4; p++) prefetch(w, bytes * i + AHEAD + 64 * p);
    if (type == HEARTH_Q4_K)
      q4_k_sums(w + bytes * i, x + 256 * i, groups + 16 * i, x_stride, dot + T * i, low + T * i, T);
    else
      q6_k_sums(w + bytes * i, x + 256 * i, x_stride, dot + T * i, T);
  }
  for (int64_t i = n; i < 8; i++)
    for (int t = 0; t < T; t++) {
      dot[T * i + t] = _mm256_setzero_si256();
      low[T * i + t] = _mm_setzero_si128();
    }
  const __m256 d = f16_scales_n(w + (type == HEARTH_Q4_K ? 0 : 208), bytes, n);
  const __m256 dmin = type == HEARTH_Q4_K ? f16_scales_n(w + 2, bytes, n) : d;
  UNROLL for (int t = 0; t < T; t++) {
    const __m256 dx = n == 8 ? f32x8_load(scales + t * x_stride) : f32x8_load_first(scales + t * x_stride, (int)n);
    sum[t] = _mm256_fmadd_ps(_mm256_mul_ps(d, dx), _mm256_cvtepi32_ps(fold8(dot + t, T)), sum[t]);
    if (type == HEARTH_Q4_K)
      sum[t] = _mm256_fnmadd_ps(_mm256_mul_ps(dmin, dx), _mm256_cvtepi32_ps(fold4(low + t, T)), sum[t]);
  }
}

INLINE void b256_stream(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  const int64_t blocks = c->n_in / 256;
  const uint8_t *x = c->x + token * c->x_stride;
  for (; row < end; row++) {
    __m256 sum[3];
    UNROLL for (int t = 0; t < T; t++) sum[t] = _mm256_setzero_ps();
    for (int64_t b = 0; b < blocks; b += 8)
      b256_group(c->w + row * c->w_stride, x, b, least(8, blocks - b), c->n_in, c->x_stride, sum, type, T);
    UNROLL for (int t = 0; t < T; t++) c->out[(token + t) * c->out_stride + row] = f32x8_sum(sum[t]);
  }
}

INLINE void b256_unpacked(const linear_call *c, int64_t row0, const int type) {
  for (int64_t row = row0; row < c->row1; row += STREAM_ROWS) {
    const int64_t end = least(row + STREAM_ROWS, c->row1);
    int64_t t = 0;
    for (; t + 3 <= c->n_tokens; t += 3) b256_stream(c, row, end, t, type, 3);
    if (c->n_tokens - t == 2) b256_stream(c, row, end, t, type, 2);
    if (c->n_tokens - t == 1) b256_stream(c, row, end, t, type, 1);
  }
}

/* A panel's block of 8 rows: 8 float scales, 8 float scales of minima; for each group a vector of 8 rows by the pair
 * (scale, scale) of int16; for each two groups one of 8 rows by their minima; then the values, 64 vectors of 4 neighbours
 * by 8 rows. */
#define Q4_K_SCALES 64
#define Q4_K_MINIMA 320
#define Q4_K_VALUES 448
#define Q4_K_PANEL_BLOCK 2496

/* A shuffle that takes these bytes of each 32-bit lane; -128 for 0. */
INLINE __m256i lane_bytes(int b0, int b1, int b2, int b3) {
  const __m128i lanes = _mm_setr_epi32(0, 0x04040404, 0x08080808, 0x0c0c0c0c);
  const int bytes = (int)((uint32_t)(b0 & 255) | (uint32_t)(b1 & 255) << 8 | (uint32_t)(b2 & 255) << 16 | (uint32_t)(b3 & 255) << 24);
  return _mm256_broadcastsi128_si256(_mm_add_epi8(_mm_set1_epi32(bytes), lanes));
}

/* The 6-bit scales and minima of 8 rows, from vectors of 12 bytes by 8 rows. */
INLINE void q4_k_pack_scales(const __m256i *u, uint8_t *panel) {
  const __m256i nibble = _mm256_set1_epi8(15), six = _mm256_set1_epi8(63), upper = _mm256_set1_epi8(48);
  const __m256i scales[2] = {_mm256_and_si256(u[0], six),
                             _mm256_or_si256(_mm256_and_si256(u[2], nibble), _mm256_and_si256(_mm256_srli_epi16(u[0], 2), upper))};
  const __m256i minima[2] = {_mm256_and_si256(u[1], six), _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(u[2], 4), nibble),
                                                                          _mm256_and_si256(_mm256_srli_epi16(u[1], 2), upper))};
  UNROLL for (int j = 0; j < 8; j++)
    _mm256_store_si256((__m256i *)(void *)(panel + Q4_K_SCALES + 32 * j), _mm256_shuffle_epi8(scales[j / 4], lane_bytes(j % 4, -128, j % 4, -128)));
  UNROLL for (int j = 0; j < 4; j++)
    _mm256_store_si256((__m256i *)(void *)(panel + Q4_K_MINIMA + 32 * j),
                       _mm256_shuffle_epi8(minima[j / 2], lane_bytes(2 * j % 4, -128, 2 * j % 4 + 1, -128)));
}

static void q4_k_pack(const linear_call *c, int64_t row, uint8_t *panel) {
  const uint8_t *w = c->w + row * c->w_stride;
  for (int64_t b = 0; b < c->n_in / 256; b++, w += 144, panel += Q4_K_PANEL_BLOCK) {
    __m256i u[3], v[8];
    _mm256_store_ps((float *)(void *)panel, f16_scales(w, c->w_stride, 8));
    _mm256_store_ps((float *)(void *)(panel + 32), f16_scales(w + 2, c->w_stride, 8));
    UNROLL for (int i = 0; i < 3; i++) {
      int32_t word[8];
      UNROLL for (int r = 0; r < 8; r++) word[r] = i32_at(w + r * c->w_stride + 4 + 4 * i);
      u[i] = int_load(word);
    }
    q4_k_pack_scales(u, panel);
    for (int g = 0; g < 4; g++) {
      uint8_t *to = panel + Q4_K_VALUES + 512 * g;
      UNROLL for (int i = 0; i < 8; i++) v[i] = int_load(w + i * c->w_stride + 16 + 32 * g);
      transpose8(v);
      UNROLL for (int i = 0; i < 8; i++) {
        const __m256i nibble = _mm256_set1_epi8(15);
        _mm256_store_si256((__m256i *)(void *)(to + 32 * i), _mm256_and_si256(v[i], nibble));
        _mm256_store_si256((__m256i *)(void *)(to + 256 + 32 * i), _mm256_and_si256(_mm256_srli_epi16(v[i], 4), nibble));
      }
    }
  }
}

/* sum += one block of P panels by T tokens. next: see b32_tile. */
INLINE void q4_k_tile_block(const uint8_t *panel, int64_t panel_bytes, const uint8_t *x, const uint8_t *scales,
                            const uint8_t *groups, int64_t x_stride, const uint8_t *next, __m256 *sum, const int P, const int T) {
  __m256i dot[8];
  UNROLL for (int i = 0; i < P * T; i++) dot[i] = _mm256_setzero_si256();
  NO_UNROLL for (int j = 0; j < 8; j++) {
    __m256i part[8];
    if (next) {
      UNROLL for (int i = 0; i < (P * 144 + 63) / 64; i++) prefetch(next, j * P * 144 + 64 * i);
    }
    UNROLL for (int k = 0; k < 8; k++) { /* 8 * 2 * 15 * 127 = 30480 fits int16 */
      __m256i w[2];
      UNROLL for (int p = 0; p < P; p++) w[p] = int_load(panel + p * panel_bytes + Q4_K_VALUES + 256 * j + 32 * k);
      UNROLL for (int t = 0; t < T; t++) {
        const __m256i y = int_all(x + t * x_stride + 32 * j + 4 * k);
        UNROLL for (int p = 0; p < P; p++) {
          const __m256i d = _mm256_maddubs_epi16(w[p], y);
          part[p * T + t] = k ? _mm256_add_epi16(part[p * T + t], d) : d;
          KEEP(part[p * T + t]);
        }
      }
    }
    UNROLL for (int p = 0; p < P; p++) {
      const __m256i scale = int_load(panel + p * panel_bytes + Q4_K_SCALES + 32 * j);
      UNROLL for (int t = 0; t < T; t++) dot[p * T + t] = _mm256_add_epi32(dot[p * T + t], _mm256_madd_epi16(part[p * T + t], scale));
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const __m256 dx = _mm256_set1_ps(f32_at(scales + t * x_stride));
    UNROLL for (int p = 0; p < P; p++) {
      const uint8_t *from = panel + p * panel_bytes;
      __m256i low = _mm256_madd_epi16(int_load(from + Q4_K_MINIMA), int_all(groups + t * x_stride));
      UNROLL for (int j = 1; j < 4; j++)
        low = _mm256_add_epi32(low, _mm256_madd_epi16(int_load(from + Q4_K_MINIMA + 32 * j), int_all(groups + t * x_stride + 4 * j)));
      __m256 v = _mm256_fmadd_ps(_mm256_mul_ps(f32x8_load(from), dx), _mm256_cvtepi32_ps(dot[p * T + t]), sum[p * T + t]);
      sum[p * T + t] = _mm256_fnmadd_ps(_mm256_mul_ps(f32x8_load(from + 32), dx), _mm256_cvtepi32_ps(low), v);
    }
  }
}

INLINE void q4_k_tile(const linear_call *c, const uint8_t *panel, int64_t row, int64_t token, const uint8_t *next, const int P,
                      const int T) {
  const int64_t blocks = c->n_in / 256, panel_bytes = blocks * Q4_K_PANEL_BLOCK;
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in, *groups = scales + 4 * blocks;
  __m256 partial[8][8], sum[8];
  UNROLL for (int j = 0; j < 8; j++) UNROLL for (int i = 0; i < P * T; i++) partial[j][i] = _mm256_setzero_ps();
  for (int64_t b = 0; b < blocks; b++) {
    UNROLL for (int i = 0; i < P * T; i++) sum[i] = partial[b & 7][i];
    q4_k_tile_block(panel + b * Q4_K_PANEL_BLOCK, panel_bytes, x + 256 * b, scales + 4 * b, groups + 16 * b, c->x_stride,
                    next ? next + b * 8 * P * 144 : 0, sum, P, T);
    UNROLL for (int i = 0; i < P * T; i++) partial[b & 7][i] = sum[i];
  }
  store_tile(c, partial, row, token, P, T);
}

INLINE void q4_k_panels(const linear_call *c, uint8_t *panel, int64_t row, const int P) {
  UNROLL for (int p = 0; p < P; p++) q4_k_pack(c, row + 8 * p, panel + p * (c->n_in / 256) * Q4_K_PANEL_BLOCK);
  const uint8_t *next = row + 8 * P < c->row1 ? c->w + (row + 8 * P) * c->w_stride : 0;
  int64_t t = 0;
  for (; t + 4 <= c->n_tokens; t += 4, next = 0) q4_k_tile(c, panel, row, t, next, P, 4);
  if (c->n_tokens - t >= 2) {
    q4_k_tile(c, panel, row, t, next, P, 2);
    t += 2;
  }
  if (c->n_tokens - t == 1) q4_k_tile(c, panel, row, t, next, P, 1);
}

static int64_t q4_k_scratch(int64_t n_in, int64_t n_tokens) {
  return n_tokens < 4 ? 0 : n_in / 256 * Q4_K_PANEL_BLOCK * 2 + 32;
}

static void linear_q4_k(const linear_call *c) {
  int64_t row = c->row0;
  if (c->n_tokens >= 4) {
    uint8_t *panel = aligned(c->scratch);
    for (; row + 16 <= c->row1; row += 16) q4_k_panels(c, panel, row, 2);
    for (; row + 8 <= c->row1; row += 8) q4_k_panels(c, panel, row, 1);
  }
  b256_unpacked(c, row, HEARTH_Q4_K);
}
static void linear_q6_k(const linear_call *c) { b256_unpacked(c, c->row0, HEARTH_Q6_K); }

#endif
