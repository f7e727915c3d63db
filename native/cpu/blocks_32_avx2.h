/* hearth_linear for Q8_0 and Q4_0 weights with A8_32 activations in AVX2.
 *
 * One to three tokens stream the rows as they lie in the file: the integer sums of eight blocks are transposed into one
 * vector, so that one fma adds them to the eight partial sums. From four tokens on, panels of 8 rows are packed into
 * scratch and pass in tiles of two panels by four tokens with their partial sums in memory. */
#ifndef HEARTH_BLOCKS_32_AVX2_H
#define HEARTH_BLOCKS_32_AVX2_H

#include "lanes_avx2.h"

/* Rows that stay in the first-level cache while all tokens pass unpacked. */
#define STREAM_ROWS 16
/* Of a panel: a block of 8 rows is 8 float scales and 8 vectors of 4 neighbours by 8 rows. */
#define PANEL_BLOCK 288
/* How far ahead of a streamed row its prefetch is. */
#define AHEAD 1536

/* Hides the integer sums from clang, which otherwise re-associates them, token by token, and spills the weights. */
#define KEEP(v) __asm__("" : "+x"(v))

/* A prefetch may lie beyond the end of a row or a weight: it reads nothing. */
INLINE void prefetch(const uint8_t *p, int64_t offset) {
  _mm_prefetch((const char *)((uintptr_t)p + (uintptr_t)offset), _MM_HINT_T0);
}

INLINE __m256i int_all(const void *p) {
  int32_t v;
  memcpy(&v, p, 4);
  return _mm256_set1_epi32(v);
}

/* Sums of four neighbouring products of int8: exact, w = -128 too since |w| is taken as unsigned; x is never -128. */
INLINE __m256i dot4(__m256i magnitude, __m256i w, __m256i x) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(x, w)), _mm256_set1_epi16(1));
}

/* Eight vectors to one that holds in lane i the sum of vector i, in three levels. */
INLINE __m256i fold1(__m256i a, __m256i b) {
  return _mm256_add_epi32(_mm256_blend_epi32(a, b, 0xCC), _mm256_alignr_epi8(b, a, 8));
}
INLINE __m256i fold2(__m256i a, __m256i b) {
  const __m256 x = _mm256_castsi256_ps(a), y = _mm256_castsi256_ps(b);
  return _mm256_add_epi32(_mm256_castps_si256(_mm256_shuffle_ps(x, y, 0x88)),
                          _mm256_castps_si256(_mm256_shuffle_ps(x, y, 0xDD)));
}
INLINE __m256i fold3(__m256i a, __m256i b) {
  return _mm256_add_epi32(_mm256_blend_epi32(a, b, 0xF0), _mm256_permute2x128_si256(a, b, 0x21));
}

INLINE int64_t b32_bytes(const int type) { return type == HEARTH_Q8_0 ? 34 : 18; }

/* The values of a block: int8, or for Q4_0 0 to 15, from whose dot 8 times the sum of the activations is taken off. */
INLINE __m256i b32_load(const uint8_t *w, const int type) {
  if (type == HEARTH_Q8_0) return int_load(w + 2);
  const __m256i pairs = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(w + 2)));
  const __m256i nibbles = _mm256_srlv_epi32(pairs, _mm256_setr_epi32(0, 0, 0, 0, 4, 4, 4, 4));
  return _mm256_and_si256(nibbles, _mm256_set1_epi8(15));
}

/* Sums of four neighbouring products. */
INLINE __m256i b32_dot4(__m256i magnitude, __m256i w, __m256i x, const int type) {
  return type == HEARTH_Q8_0 ? dot4(magnitude, w, x) : _mm256_madd_epi16(_mm256_maddubs_epi16(w, x), _mm256_set1_epi16(1));
}

/* Of Q4_0: a token's 8 * sum of each block, in scratch before the panels, zeros up to a multiple of 8. */
INLINE int64_t b32_sums_count(int64_t n_in) { return (n_in / 32 + 7) / 8 * 8; }
INLINE uint8_t *aligned(uint8_t *p) { return p + (32 - (uintptr_t)p % 32) % 32; }
INLINE const uint8_t *b32_sums(const linear_call *c, int64_t token) {
  return aligned(c->scratch) + 4 * token * b32_sums_count(c->n_in);
}

static void b32_sum(const linear_call *c) {
  int32_t *sums = (int32_t *)(void *)aligned(c->scratch);
  for (int64_t t = 0; t < c->n_tokens; t++, sums += b32_sums_count(c->n_in)) {
    for (int64_t b = 0; b < b32_sums_count(c->n_in); b++) {
      __m256i v = _mm256_setzero_si256();
      if (b < c->n_in / 32) v = b32_dot4(v, _mm256_set1_epi8(8), int_load(c->x + t * c->x_stride + 32 * b), HEARTH_Q4_0);
      __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
      half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
      sums[b] = _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1)));
    }
  }
}

/* f16 scales of n <= 8 blocks that are stride bytes apart; the other lanes are 0. */
INLINE __m256 f16_scales(const uint8_t *w, const int64_t stride, const int n) {
  uint16_t h[8] = {0};
  UNROLL for (int i = 0; i < n; i++) memcpy(h + i, w + stride * i, 2);
  __m128i v;
  memcpy(&v, h, 16);
  return _mm256_cvtph_ps(v);
}

/* Adds n <= 8 neighbouring blocks of one row to the partial sums of T tokens. Lanes from n on add 0 * 0 to a sum that
 * is never -0, which changes no bit. */
INLINE void b32_group(const uint8_t *w, const uint8_t *x, const uint8_t *scales, int64_t x_stride, const uint8_t *sums,
                     int64_t sums_stride, __m256 *sum, const int type, const int n, const int T) {
  const int64_t bytes = b32_bytes(type);
  __m256i half[2][3];
  UNROLL for (int h = 0; h < 2; h++) {
    __m256i even[3];
    UNROLL for (int j = 0; j < 2; j++) {
      const int i = 4 * h + 2 * j;
      const __m256i zero = _mm256_setzero_si256();
      const __m256i a = i < n ? b32_load(w + bytes * i, type) : zero, b = i + 1 < n ? b32_load(w + bytes * (i + 1), type) : zero;
      const __m256i ma = _mm256_abs_epi8(a), mb = _mm256_abs_epi8(b);
      UNROLL for (int t = 0; t < T; t++) {
        const uint8_t *xt = x + t * x_stride + 32 * i;
        const __m256i da = i < n ? b32_dot4(ma, a, int_load(xt), type) : zero, db = i + 1 < n ? b32_dot4(mb, b, int_load(xt + 32), type) : zero;
        const __m256i d = fold1(da, db);
        if (j == 0)
          even[t] = d;
        else
          half[h][t] = fold2(even[t], d);
      }
    }
  }
  const __m256 dw = f16_scales(w, bytes, n);
  UNROLL for (int t = 0; t < T; t++) {
    const uint8_t *st = scales + t * x_stride;
    const __m256 dx = n == 8 ? f32x8_load(st) : f32x8_load_first(st, n);
    __m256i dot = fold3(half[0][t], half[1][t]);
    if (type == HEARTH_Q4_0) dot = _mm256_sub_epi32(dot, int_load(sums + t * sums_stride));
    sum[t] = _mm256_fmadd_ps(_mm256_mul_ps(dw, dx), _mm256_cvtepi32_ps(dot), sum[t]);
  }
}

/* Rows [row, end) for T <= 3 tokens. The end of a row, nb % 8 blocks, is compiled for each count: a loop there costs
 * 10 to 20 % of a short row. */
INLINE void b32_stream(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  const int64_t full = c->n_in / 256, bytes = b32_bytes(type);
  const int64_t sums_stride = 4 * b32_sums_count(c->n_in);
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in;
  const uint8_t *sums = type == HEARTH_Q4_0 ? b32_sums(c, token) : x;
  for (; row < end; row++) {
    const uint8_t *w = c->w + row * c->w_stride;
    __m256 sum[3];
    UNROLL for (int t = 0; t < T; t++) sum[t] = _mm256_setzero_ps();
    for (int64_t g = 0; g < full; g++, w += 8 * bytes) {
      UNROLL for (int i = 0; i < (8 * bytes + 63) / 64; i++) prefetch(w, AHEAD + 64 * i);
      b32_group(w, x + g * 256, scales + g * 32, c->x_stride, sums + g * 32, sums_stride, sum, type, 8, T);
    }
#define TAIL(n) \
  case n: b32_group(w, x + full * 256, scales + full * 32, c->x_stride, sums + full * 32, sums_stride, sum, type, n, T); break;
    switch (c->n_in / 32 % 8) {
      TAIL(1) TAIL(2) TAIL(3) TAIL(4) TAIL(5) TAIL(6) TAIL(7)
      default: break;
    }
#undef TAIL
    UNROLL for (int t = 0; t < T; t++) c->out[(token + t) * c->out_stride + row] = f32x8_sum(sum[t]);
  }
}

INLINE void b32_unpacked(const linear_call *c, int64_t row0, int64_t row1, const int type) {
  for (int64_t row = row0; row < row1; row += STREAM_ROWS) {
    const int64_t end = row + STREAM_ROWS < row1 ? row + STREAM_ROWS : row1;
    int64_t t = 0;
    for (; t + 3 <= c->n_tokens; t += 3) b32_stream(c, row, end, t, type, 3);
    if (c->n_tokens - t == 2) b32_stream(c, row, end, t, type, 2);
    if (c->n_tokens - t == 1) b32_stream(c, row, end, t, type, 1);
  }
}

INLINE void transpose8(__m256i *v) {
  __m256i t[8], u[8];
  UNROLL for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm256_unpackhi_epi32(v[i], v[i + 1]);
  }
  UNROLL for (int i = 0; i < 8; i += 4) {
    u[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
    u[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
    u[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
    u[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    v[i] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x20);
    v[i + 4] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x31);
  }
}

INLINE void b32_pack(const linear_call *c, int64_t row, uint8_t *panel, const int type) {
  const int64_t bytes = b32_bytes(type);
  const uint8_t *w = c->w + row * c->w_stride;
  for (int64_t b = 0; b < c->n_in / 32; b++, w += bytes, panel += PANEL_BLOCK) {
    __m256i v[8];
    _mm256_store_ps((float *)(void *)panel, f16_scales(w, c->w_stride, 8));
    UNROLL for (int i = 0; i < 8; i++) v[i] = b32_load(w + i * c->w_stride, type);
    transpose8(v);
    UNROLL for (int i = 0; i < 8; i++) _mm256_store_si256((__m256i *)(void *)(panel + 32 + 32 * i), v[i]);
  }
}

/* sum += one block of P panels by T tokens; sum of panel p and token t is at p * T + t. */
INLINE void b32_tile_block(const uint8_t *panel, int64_t panel_bytes, const uint8_t *x, const uint8_t *scales,
                           int64_t x_stride, const uint8_t *sums, int64_t sums_stride, __m256 *sum, const int type,
                           const int P, const int T) {
  __m256i dot[8];
  UNROLL for (int k = 0; k < 8; k++) {
    __m256i w[2], magnitude[2];
    UNROLL for (int p = 0; p < P; p++) {
      w[p] = int_load(panel + p * panel_bytes + 32 + 32 * k);
      magnitude[p] = _mm256_abs_epi8(w[p]);
    }
    UNROLL for (int t = 0; t < T; t++) {
      const __m256i y = int_all(x + t * x_stride + 4 * k);
      UNROLL for (int p = 0; p < P; p++) {
        if (type == HEARTH_Q8_0) {
          const __m256i d = dot4(magnitude[p], w[p], y);
          dot[p * T + t] = k ? _mm256_add_epi32(dot[p * T + t], d) : d;
        } else { /* 8 * 2 * 15 * 127 = 30480 fits int16 */
          const __m256i d = _mm256_maddubs_epi16(w[p], y);
          dot[p * T + t] = k ? _mm256_add_epi16(dot[p * T + t], d) : d;
        }
        KEEP(dot[p * T + t]);
      }
    }
  }
  if (type == HEARTH_Q4_0) {
    UNROLL for (int t = 0; t < T; t++) {
      const __m256i eight = int_all(sums + t * sums_stride);
      UNROLL for (int p = 0; p < P; p++)
        dot[p * T + t] = _mm256_sub_epi32(_mm256_madd_epi16(dot[p * T + t], _mm256_set1_epi16(1)), eight);
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const __m256 dx = _mm256_set1_ps(f32_at(scales + t * x_stride));
    UNROLL for (int p = 0; p < P; p++) {
      const __m256 dw = f32x8_load(panel + p * panel_bytes);
      sum[p * T + t] = _mm256_fmadd_ps(_mm256_mul_ps(dw, dx), _mm256_cvtepi32_ps(dot[p * T + t]), sum[p * T + t]);
    }
  }
}

/* Adds the eight partial sums of a tile up. */
INLINE void store_tile(const linear_call *c, __m256 (*partial)[8], int64_t row, int64_t token, const int P, const int T) {
  UNROLL for (int t = 0; t < T; t++) UNROLL for (int p = 0; p < P; p++) {
    const int i = p * T + t;
    const __m256 even = _mm256_add_ps(_mm256_add_ps(partial[0][i], partial[4][i]), _mm256_add_ps(partial[2][i], partial[6][i]));
    const __m256 odd = _mm256_add_ps(_mm256_add_ps(partial[1][i], partial[5][i]), _mm256_add_ps(partial[3][i], partial[7][i]));
    f32x8_store(c->out + (token + t) * c->out_stride + row + 8 * p, _mm256_add_ps(even, odd));
  }
}

/* next: where the rows begin that are packed after these, fetched a little with each block; null for no fetching. */
INLINE void b32_tile(const linear_call *c, const uint8_t *panel, int64_t row, int64_t token, const uint8_t *next,
                    const int type, const int P, const int T) {
  const int64_t blocks = c->n_in / 32, panel_bytes = blocks * PANEL_BLOCK;
  const int64_t ahead = 8 * P * b32_bytes(type);
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + c->n_in;
  const int64_t sums_stride = 4 * b32_sums_count(c->n_in);
  const uint8_t *sums = type == HEARTH_Q4_0 ? b32_sums(c, token) : x;
  __m256 partial[8][8], sum[8];
  UNROLL for (int j = 0; j < 8; j++) UNROLL for (int i = 0; i < P * T; i++) partial[j][i] = _mm256_setzero_ps();
  for (int64_t b = 0; b < blocks; b++) {
    if (next) {
      UNROLL for (int i = 0; i < (ahead + 63) / 64; i++) prefetch(next, b * ahead + 64 * i);
    }
    /* load all, add, store all: the fastest of the ways tried */
    UNROLL for (int i = 0; i < P * T; i++) sum[i] = partial[b & 7][i];
    b32_tile_block(panel + b * PANEL_BLOCK, panel_bytes, x + b * 32, scales + b * 4, c->x_stride, sums + b * 4, sums_stride, sum, type, P, T);
    UNROLL for (int i = 0; i < P * T; i++) partial[b & 7][i] = sum[i];
  }
  store_tile(c, partial, row, token, P, T);
}

INLINE void b32_panels(const linear_call *c, uint8_t *panel, int64_t row, const int type, const int P) {
  const int64_t panel_bytes = c->n_in / 32 * PANEL_BLOCK;
  UNROLL for (int p = 0; p < P; p++) b32_pack(c, row + 8 * p, panel + p * panel_bytes, type);
  const uint8_t *next = row + 8 * P < c->row1 ? c->w + (row + 8 * P) * c->w_stride : 0;
  int64_t t = 0;
  for (; t + 4 <= c->n_tokens; t += 4, next = 0) b32_tile(c, panel, row, t, next, type, P, 4);
  if (c->n_tokens - t >= 2) {
    b32_tile(c, panel, row, t, next, type, P, 2);
    t += 2;
  }
  if (c->n_tokens - t == 1) b32_tile(c, panel, row, t, next, type, P, 1);
}

static int64_t q8_0_scratch(int64_t n_in, int64_t n_tokens) { return n_tokens < 4 ? 0 : n_in / 32 * PANEL_BLOCK * 2 + 32; }
static int64_t q4_0_scratch(int64_t n_in, int64_t n_tokens) {
  return 4 * n_tokens * b32_sums_count(n_in) + (n_tokens < 4 ? 0 : n_in / 32 * PANEL_BLOCK * 2) + 32;
}

INLINE void linear_b32(const linear_call *c, const int type) {
  int64_t row = c->row0;
  if (type == HEARTH_Q4_0) b32_sum(c);
  if (c->n_tokens >= 4) {
    uint8_t *panel = aligned(c->scratch) + (type == HEARTH_Q4_0 ? 4 * c->n_tokens * b32_sums_count(c->n_in) : 0);
    for (; row + 16 <= c->row1; row += 16) b32_panels(c, panel, row, type, 2);
    for (; row + 8 <= c->row1; row += 8) b32_panels(c, panel, row, type, 1);
  }
  b32_unpacked(c, row, c->row1, type);
}
static void linear_q8_0(const linear_call *c) { linear_b32(c, HEARTH_Q8_0); }
static void linear_q4_0(const linear_call *c) { linear_b32(c, HEARTH_Q4_0); }

#endif
