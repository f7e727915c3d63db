/* hearth_linear for weights of 256 with A8_256 activations on x86, row by row as they lie in the file: the integer sums of eight
 * blocks wait in memory until one fma adds them to the eight partial sums. Short rows, of four blocks or fewer, pass two at a
 * time. Lanes without a block add 0 * 0 to a sum that is never -0. */
#ifndef HEARTH_STREAMS_256_H
#define HEARTH_STREAMS_256_H

/* f16 scales of n neighbouring blocks of one row, n <= 8, or n <= 4 of each of two that are row_stride apart, the second's in
 * the upper half; other lanes are 0. */
INLINE __m256 b256_scales(const uint8_t *w, int64_t stride, int64_t n, int64_t row_stride, const int rows) {
  uint16_t h[8] = {0};
  UNROLL for (int r = 0; r < rows; r++)
    for (int64_t i = 0; i < n; i++) memcpy(h + 4 * r + i, w + r * row_stride + stride * i, 2);
  __m128i v;
  memcpy(&v, h, 16);
  return _mm256_cvtph_ps(v);
}

/* Blocks [b, b + n) of one row or two for T tokens. */
INLINE void b256_group(const linear_call *c, const uint8_t *w, int64_t token, int64_t b, int64_t n, __m256 *sum, const int type,
                       const int rows, const int T) {
  const int64_t bytes = b256_bytes(type), n_in = c->n_in;
  const uint8_t *x = c->x + token * c->x_stride, *scales = x + n_in + 4 * b;
  const int in_16 = b256_groups(type) == 16;
  const uint8_t *groups = in_16 ? b256_sums16(c, token) + 32 * b : x + n_in + n_in / 64 + 16 * b;
  dots dot[8 * STREAM_TOKENS];
  __m256i low[8 * STREAM_TOKENS];
  w += bytes * b;
  x += 256 * b;
  UNROLL for (int r = 0; r < rows; r++) {
    const uint8_t *row = w + r * c->w_stride;
    const int64_t first = 4 * r * T, end = rows == 2 ? first + 4 * T : 8 * T;
    for (int64_t i = 0; i < n; i++) {
      UNROLL for (int p = 0; p < (bytes + 63) / 64; p++) prefetch(row, bytes * i + AHEAD + 64 * p);
      b256_sums(row + bytes * i, x + 256 * i, groups + (in_16 ? 32 : 16) * i, c->x_stride, in_16 ? n_in / 8 : c->x_stride,
                dot + first + T * i, low + first + T * i, type, T);
    }
    for (int64_t i = first + T * n; i < end; i++) {
      dot[i] = no_dots();
      low[i] = _mm256_setzero_si256();
    }
  }
  const __m256 d = b256_scales(w + b256_scale_at(type), bytes, n, c->w_stride, rows);
  const __m256 dmin = b256_minima(type) ? b256_scales(w + b256_scale_at(type) + 2, bytes, n, c->w_stride, rows) : d;
  UNROLL for (int t = 0; t < T; t++) {
    __m256 dx = n == 8 ? f32x8_load(scales + t * c->x_stride) : f32x8_load_first(scales + t * c->x_stride, (int)n);
    if (rows == 2) dx = _mm256_permute2f128_ps(dx, dx, 0);
    sum[t] = _mm256_fmadd_ps(_mm256_mul_ps(d, dx), _mm256_cvtepi32_ps(fold_dots(dot + t, T)), sum[t]);
    if (b256_minima(type)) sum[t] = _mm256_fnmadd_ps(_mm256_mul_ps(dmin, dx), _mm256_cvtepi32_ps(fold8(low + t, T)), sum[t]);
  }
}

/* One row or two. */
INLINE void b256_rows(const linear_call *c, int64_t row, int64_t token, const int type, const int rows, const int T) {
  const int64_t blocks = c->n_in / 256;
  __m256 sum[STREAM_TOKENS];
  UNROLL for (int t = 0; t < T; t++) sum[t] = _mm256_setzero_ps();
  for (int64_t b = 0; b < blocks; b += 8)
    b256_group(c, c->w + row * c->w_stride, token, b, least(8, blocks - b), sum, type, rows, T);
  UNROLL for (int t = 0; t < T; t++) {
    float *out = c->out + (token + t) * c->out_stride + row;
    if (rows == 1) {
      *out = f32x8_sum(sum[t]);
    } else { /* four partial sums of each row; the others would be 0 */
      __m256 s = _mm256_add_ps(sum[t], _mm256_permute_ps(sum[t], 0x4E));
      s = _mm256_add_ps(s, _mm256_permute_ps(s, 0xB1));
      out[0] = _mm256_cvtss_f32(s);
      out[1] = _mm_cvtss_f32(_mm256_extractf128_ps(s, 1));
    }
  }
}

/* Rows [row, end) for T tokens. */
INLINE void b256_stream(const linear_call *c, int64_t row, int64_t end, int64_t token, const int type, const int T) {
  if (c->n_in <= 1024)
    for (; row + 2 <= end; row += 2) b256_rows(c, row, token, type, 2, T);
  for (; row < end; row++) b256_rows(c, row, token, type, 1, T);
}

#endif
