/* Every instruction set against a scalar statement of each function, at awkward sizes. Each buffer is allocated to the
 * byte, so that what watches memory finds any access beyond it. Prints what failed, then "N passed, N failed". */
#define _DEFAULT_SOURCE
#include "common.h"
#include "memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int passed, failed;
static int few; /* a part of the cases, every kernel and tail among them, for what watches slowly */
static const hearth_cpu *cpu;
static uint32_t isa;

static void check(int ok, const char *what, long long a, long long b, long long c) {
  if (ok) {
    passed++;
    return;
  }
  failed++;
  printf("FAILED isa %u: %s %lld %lld %lld\n", isa, what, a, b, c);
}

/* xorshift64*, Marsaglia 2003 */
static uint64_t state = 20240607;
static uint32_t draw(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}
static float draw_float(void) { return ((float)(int32_t)draw() * 0x1p-31f) * ldexpf(1, (int)(draw() % 8) - 4); }

static hearth_ptr address(const void *p) { return (hearth_ptr)(uintptr_t)p; }

static int same(float a, float b) { return bits_of(a) == bits_of(b) || (a != a && b != b); }

static float half(uint16_t h) {
  const int e = h >> 10 & 31, f = h & 1023;
  const float v = e == 31 ? (f ? NAN : INFINITY) : e == 0 ? ldexpf((float)f, -24) : ldexpf((float)(f + 1024), e - 25);
  return h & 0x8000 ? -v : v;
}

/* ---- fma1, f16_at ---- */
static void conversions(void) {
  int ok = 1;
  for (uint32_t h = 0; h < 65536; h++) {
    const uint16_t v = (uint16_t)h;
    ok &= same(f16_at(&v), half(v));
  }
  check(ok, "f16_at", 0, 0, 0);
  for (int kind = 0; kind < 4; kind++) {
    ok = 1;
    for (int i = 0; i < (few ? 5000 : 500000); i++) {
      float a = float_of(draw()), b = float_of(draw()), c = float_of(draw());
      if (kind == 1) { /* cancels to the product's rounding error */
        a = draw_float();
        b = draw_float();
        c = -a * b;
      }
      if (kind == 2) a = (float)((double)c / (double)b);
      if (kind == 3) { /* subnormal */
        a = float_of(draw() & 0x007fffff);
        c = float_of(draw() & 0x80ffffff);
      }
      ok &= same(fma1(a, b, c), fmaf(a, b, c));
    }
    check(ok, "fma1, kind", kind, 0, 0);
  }
}

/* ---- quantize ---- */
/* n values, a multiple of 32 */
static float quantize_block(const float *x, int8_t *q, int n) {
  float most = 0;
  int nan = 0;
  for (int i = 0; i < n; i++) {
    nan |= x[i] != x[i];
    most = fmaxf(most, fabsf(x[i]));
  }
  const float scale = nan || isinf(most) ? NAN : most < ldexpf(1, -100) ? 0 : most / 127;
  const float inverse = scale > 0 ? 1 / scale : 0;
  for (int i = 0; i < n; i++) q[i] = inverse > 0 ? (int8_t)lrintf(x[i] * inverse) : 0;
  return scale;
}

static void quantize_row(const float *x, uint8_t *out, int64_t n, int size) {
  for (int64_t b = 0; b < n / size; b++) {
    const float scale = quantize_block(x + b * size, (int8_t *)out + b * size, size);
    memcpy(out + n + 4 * b, &scale, 4);
  }
  for (int64_t g = 0; size == 256 && g < n / 32; g++) {
    int sum = 0;
    for (int i = 0; i < 32; i++) sum += (int8_t)out[32 * g + i];
    const int16_t group = (int16_t)sum;
    memcpy(out + n + n / 64 + 2 * g, &group, 2);
  }
}

static int64_t a8_bytes(int64_t n, int size) { return n / size * (size == 32 ? 36 : 276); }

static void quantize(int64_t blocks, int64_t tokens, int64_t pad, int extreme, int size) {
  const int64_t n = blocks * size, row = a8_bytes(n, size), xs = n * 4 + pad, os = row + pad;
  uint8_t *x = allocate((size_t)(xs * (tokens - 1) + n * 4)), *out = allocate((size_t)(os * (tokens - 1) + row));
  uint8_t *expected = allocate((size_t)row);
  float *in = allocate((size_t)n * 4);
  for (int64_t t = 0; t < tokens; t++)
    for (int64_t i = 0; i < n; i++) {
      const float special[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 1e-45f, 1e-38f, 3e38f, 0.5f, -127.5f};
      const float v = extreme && draw() % 40 == 0 ? special[draw() % 10] : extreme == 2 ? ldexpf(draw_float(), -100) : draw_float();
      memcpy(x + t * xs + i * 4, &v, 4);
    }
  const uint32_t type = size == 32 ? HEARTH_A8_32 : HEARTH_A8_256;
  check(hearth_quantize(cpu, type, address(out), address(x), n, tokens, os, xs) == HEARTH_OK, "quantize status", n, tokens, pad);
  int ok = 1;
  for (int64_t t = 0; t < tokens; t++) {
    memcpy(in, x + t * xs, (size_t)n * 4);
    quantize_row(in, expected, n, size);
    for (int64_t b = 0; b < blocks; b++) ok &= same(f32_at(expected + n + 4 * b), f32_at(out + t * os + n + 4 * b));
    ok &= memcmp(expected, out + t * os, (size_t)n) == 0;
    ok &= memcmp(expected + n + 4 * blocks, out + t * os + n + 4 * blocks, (size_t)(row - n - 4 * blocks)) == 0;
  }
  check(ok, "quantize", n, tokens, extreme);
  release(x);
  release(out);
  release(expected);
  release(in);
}

/* ---- linear ---- */
/* A row of weights taken apart as dev.hearth.spi.reference.BlockRow does it: values, and for blocks the integers and
 * scales behind them. */
typedef struct {
  float value[4096], d[128], dmin[128];
  int q[4096], scale[256], minimum[256];
} parts;

static uint32_t block_size(uint32_t type) {
  return type == HEARTH_Q8_0 || type == HEARTH_Q4_0 ? 32 : type == HEARTH_Q4_K || type == HEARTH_Q6_K ? 256 : 1;
}

static int64_t block_bytes(uint32_t type) {
  switch (type) {
    case HEARTH_F32: return 4;
    case HEARTH_Q8_0: return 34;
    case HEARTH_Q4_0: return 18;
    case HEARTH_Q4_K: return 144;
    case HEARTH_Q6_K: return 210;
    default: return 2;
  }
}

static int64_t row_bytes(uint32_t type, int64_t n) { return n / block_size(type) * block_bytes(type); }

static float half_at(const uint8_t *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return half(h);
}

static void take_block(const uint8_t *w, uint32_t type, int64_t b, parts *p) {
  int *q = p->q + b * block_size(type), *scale = p->scale + b * (block_size(type) / 16), *minimum = p->minimum + b * (block_size(type) / 16);
  p->d[b] = half_at(type == HEARTH_Q6_K ? w + 208 : w);
  p->dmin[b] = type == HEARTH_Q4_K ? half_at(w + 2) : 0;
  for (uint32_t g = 0; g < block_size(type) / 16; g++) {
    const int j = (int)g / 2;
    scale[g] = 1;
    minimum[g] = 0;
    if (type == HEARTH_Q6_K) scale[g] = (int8_t)w[192 + g];
    if (type == HEARTH_Q4_K) {
      scale[g] = j < 4 ? w[4 + j] & 63 : (w[8 + j] & 15) | w[j] >> 6 << 4;
      minimum[g] = j < 4 ? w[8 + j] & 63 : w[8 + j] >> 4 | w[4 + j] >> 6 << 4;
    }
  }
  for (int i = 0; i < (int)block_size(type); i++) {
    const int j = i / 32, upper = i / 128, quarter = i % 128 / 32;
    if (type == HEARTH_Q8_0) q[i] = (int8_t)w[2 + i];
    if (type == HEARTH_Q4_0) q[i] = (w[2 + i % 16] >> i / 16 * 4 & 15) - 8;
    if (type == HEARTH_Q4_K) q[i] = w[16 + j / 2 * 32 + i % 32] >> j % 2 * 4 & 15;
    if (type == HEARTH_Q6_K)
      q[i] = ((w[64 * upper + 32 * (quarter % 2) + i % 32] >> quarter / 2 * 4 & 15) | (w[128 + 32 * upper + i % 32] >> 2 * quarter & 3) << 4) - 32;
  }
}

static void take_row(const uint8_t *w, uint32_t type, int64_t n, parts *p) {
  for (int64_t b = 0; block_size(type) > 1 && b < n / block_size(type); b++) take_block(w + b * block_bytes(type), type, b, p);
  for (int64_t i = 0; i < n; i++) {
    uint16_t h;
    memcpy(&h, w + 2 * i * (block_size(type) == 1), 2);
    if (type == HEARTH_F32) p->value[i] = f32_at(w + 4 * i);
    if (type == HEARTH_F16) p->value[i] = half(h);
    if (type == HEARTH_BF16) p->value[i] = float_of((uint32_t)h << 16);
    if (block_size(type) == 1) continue;
    const int64_t b = i / block_size(type);
    const float product = (p->d[b] * (float)p->scale[i / 16]) * (float)p->q[i], minimum = p->dmin[b] * (float)p->minimum[i / 16];
    p->value[i] = product - minimum;
  }
}

static float float_dot(const float *w, const uint8_t *x, int64_t n) {
  float s[16] = {0};
  for (int64_t i = 0; i < n; i++) s[i % 16] = fmaf(w[i], f32_at(x + 4 * i), s[i % 16]);
  for (int step = 8; step > 0; step /= 2)
    for (int i = 0; i < step; i++) s[i] += s[i + step];
  return s[0];
}

static float block_dot(const parts *w, const uint8_t *x, int64_t n, int size, int minima) {
  float p[8] = {0};
  for (int64_t b = 0; b < n / size; b++) {
    const float dx = f32_at(x + n + 4 * b);
    int dot = 0, low = 0;
    for (int64_t i = b * size; i < (b + 1) * size; i++) dot += w->scale[i / 16] * w->q[i] * (int8_t)x[i];
    p[b % 8] = fmaf(w->d[b] * dx, (float)dot, p[b % 8]);
    if (!minima) continue;
    for (int64_t g = 8 * b; g < 8 * b + 8; g++) low += w->minimum[2 * g] * i16_at(x + n + n / 64 + 2 * g);
    p[b % 8] = fmaf(-(w->dmin[b] * dx), (float)low, p[b % 8]);
  }
  return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
}

static uint16_t draw_half(void) { return (uint16_t)((draw() & 0x83ff) | (8 + draw() % 10) << 10); }

/* Where set, numbers are as far from 0 as they get: bytes of a row alike, and activations of a token. */
static int extreme;

static void fill_weights(uint8_t *w, uint32_t type, int64_t n) {
  const uint8_t ends[] = {0, 0x7f, 0x80, 0xff}, end = ends[draw() % 4];
  for (int64_t i = 0; i < row_bytes(type, n); i++) w[i] = extreme ? end : (uint8_t)(draw() % 8 ? draw() : 127 + draw() % 2);
  for (int64_t b = 0; b < n / block_size(type); b++, w += block_bytes(type)) {
    const float v = draw_float();
    const uint16_t h = draw_half(), m = draw_half(), u = (uint16_t)(bits_of(v) >> 16);
    if (type == HEARTH_F32)
      memcpy(w, &v, 4);
    else
      memcpy(type == HEARTH_Q6_K ? w + 208 : w, type == HEARTH_BF16 ? &u : &h, 2);
    if (type == HEARTH_Q4_K) memcpy(w + 2, &m, 2);
  }
}

static float normal(float v) { return fabsf(v) < 0x1p-126f ? copysignf(0, v) : v; }

/* BF16 weights, as their values, with BF16 activations. */
static float pair_dot(const float *w, const uint8_t *x, int64_t n) {
  float s[16] = {0};
  for (int64_t p = 0; p < (n + 31) / 32 * 16; p++)
    for (int64_t i = 2 * p + 1; i >= 2 * p; i--)
      s[p % 16] = normal(fmaf(i < n ? normal(w[i]) : 0, i < n ? normal(bf16_at(x + 2 * i)) : 0, s[p % 16]));
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) s[i] = normal(s[i] + s[i + half]);
  return s[0];
}

/* Numbers whose products are about 2^-126. */
static void make_tiny(uint8_t *w, int64_t rows, int64_t stride, int64_t n) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t i = 0; i < n; i++) {
      const uint16_t half = bf16_of(bf16_at(w + r * stride + 2 * i) * 0x1p-63f);
      memcpy(w + r * stride + 2 * i, &half, 2);
    }
}

static void linear(uint32_t w_type, uint32_t x_type, int64_t n, int64_t rows, int64_t tokens, int64_t pad) {
  static parts taken[41];
  const int size = (int)block_size(w_type), plain = x_type == HEARTH_F32, pairs = x_type == HEARTH_BF16;
  const int64_t x_bytes = plain ? 4 * n : pairs ? 2 * n : a8_bytes(n, size);
  const int64_t ws = row_bytes(w_type, n) + pad % 2 + pad, xs = x_bytes + pad, os = rows + pad;
  const size_t odd = (size_t)(pad ? 1 + draw() % 31 : 0);
  uint8_t *memory = allocate(odd + (size_t)(ws * (rows - 1) + row_bytes(w_type, n))), *w = memory + odd;
  uint8_t *x = allocate((size_t)(xs * (tokens - 1) + x_bytes)), *bias = allocate((size_t)rows * 4);
  float *out = allocate((size_t)(os * (tokens - 1) + rows) * 4), *in = allocate((size_t)n * 4);
  const int64_t scratch_bytes = hearth_linear_scratch(cpu, w_type, x_type, n, tokens);
  uint8_t *scratch = allocate((size_t)scratch_bytes);
  for (int64_t r = 0; r < rows; r++) {
    fill_weights(w + r * ws, w_type, n);
    if (pairs && tokens % 2) make_tiny(w + r * ws, 1, ws, n);
    take_row(w + r * ws, w_type, n, taken + r);
    put_f32(bias + 4 * r, draw_float());
  }
  for (int64_t t = 0; t < tokens; t++) {
    for (int64_t i = 0; i < n; i++) in[i] = extreme ? (t % 2 ? -1 : 1) : draw_float() * (draw() % 64 ? 1 : 1e-30f);
    if (plain)
      memcpy(x + t * xs, in, (size_t)n * 4);
    else if (pairs)
      for (int64_t i = 0; i < n; i++) memcpy(x + t * xs + 2 * i, &(uint16_t){bf16_of(in[i])}, 2);
    else
      quantize_row(in, x + t * xs, n, size);
  }
  if (pairs && tokens % 2) make_tiny(x, tokens, xs, n);
  /* the whole, then again in two ranges that leave the outermost rows alone, with a bias */
  for (int part = 0; part < 2; part++) {
    const int64_t row0 = part ? rows / 3 : 0, row1 = part ? rows - rows / 4 : rows;
    const int64_t middle = part && rows / 2 > row0 ? rows / 2 : row0;
    for (int64_t i = 0; i < os * (tokens - 1) + rows; i++) out[i] = 42;
    int32_t status = 0;
    for (int half_of = 0; half_of < 2; half_of++)
      status |= hearth_linear(cpu, w_type, x_type, address(out), address(w), part ? address(bias) : 0, address(x), n, tokens,
                              half_of ? middle : row0, half_of ? row1 : middle, os, ws, xs, address(scratch), scratch_bytes);
    int ok = status == HEARTH_OK;
    for (int64_t t = 0; t < tokens; t++)
      for (int64_t r = 0; r < (t + 1 < tokens ? os : rows); r++) {
        float expected = 42;
        if (r >= row0 && r < row1) {
          expected = plain   ? float_dot(taken[r].value, x + t * xs, n)
                     : pairs ? pair_dot(taken[r].value, x + t * xs, n)
                             : block_dot(taken + r, x + t * xs, n, size, w_type == HEARTH_Q4_K);
          if (part) expected += f32_at(bias + 4 * r);
        }
        ok &= same(out[t * os + r], expected);
      }
    check(ok, "linear: type, inputs, tokens", w_type * 10 + x_type, n, tokens);
  }
  /* the same rows as an embedding */
  int32_t id = (int32_t)(rows - 1);
  int ok = hearth_embed(cpu, w_type, address(in), address(w), address(&id), 3, n, 1, n, ws, 1) == HEARTH_OK;
  for (int64_t i = 0; i < n; i++) ok &= same(in[i], taken[rows - 1].value[i] * 3);
  check(ok, "embed: type, inputs", w_type, n, 0);
  release(memory);
  release(x);
  release(bias);
  release(out);
  release(in);
  release(scratch);
}

/* ---- linear of the types that a set may take apart in its own way: as the plain set does it, which Java's tests hold ---- */
typedef struct {
  uint32_t type;
  int size, bytes, d, dmin; /* elements and bytes of a block, where its f16 scale lies and that of minima; -1 for none */
} format;

static void fill_block(uint8_t *w, const format *f) {
  const uint16_t d = draw_half(), dmin = draw_half();
  for (int i = 0; i < f->bytes; i++) w[i] = (uint8_t)(extreme ? draw() % 2 * 255 : draw());
  if (f->d >= 0) memcpy(w + f->d, &d, 2);
  if (f->dmin >= 0) memcpy(w + f->dmin, &dmin, 2);
  if (f->type == HEARTH_MXFP4) w[0] = (uint8_t)(120 + draw() % 8);
}

static void as_plain(const format *f, uint32_t x_type, int64_t rows, int64_t blocks, int64_t tokens) {
  const uint32_t type = f->type;
  const int size = f->size, bytes = f->bytes;
  const int64_t n = blocks * size, ws = blocks * bytes + 3, xs = x_type == HEARTH_F32 ? 4 * n : a8_bytes(n, size);
  uint8_t *w = allocate((size_t)(ws * (rows - 1) + blocks * bytes)), *x = allocate((size_t)(xs * tokens));
  float *out[2], *in = allocate((size_t)n * 4);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t b = 0; b < blocks; b++) fill_block(w + r * ws + b * bytes, f);
  for (int64_t t = 0; t < tokens; t++) {
    for (int64_t i = 0; i < n; i++) in[i] = extreme ? (t % 2 ? -1 : 1) : draw_float();
    if (x_type == HEARTH_F32)
      memcpy(x + t * xs, in, (size_t)n * 4);
    else
      quantize_row(in, x + t * xs, n, size);
  }
  int ok = 1;
  for (int own = 0; own < 2; own++) {
    const hearth_cpu *set = own ? cpu : hearth_cpu_for(HEARTH_ISA_PLAIN);
    const int64_t scratch_bytes = hearth_linear_scratch(set, type, x_type, n, tokens);
    uint8_t *scratch = allocate((size_t)scratch_bytes);
    out[own] = allocate((size_t)(tokens * rows) * 4);
    ok &= hearth_linear(set, type, x_type, address(out[own]), address(w), 0, address(x), n, tokens, 0, rows, rows, ws, xs,
                        address(scratch), scratch_bytes) == HEARTH_OK;
    release(scratch);
  }
  for (int64_t i = 0; i < tokens * rows; i++) ok &= same(out[0][i], out[1][i]);
  check(ok, "linear as plain: type, inputs, tokens", type * 10 + x_type, n, tokens);
  for (int own = 0; own < 2; own++) release(out[own]);
  release(w);
  release(x);
  release(in);
}

static void linears_as_plain(void) {
  const format formats[] = {{HEARTH_Q4_1, 32, 20, 0, 2},      {HEARTH_Q5_0, 32, 22, 0, -1},    {HEARTH_Q5_1, 32, 24, 0, 2},
                            {HEARTH_IQ4_NL, 32, 18, 0, -1},   {HEARTH_MXFP4, 32, 17, -1, -1},  {HEARTH_Q2_K, 256, 84, 80, 82},
                            {HEARTH_Q3_K, 256, 110, 108, -1}, {HEARTH_Q5_K, 256, 176, 0, 2},   {HEARTH_IQ4_XS, 256, 136, 0, -1},
                            {HEARTH_TQ1_0, 256, 54, 52, -1},  {HEARTH_TQ2_0, 256, 66, 64, -1}, {HEARTH_IQ1_S, 256, 50, 0, -1},
                            {HEARTH_IQ1_M, 256, 56, -1, -1},  {HEARTH_IQ2_XXS, 256, 66, 0, -1}, {HEARTH_IQ2_XS, 256, 74, 0, -1},
                            {HEARTH_IQ2_S, 256, 82, 0, -1},   {HEARTH_IQ3_XXS, 256, 98, 0, -1}, {HEARTH_IQ3_S, 256, 110, 0, -1},
                            {HEARTH_NVFP4, 64, 36, -1, -1}};
  for (int i = 0; i < 19; i++) {
    const format *f = formats + i;
    as_plain(f, HEARTH_F32, 9, 2, 5);
    as_plain(f, HEARTH_F32, 1, 1, 1);
    const uint32_t x_type = f->size == 32 ? HEARTH_A8_32 : HEARTH_A8_256;
    for (int64_t tokens = 1; tokens < 8 && f->type != HEARTH_NVFP4; tokens++)
      as_plain(f, x_type, 27 - 3 * tokens, extreme && !few ? 10 : tokens % 4 + 1, tokens);
  }
}

/* ---- rows ---- */
static float exp_of(float x) {
  if (x != x) return x;
  const float c = x > 89 ? 89 : x < -104 ? -104 : x, n = rintf(c * 0x1.715476p0f);
  float r = fmaf(n, -0x1.7f7d1cp-20f, fmaf(n, -0x1.62e4p-1f, c)), p = 1 / 5040.0f;
  const float taylor[] = {1 / 720.0f, 1 / 120.0f, 1 / 24.0f, 1 / 6.0f, 0.5f, 1, 1};
  for (int i = 0; i < 7; i++) p = fmaf(p, r, taylor[i]);
  const int whole = (int)n, low = whole >> 1;
  return p * ldexpf(1, low) * ldexpf(1, whole - low);
}

static void fill(uint8_t *p, int64_t n) {
  const float special[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 1e-45f, 1e-38f, 3e38f, 88.8f, -103.9f};
  for (int64_t i = 0; i < n; i++) put_f32(p + 4 * i, draw() % 50 ? draw_float() * 8 : special[draw() % 10]);
}

/* x * (1 - tail) or x * tail; the tail of the normal distribution as dev.hearth.spi.reference.ScalarActivations has it. */
static float gelu_of(float x) {
  const float c[] = {0x1.ea3c98p-4f,  0x1.e9c422p-4f, 0x1.c3863cp-4f,  0x1.411572p-4f, 0x1.89dbeap-4f,
                     -0x1.4551e2p-4f, 0x1.88c686p-3f, -0x1.d361ccp-3f, 0x1.cc8968p-4f, -0x1.51e53p-6f};
  const float t = 1 / fmaf(0.3f, fabsf(x), 1);
  float p = c[9];
  for (int i = 8; i >= 0; i--) p = fmaf(p, t, c[i]);
  const float tail = (t * p) * exp_of((-0.5f * x) * x);
  return x * (signbit(x) ? tail : 1 - tail);
}

static float activated_of(uint32_t activation, float v) {
  const float positive = v > 0 || v != v ? v : 0;
  switch (activation) {
    case HEARTH_SILU: return v / (1 + exp_of(-v));
    case HEARTH_GELU_TANH: return v / (1 + exp_of(-2 * (0x1.988454p-1f * fmaf((0.044715f * v) * v, v, v))));
    case HEARTH_GELU: return gelu_of(v);
    case HEARTH_QUICK_GELU: return v / (1 + exp_of(-1.702f * v));
    case HEARTH_RELU: return positive;
    case HEARTH_RELU_SQUARED: return positive * positive;
    default: return 1 / (1 + exp_of(-v));
  }
}

/* Elementwise functions and layer norms of one row of n. */
static void activations(int64_t n) {
  const size_t bytes = (size_t)n * 4;
  uint8_t *x = allocate(bytes), *y = allocate(bytes), *z = allocate(bytes), *weight = allocate(bytes + 1);
  float *values = allocate(bytes), *ones = allocate(bytes);
  fill(x, n);
  fill(y, n);
  fill(weight + 1, n);
  for (uint32_t activation = 0; activation < HEARTH_ACTIVATIONS; activation++) {
    int ok = hearth_gate(cpu, activation, address(z), address(x), address(y), n, 1, n, n, n) == HEARTH_OK;
    for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), activated_of(activation, f32_at(x + 4 * i)) * f32_at(y + 4 * i));
    check(ok, "gate", activation, n, 0);
    memcpy(z, x, bytes);
    ok = hearth_activate(cpu, activation, address(z), n, 1, n) == HEARTH_OK;
    for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), activated_of(activation, f32_at(x + 4 * i)));
    check(ok, "activate", activation, n, 0);
  }
  check(hearth_activate(cpu, HEARTH_ACTIVATIONS, address(z), n, 1, n) == HEARTH_BAD_TYPE, "no such activation", n, 0, 0);
  memcpy(z, x, bytes);
  int ok = hearth_scale(cpu, address(z), -0.37f, n, 1, n) == HEARTH_OK;
  for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), f32_at(x + 4 * i) * -0.37f);
  check(ok, "scale", n, 0, 0);
  for (int64_t i = 0; i < n; i++) {
    put_f32(x + 4 * i, draw_float() + 3);
    values[i] = f32_at(x + 4 * i);
    ones[i] = 1;
  }
  const float mean = float_dot(ones, x, n) / (float)n;
  for (int64_t i = 0; i < n; i++) {
    values[i] -= mean;
    put_f32(y + 4 * i, values[i]);
  }
  const float r = 1 / sqrtf(float_dot(values, y, n) / (float)n + 1e-5f);
  for (int biased = 0; biased < 2; biased++) {
    const hearth_ptr bias = biased ? address(weight + 1) : 0;
    ok = hearth_layer_norm(cpu, address(z), address(x), 0, address(weight + 1), bias, 1e-5f, n, n, 1, n, n, 0) == HEARTH_OK;
    for (int64_t i = 0; i < n; i++) {
      const float w = f32_at(weight + 1 + 4 * i), normed = (values[i] * r) * w;
      ok &= same(f32_at(z + 4 * i), biased ? normed + w : normed);
    }
    check(ok, "layer norm", n, biased, 0);
  }
  release(values);
  release(ones);
  release(x);
  release(y);
  release(z);
  release(weight);
}

/* Each on one row of n, in memory of its own. */
static void rows(int64_t n) {
  const size_t bytes = (size_t)n * 4;
  uint8_t *x = allocate(bytes), *y = allocate(bytes), *z = allocate(bytes), *weight = allocate(bytes + 1);
  fill(x, n);
  fill(y, n);
  fill(weight + 1, n);
  memcpy(z, x, bytes);
  int ok = hearth_softcap(cpu, address(z), 30, n, 1, n) == HEARTH_OK;
  for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), 30 * (1 - 2 / (exp_of(2 * (f32_at(x + 4 * i) / 30)) + 1)));
  check(ok, "softcap", n, 0, 0);
  memcpy(z, x, bytes);
  ok = hearth_add(cpu, address(z), address(y), n, 1, n, n) == HEARTH_OK;
  for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), f32_at(x + 4 * i) + f32_at(y + 4 * i));
  check(ok, "add", n, 0, 0);
  memcpy(z, x, bytes);
  ok = hearth_multiply(cpu, address(z), address(y), n, 1, n, n) == HEARTH_OK;
  for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), f32_at(x + 4 * i) * f32_at(y + 4 * i));
  check(ok, "multiply", n, 0, 0);
  memcpy(z, x, bytes);
  const int32_t zero = 0;
  const float factor = 1.7f;
  ok = hearth_accumulate(cpu, address(z), address(y), address(&zero), address(&factor), n, 1, n, n, 1, 1) == HEARTH_OK;
  for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), fmaf(factor, f32_at(y + 4 * i), f32_at(x + 4 * i)));
  check(ok, "accumulate", n, 0, 0);
  for (int64_t i = 0; i < n; i++) put_f32(x + 4 * i, draw_float());
  ok = hearth_norm(cpu, address(z), address(x), 0, address(weight + 1), 1e-5f, n, n, 1, n, n, 0) == HEARTH_OK;
  float *values = allocate(bytes);
  memcpy(values, x, bytes);
  const float r = 1 / sqrtf(float_dot(values, x, n) / (float)n + 1e-5f);
  for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), (values[i] * r) * f32_at(weight + 1 + 4 * i));
  check(ok, "norm", n, 0, 0);
  ok = hearth_gather(cpu, address(z), address(x), address(&zero), 4 * n, 1, 4 * n, 4 * n, 1) == HEARTH_OK;
  check(ok && memcmp(z, x, bytes) == 0, "gather", n, 0, 0);
  release(values);
  release(x);
  release(y);
  release(z);
  release(weight);
}

static void rotate(int64_t head_dim, int64_t pairs) {
  const int64_t n = 3 * head_dim;
  uint8_t *x = allocate((size_t)n * 4), *z = allocate((size_t)n * 4), *table = allocate((size_t)pairs * 16);
  fill(x, n);
  fill(table, 4 * pairs);
  const int32_t position = 1;
  for (uint32_t pairing = 0; pairing < 2; pairing++) {
    memcpy(z, x, (size_t)n * 4);
    int ok = hearth_rotate(cpu, pairing, address(z), address(&position), address(table), n, head_dim, pairs, 1, n, 1, 2 * pairs) == HEARTH_OK;
    for (int64_t head = 0; head < n; head += head_dim)
      for (int64_t i = 0; i < pairs; i++) {
        const int64_t first = head + (pairing ? 2 * i : i), second = pairing ? first + 1 : first + pairs;
        const float a = f32_at(x + 4 * first), b = f32_at(x + 4 * second);
        const float cosine = f32_at(table + 4 * (2 * pairs + i)), sine = f32_at(table + 4 * (3 * pairs + i));
        ok &= same(f32_at(z + 4 * first), fmaf(a, cosine, -(b * sine))) && same(f32_at(z + 4 * second), fmaf(b, cosine, a * sine));
      }
    check(ok, "rotate", head_dim, pairs, pairing);
  }
  release(x);
  release(z);
  release(table);
}

/* Softmax and normalised: whoever is better, or equal and before, was chosen earlier, and the weights sum to one. */
static void route(int64_t experts, int64_t chosen) {
  float *logits = allocate((size_t)experts * 4), *scratch = allocate((size_t)experts * 16), *weights = allocate((size_t)chosen * 4);
  int32_t *indices = allocate((size_t)chosen * 4);
  for (int64_t e = 0; e < experts; e++) logits[e] = draw() % 3 ? draw_float() : 0.5f;
  int ok = hearth_route(cpu, HEARTH_SOFTMAX, address(indices), address(weights), address(logits), 0, 1, 1, 1, 1, 0, 1, experts,
                        chosen, 1, chosen, chosen, experts, address(scratch), 16 * experts) == HEARTH_OK;
  float total = 0;
  for (int64_t j = 0; j < chosen; j++) {
    total += weights[j];
    for (int64_t e = 0; e < experts; e++) {
      int earlier = 0;
      for (int64_t i = 0; i < j; i++) earlier |= indices[i] == e;
      if (logits[e] > logits[indices[j]] || (logits[e] == logits[indices[j]] && e < indices[j])) ok &= earlier;
    }
  }
  check(ok && fabsf(total - 1) < 1e-5f, "route", experts, chosen, 0);
  release(logits);
  release(scratch);
  release(weights);
  release(indices);
}

/* Four groups of three, of which the two with the greatest pairs of scores are open: all others are left alone. */
static void route_groups(void) {
  const float logits[12] = {15, -9, -9, 2, 2, 2, 1, 3, -9, 4, -9, -9}, bias[12] = {-9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  float weights[3], scratch[48];
  int32_t indices[3];
  const int ok = hearth_route(cpu, HEARTH_LOGIT_THEN_SIGMOID, address(indices), address(weights), address(logits), address(bias), 4,
                              2, 2, 0, 0, 2, 12, 3, 1, 3, 3, 12, address(scratch), sizeof scratch) == HEARTH_OK;
  check(ok && indices[0] == 7 && indices[1] == 3 && indices[2] == 4 && fabsf(weights[0] - 1.905148f) < 1e-5f, "route groups", 4, 2, 2);
}

/* ---- attention ---- */
typedef struct {
  uint8_t *pool;
  int32_t *pages;
  uint32_t type;
  int64_t kv_heads, dim, page_size, page_count;
} cache;

static int64_t element_bytes(uint32_t type) { return type == HEARTH_F32 ? 4 : type == HEARTH_CACHE_INT8 ? 1 : 2; }

/* Bytes of a head's keys, or values, in a page. */
static int64_t head_bytes(uint32_t type, int64_t page_size, int64_t dim) {
  return page_size * (dim * element_bytes(type) + (type == HEARTH_CACHE_INT8 ? 4 : 0));
}

static const uint8_t *head_at(const cache *c, int64_t position, int64_t head, int value) {
  return c->pool + (c->kv_heads * (2 * c->pages[position / c->page_size] + value) + head) * head_bytes(c->type, c->page_size, c->dim);
}

/* An element as it is kept, a code of int8. */
static float cached(const cache *c, int64_t position, int64_t head, int value, int64_t i) {
  const uint8_t *p = head_at(c, position, head, value) + (position % c->page_size * c->dim + i) * element_bytes(c->type);
  switch (c->type) {
    case HEARTH_F32: return f32_at(p);
    case HEARTH_F16: return half_at(p);
    case HEARTH_BF16: return float_of((uint32_t)(p[0] | p[1] << 8) << 16);
    default: return (float)(int8_t)*p;
  }
}

static float scale_of(const cache *c, int64_t position, int64_t head, int value) {
  return c->type == HEARTH_CACHE_INT8 ? f32_at(head_at(c, position, head, value) + c->page_size * c->dim + position % c->page_size * 4) : 1;
}

#define VECTORS 7
#define REACH 20

/* What scores gain by distance from position own; without tables nothing. */
typedef struct {
  const uint8_t *keys, *queries;
  const int32_t *vectors;
  int64_t count, reach, own;
} distances;

static float gained(const distances *d, const float *key, float scale, const uint8_t *q, int64_t head, int64_t p, int64_t dim, float score) {
  const int64_t apart = d->own - p, near = apart < -d->reach ? -d->reach : apart > d->reach ? d->reach : apart;
  const int64_t at = 4 * (head * d->count + d->vectors[near + d->reach]) * dim;
  float query[256];
  for (int64_t i = 0; i < dim; i++) query[i] = f32_at(q + 4 * i);
  if (d->keys) score += float_dot(query, d->keys + at, dim);
  if (d->queries) score += float_dot(key, d->queries + at, dim) * scale;
  return score;
}

static void attend_head(const cache *c, const uint8_t *q, int64_t key_head, int64_t first, int64_t last, float scale, const distances *d,
                        int64_t head, float *out) {
  float max = -INFINITY, sum = 0, score[256], part[256];
  for (int64_t start = first; start <= last; start = (start / 256 + 1) * 256) {
    const int64_t end = last < start / 256 * 256 + 255 ? last : start / 256 * 256 + 255;
    float most = -INFINITY, s[16] = {0};
    for (int64_t p = start; p <= end; p++) {
      float key[256];
      for (int64_t i = 0; i < c->dim; i++) key[i] = cached(c, p, key_head, 0, i);
      const float key_scale = scale_of(c, p, key_head, 0);
      score[p % 256] = gained(d, key, key_scale, q, head, p, c->dim, float_dot(key, q, c->dim) * key_scale) * scale;
      most = fmaxf(most, score[p % 256]);
    }
    for (int64_t i = 0; i < c->dim; i++) part[i] = 0;
    for (int64_t p = start; p <= end; p++) {
      const float e = exp_of(score[p % 256] - most);
      s[p % 16] += e;
      for (int64_t i = 0; i < c->dim; i++) part[i] = fmaf(e * scale_of(c, p, key_head, 1), cached(c, p, key_head, 1, i), part[i]);
    }
    for (int step = 8; step > 0; step /= 2)
      for (int i = 0; i < step; i++) s[i] += s[i + step];
    const float higher = fmaxf(max, most), keep = exp_of(max - higher), gain = exp_of(most - higher);
    for (int64_t i = 0; i < c->dim; i++) out[i] = start == first ? part[i] : fmaf(part[i], gain, out[i] * keep);
    sum = start == first ? s[0] : fmaf(s[0], gain, sum * keep);
    max = higher;
  }
  for (int64_t i = 0; i < c->dim; i++) out[i] /= sum;
}

/* Sums of one position's value, of four elements in its key of six, with sinks that take most of the weight; chunks of two. A code of
 * int8 is half a scale, 17 / 127, away at most. */
static void attend_in_key(uint32_t type) {
  const int64_t element = element_bytes(type), page_bytes = head_bytes(type, 3, 6);
  const float away = type == HEARTH_F32 ? 0 : 0.0671f;
  float pool[18] = {0}, out[8], keys[18], queries[12] = {0};
  int32_t page = 0, position[3] = {0, 1, 2}, sequence[3] = {0, 0, 0};
  const float sinks[2] = {0, 3};
  for (int i = 0; i < 18; i++) keys[i] = (float)i;
  float *scratch = allocate((size_t)hearth_attend_scratch(2, 1, 4));
  int ok = hearth_store(cpu, type, address(pool), address(&page), address(position), address(sequence), address(keys), 0, 1, 6, 4,
                        2 * element, 6 * element, page_bytes, page_bytes, page_bytes, page_bytes, 3, 3, 1, 1, 1, 6, 0) == HEARTH_OK &&
           (type != HEARTH_F32 || memcmp(pool, keys, sizeof pool) == 0);
  ok &= hearth_attend(cpu, type, address(out), address(queries), address(pool), address(&page), address(position + 2), address(sequence),
                      address(position + 2), address(sinks), 0, 0, 0, 0, 0, 0, 1, 0, 9, 0, 2, 2, 1, 6, 4, 2 * element, 6 * element, page_bytes, page_bytes, page_bytes, page_bytes, 3, 1, 0, 1, 1, 1, 1, 1, 8, 12, address(scratch),
                      hearth_attend_scratch(2, 1, 4), HEARTH_ATTEND_WHOLE, 0, 1) == HEARTH_OK;
  for (int i = 0; i < 4; i++)
    ok &= fabsf(out[i] - keys[14 + i] / 2) <= away / 2 && fabsf(out[4 + i] - keys[14 + i] * 0.04742587f) < 1e-5f + away / 2;
  check(ok, "attend in key: type", type, 6, 4);
  release(scratch);
}

/* How far a number is stored from what it was, at most. */
static float rounding(uint32_t type, float x, float scale) {
  switch (type) {
    case HEARTH_F32: return 0;
    case HEARTH_F16: return fabsf(x) * 0x1p-11f + 0x1p-25f;
    case HEARTH_BF16: return fabsf(x) * 0x1p-8f;
    default: return scale * 0.5001f;
  }
}

/* Stores every position of a sequence through shuffled pages, then attends from some. */
static void attention(uint32_t type, int64_t kv_heads, int64_t group, int64_t dim, int64_t page_size, int64_t positions) {
  const int64_t count = (positions + page_size - 1) / page_size, width = kv_heads * dim, heads = kv_heads * group;
  const int64_t row_bytes = dim * element_bytes(type), one = head_bytes(type, page_size, dim), page_bytes = 2 * kv_heads * one;
  cache c = {allocate((size_t)(count * page_bytes)), allocate((size_t)count * 4), type, kv_heads, dim, page_size, count};
  uint8_t *keys = allocate((size_t)(positions * width) * 4), *values = allocate((size_t)(positions * width) * 4);
  int32_t *at_positions = allocate((size_t)positions * 4), *sequences = allocate((size_t)positions * 4);
  for (int64_t i = 0; i < count; i++) c.pages[i] = (int32_t)((i * 7 + 3) % count);
  if (count % 7 == 0)
    for (int64_t i = 0; i < count; i++) c.pages[i] = (int32_t)(count - 1 - i);
  for (int64_t i = 0; i < positions * width; i++) {
    put_f32(keys + 4 * i, draw_float());
    put_f32(values + 4 * i, draw_float());
  }
  for (int64_t t = 0; t < positions; t++) {
    at_positions[t] = (int32_t)t;
    sequences[t] = 0;
  }
  memset(c.pool, 0, (size_t)(count * page_bytes));
  int ok = hearth_store(cpu, type, address(c.pool), address(c.pages), address(at_positions), address(sequences), address(keys), address(values),
                        kv_heads, dim, dim, page_bytes / 2, row_bytes, page_bytes, page_bytes, one, one, page_size, positions, count, 1, 1, width,
                        width) == HEARTH_OK;
  for (int64_t t = 0; t < positions; t++)
    for (int64_t i = 0; i < width; i++) {
      const float key = f32_at(keys + 4 * (t * width + i)), value = f32_at(values + 4 * (t * width + i));
      const float key_scale = scale_of(&c, t, i / dim, 0), value_scale = scale_of(&c, t, i / dim, 1);
      ok &= fabsf(cached(&c, t, i / dim, 0, i % dim) * key_scale - key) <= rounding(type, key, key_scale);
      ok &= fabsf(cached(&c, t, i / dim, 1, i % dim) * value_scale - value) <= rounding(type, value, value_scale);
    }
  check(ok, "store: type, dim, page", type, dim, page_size);
  const int64_t scratch_bytes = hearth_attend_scratch(heads, kv_heads, dim);
  float *scratch = allocate((size_t)scratch_bytes), *out = allocate((size_t)(heads * dim) * 4), expected[256];
  const int64_t n_parts = (positions + 255) / 256;
  float *joined = allocate((size_t)(heads * dim) * 4);
  float *kept = allocate((size_t)(heads * n_parts * (16 + (dim + 15) / 16 * 16)) * 4);
  uint8_t *q = allocate((size_t)(heads * dim) * 4);
  for (int64_t i = 0; i < heads * dim; i++) put_f32(q + 4 * i, draw_float());
  uint8_t *tables = allocate((size_t)(2 * heads * VECTORS * dim) * 4);
  int32_t *vectors = allocate((size_t)(2 * REACH + 1) * 4);
  for (int64_t i = 0; i < 2 * heads * VECTORS * dim; i++) put_f32(tables + 4 * i, draw_float());
  for (int64_t i = 0; i < 2 * REACH + 1; i++) vectors[i] = (int32_t)(i * 5 % VECTORS);
  for (int64_t t = positions - 1; t >= 0; t -= 1 + (few ? 2 * t : t) / 3)
    for (int64_t window = 1; window <= 1000; window += 333) {
      const distances d = {t % 3 == 0 ? tables : 0, t % 2 == 0 ? tables + 4 * heads * VECTORS * dim : 0, vectors, VECTORS, REACH, t};
      const int64_t ahead = t % 3 * window, last = t + ahead < positions - 1 ? t + ahead : positions - 1;
      ok = 1;
      for (uint32_t stage = HEARTH_ATTEND_WHOLE; stage <= HEARTH_ATTEND_JOIN; stage++) /* in parts to the same bits */
        ok &= hearth_attend(cpu, type, address(stage == HEARTH_ATTEND_WHOLE ? out : joined), address(q), address(c.pool), address(c.pages),
                            address(at_positions + t), address(sequences), address(at_positions + positions - 1), 0, 0, address(d.keys),
                            address(d.queries), t % 6 == 5 ? 0 : address(vectors), VECTORS, REACH, 0.3f, 0, window, ahead, 1000, heads,
                            kv_heads, dim, dim, page_bytes / 2, row_bytes, page_bytes, page_bytes, one, one, page_size, 1, 0,
                            stage == HEARTH_ATTEND_PARTS ? kv_heads * n_parts : kv_heads, count, 1, 1, 1, heads * dim, heads * dim,
                            address(scratch), scratch_bytes, stage, address(kept), n_parts) == HEARTH_OK;
      ok &= memcmp(out, joined, (size_t)(heads * dim) * 4) == 0;
      for (int64_t h = 0; h < heads; h++) {
        attend_head(&c, q + 4 * h * dim, h / group, t - window + 1 > 0 ? t - window + 1 : 0, last, 0.3f, &d, h, expected);
        for (int64_t i = 0; i < dim; i++) ok &= same(out[h * dim + i], expected[i]);
      }
      check(ok, "attend: position, window, dim", t, window, dim);
    }
  release(tables);
  release(vectors);
  release(c.pool);
  release(c.pages);
  release(keys);
  release(values);
  release(at_positions);
  release(sequences);
  release(scratch);
  release(out);
  release(joined);
  release(kept);
  release(q);
}

/* Numbers of a pool as a cache keeps them. */
static void fill_pool(uint8_t *pool, int64_t heads, uint32_t type, int64_t page_size, int64_t dim) {
  for (int64_t h = 0; h < heads; h++, pool += head_bytes(type, page_size, dim)) {
    for (int64_t i = 0; i < page_size * dim; i++) {
      const float v = draw_float();
      const uint16_t half = type == HEARTH_F16 ? f16_of(v) : bf16_of(v);
      const uint8_t code = (uint8_t)draw();
      if (type == HEARTH_F32) put_f32(pool + 4 * i, v);
      else if (type == HEARTH_CACHE_INT8) pool[i] = code;
      else memcpy(pool + 2 * i, &half, 2);
    }
    if (type == HEARTH_CACHE_INT8)
      for (int64_t i = 0; i < page_size; i++) put_f32(pool + page_size * dim + 4 * i, draw_float() * 0.05f);
  }
}

/* Sequences of which each has a first part in common with others: their tokens together as each alone. */
static void sharing(uint32_t type, int64_t kv_heads, int64_t group, int64_t dim, int64_t page_size, int64_t tokens, int64_t common,
                    int64_t window) {
  const int64_t heads = kv_heads * group, width = heads * dim, row_bytes = dim * element_bytes(type), one = head_bytes(type, page_size, dim);
  const int64_t page_bytes = 2 * kv_heads * one, each = (common + 600) / page_size + 1, shared = common / page_size;
  const int64_t pages = tokens * each, scratch_bytes = hearth_attend_scratch(heads, kv_heads, dim);
  uint8_t *pool = allocate((size_t)(pages * page_bytes)), *q = allocate((size_t)(tokens * width) * 4);
  int32_t *table = allocate((size_t)(tokens * each) * 4), *at_positions = allocate((size_t)tokens * 4), *sequences = allocate((size_t)tokens * 4);
  float *scratch = allocate((size_t)scratch_bytes), *numbers = allocate((size_t)heads * 4);
  float *out[2] = {allocate((size_t)(tokens * width) * 4), allocate((size_t)(tokens * width) * 4)};
  fill_pool(pool, pages * 2 * kv_heads, type, page_size, dim);
  for (int64_t i = 0; i < tokens * width; i++) put_f32(q + 4 * i, draw_float());
  for (int64_t h = 0; h < heads; h++) numbers[h] = draw_float() * 0.1f;
  for (int64_t t = 0; t < tokens; t++) {
    const int64_t like = t % 4 == 3 ? t : 0; /* every fourth begins otherwise; of the others one shares less */
    for (int64_t i = 0; i < each; i++) table[t * each + i] = (int32_t)((i < (t == 5 ? shared / 2 : shared) ? like : t) * each + i);
    at_positions[t] = (int32_t)(common - 3 + (int64_t)(draw() % 600));
    sequences[t] = (int32_t)t;
  }
  int ok = 1;
  for (int alone = 0; alone < 2; alone++)
    for (int64_t t = 0; t < (alone ? tokens : 1); t++) {
      const int64_t n = alone ? 1 : tokens, tasks = kv_heads * n;
      for (int64_t part = 0; part < 2; part++) /* two threads' */
        ok &= hearth_attend(cpu, type, address(out[alone] + t * width), address(q + 4 * t * width), address(pool), address(table),
                            address(at_positions + t), address(sequences + t), address(at_positions + t), address(numbers), address(numbers), 0,
                            0, 0, 0, 0, 0.3f, 0, window, 0, INT32_MAX, heads, kv_heads, dim, dim, page_bytes / 2, row_bytes, page_bytes,
                            page_bytes, one, one, page_size, n, part ? tasks * 3 / 5 : 0, part ? tasks : tasks * 3 / 5, each, 1, 1, 1, width,
                            width, address(scratch), scratch_bytes, HEARTH_ATTEND_WHOLE, 0, 1) == HEARTH_OK;
    }
  for (int64_t i = 0; i < tokens * width; i++) ok &= same(out[0][i], out[1][i]);
  check(ok, "attend, pages shared: type, tokens, common", type, tokens, common);
  release(pool);
  release(q);
  release(table);
  release(at_positions);
  release(sequences);
  release(scratch);
  release(numbers);
  release(out[0]);
  release(out[1]);
}

#include "recurrence_cases.h"
#include "stream_cases.h"

static void refusals(void) {
  float x[64] = {0}, out[64];
  const hearth_ptr a = address(x), o = address(out);
  check(hearth_linear(NULL, 0, 0, o, a, 0, a, 8, 1, 0, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_CPU, "null table", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, 0, a, 0, a, 8, 1, 0, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_ADDRESS, "null out", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o + 2, a, 0, a, 8, 1, 0, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_ADDRESS, "odd out", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, 0, a, 8, 1, 0, 1, 1, 32, 32, 0, 5) == HEARTH_BAD_ADDRESS, "null scratch", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, 0, a, 8, 1, 2, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_SHAPE, "rows out of order", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, 0, a, 8, 1, 0, 2, 1, 32, 32, 0, 0) == HEARTH_BAD_SHAPE, "short out", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, 0, a, 8, 1, 0, 1, 1, 31, 32, 0, 0) == HEARTH_BAD_SHAPE, "short weights", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, 0, a, 8, 1, 0, 1, 1, 32, 30, 0, 0) == HEARTH_BAD_SHAPE, "short x", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, 0, a, INT64_MAX, 1, 0, 1, 1, INT64_MAX, INT64_MAX, 0, 0) == HEARTH_BAD_SHAPE, "huge", 0, 0, 0);
  check(hearth_linear(cpu, HEARTH_Q8_0, HEARTH_A8_32, o, a, 0, a, 33, 1, 0, 1, 1, 64, 64, 0, 0) == HEARTH_BAD_SHAPE, "no whole block", 0, 0, 0);
  check(hearth_linear(cpu, HEARTH_Q8_0, HEARTH_A8_256, o, a, 0, a, 32, 1, 0, 1, 1, 64, 64, 0, 0) == HEARTH_BAD_TYPE, "types apart", 0, 0, 0);
  check(hearth_linear(cpu, 99, 0, o, a, 0, a, 32, 1, 0, 1, 1, 64, 64, 0, 0) == HEARTH_BAD_TYPE, "no type", 0, 0, 0);
  check(hearth_quantize(cpu, HEARTH_A8_32, o, a, 33, 1, 64, 256) == HEARTH_BAD_SHAPE, "no whole block", 0, 0, 0);
  check(hearth_quantize(cpu, HEARTH_A8_32, o, a, 32, -1, 64, 256) == HEARTH_BAD_SHAPE, "negative tokens", 0, 0, 0);
  check(hearth_quantize(NULL, HEARTH_A8_32, o, a, 32, 1, 64, 256) == HEARTH_BAD_CPU, "null table", 0, 0, 0);
  check(hearth_quantize(cpu, HEARTH_Q8_0, o, a, 32, 1, 64, 256) == HEARTH_BAD_TYPE, "no activation", 0, 0, 0);
  check(hearth_linear(cpu, HEARTH_Q8_0, HEARTH_F32, o, a, 0, a, 32, 1, 0, 1, 1, 64, 128, 0, 0) == HEARTH_BAD_SHAPE, "no scratch", 0, 0, 0);
  check(hearth_embed(cpu, HEARTH_I32, o, a, a, 1, 8, 1, 8, 32, 1) == HEARTH_BAD_TYPE, "embed type", 0, 0, 0);
  check(hearth_norm(cpu, o, a, 0, a, 1, 8, 3, 1, 8, 8, 0) == HEARTH_BAD_SHAPE, "norm group", 0, 0, 0);
  check(hearth_add(cpu, o, a, 8, 1, 7, 8) == HEARTH_BAD_SHAPE, "short rows", 0, 0, 0);
  check(hearth_gate(cpu, HEARTH_ACTIVATIONS, o, a, a, 8, 1, 8, 8, 8) == HEARTH_BAD_TYPE, "no activation", 0, 0, 0);
  check(hearth_rotate(cpu, 0, o, a, a, 8, 4, 3, 1, 8, 1, 6) == HEARTH_BAD_SHAPE, "too many pairs", 0, 0, 0);
  check(hearth_route(cpu, 0, o, o, a, 0, 1, 1, 1, 0, 0, 1, 4, 5, 1, 5, 5, 4, o, 64) == HEARTH_BAD_SHAPE, "too many experts", 0, 0, 0);
  check(hearth_route(cpu, 0, o, o, a, 0, 3, 1, 1, 0, 0, 1, 4, 1, 1, 1, 1, 4, o, 64) == HEARTH_BAD_SHAPE, "uneven groups", 0, 0, 0);
  check(hearth_route(cpu, 0, o, o, a, 0, 4, 1, 2, 0, 0, 1, 4, 1, 1, 1, 1, 4, o, 64) == HEARTH_BAD_SHAPE, "two of one", 0, 0, 0);
  check(hearth_route(cpu, 4, o, o, a, 0, 1, 1, 1, 0, 0, 1, 4, 1, 1, 1, 1, 4, o, 64) == HEARTH_BAD_TYPE, "no scoring", 0, 0, 0);
  check(hearth_clamped_gate(cpu, o, a, a, 1, 0, 8, 1, 8, 8, 8) == HEARTH_BAD_SHAPE, "no limit", 0, 0, 0);
  check(hearth_store(cpu, HEARTH_Q8_0, o, a, a, a, a, a, 1, 8, 8, 32, 32, 64, 64, 64, 64, 1, 1, 1, 1, 1, 8, 8) == HEARTH_BAD_TYPE, "cache type", 0, 0, 0);
  check(hearth_store(cpu, HEARTH_F32, o, a, a, a, a, a, 1, 8, 8, 32, 32, 31, 64, 64, 64, 1, 1, 1, 1, 1, 8, 8) == HEARTH_BAD_SHAPE, "short page", 0, 0, 0);
  check(hearth_store(cpu, HEARTH_CACHE_INT8, o, a, a, a, a, a, 1, 8, 8, 12, 8, 11, 12, 12, 12, 1, 1, 1, 1, 1, 8, 8) == HEARTH_BAD_SHAPE, "no scales", 0, 0, 0);
  check(hearth_store(cpu, HEARTH_F32, o, a, a, a, a, a, 1, 8, 8, 32, 32, 64, 64, 64, 31, 1, 1, 1, 1, 1, 8, 8) == HEARTH_BAD_SHAPE, "short head", 0, 0, 0);
  check(hearth_store(cpu, HEARTH_F32, o, a, a, a, a, a, 1, 8, 8, 32, 28, 64, 64, 64, 64, 1, 1, 1, 1, 1, 8, 8) == HEARTH_BAD_SHAPE, "short values", 0, 0, 0);
  check(hearth_attend_scratch(5, 2, 8) == -1, "no groups", 0, 0, 0);
  check(hearth_multiply(cpu, o, a, 8, 1, 7, 8) == HEARTH_BAD_SHAPE, "short rows", 0, 0, 0);
  recurrence_refusals(o, a);
}

/* Numbers of operations of the loops that are a limit for products. */
static void peaks(void) {
  const int64_t none = isa == HEARTH_ISA_PLAIN;
  const uint32_t types[] = {HEARTH_F32, HEARTH_A8_32};
  for (int i = 0; i < 2; i++) {
    const int64_t once = hearth_peak(cpu, types[i], 1);
    check(none ? once == -1 : once >= 12 * 8, "peak", types[i], once, 0);
    check(none || hearth_peak(cpu, types[i], 1000) == 1000 * once, "peak of rounds", types[i], once, 0);
    check(none || hearth_peak(cpu, types[i], 0) == 0, "peak of nothing", types[i], 0, 0);
    check(hearth_peak(cpu, types[i], -1) == -1 && hearth_peak(NULL, types[i], 1) == -1, "peak refused", types[i], 0, 0);
  }
  check(hearth_peak(cpu, HEARTH_F16, 1) == -1, "peak of another type", 0, 0, 0);
}

/* Reading meets every byte once, whatever the length and where it begins, and none beyond. */
static void reading(void) {
  for (int64_t n = 0; n < 1100; n += n < 600 ? 1 : 37) {
    uint8_t *bytes = allocate((size_t)n + 3);
    uint64_t expected = 0;
    for (int64_t i = 0; i < n; i++) {
      bytes[3 + i] = (uint8_t)draw();
      if (i < n / 8 * 8) expected ^= (uint64_t)bytes[3 + i] << 8 * (i % 8);
    }
    check(hearth_read(cpu, address(bytes + 3), n) == expected, "read", 0, n, 0);
    release(bytes);
  }
  check(hearth_read(cpu, 0, 0) == 0 && hearth_read(cpu, 0, -1) == 0 && hearth_read(NULL, 0, 8) == 0, "nothing read", 0, 0, 0);
}

static int chosen(int number) { return !few || number % 3 == 0; }

/* Arguments, in any order: numbers of the sets that the processor is to have, if there are any; with a sign +, of those that alone are
 * tried, with a sign -, of one that isn't; guard, for guard pages behind all memory; few, for fewer cases. */
int main(int count, char **arguments) {
  uint32_t sets = 0, tried = 0;
  for (int i = 1; i < count; i++) {
    const char *argument = arguments[i];
    const uint32_t set = 1u << (atoi(argument) < 0 ? -atoi(argument) : atoi(argument));
    if (strcmp(argument, "guard") == 0)
      guard_pages = 1;
    else if (strcmp(argument, "few") == 0)
      few = 1;
    else if (argument[0] == '-')
      tried = ~set;
    else
      *(argument[0] == '+' ? &tried : &sets) |= set;
  }
  check(sets == 0 || sets == hearth_cpu_detect(), "sets of the processor", hearth_cpu_detect(), 0, 0);
  conversions();
  check(hearth_abi() == HEARTH_ABI, "abi", hearth_abi(), 0, 0);
  check(hearth_cpu_for(32) == NULL && hearth_cpu_for(UINT32_MAX) == NULL, "unknown sets", 0, 0, 0);
  for (isa = 0; isa < 32; isa++) {
    cpu = hearth_cpu_for(isa);
    check((cpu != NULL) == (hearth_cpu_detect() >> isa & 1), "detect and for agree", isa, 0, 0);
    if (cpu == NULL || (tried != 0 && !(tried >> isa & 1))) continue;
    const int before = failed;
    refusals();
    peaks();
    reading();
    const int64_t blocks[] = {1, 2, 3, 7, 8, 9, 15, 16, 23, 40}, tokens[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 33};
    const int64_t inputs[] = {1, 7, 8, 9, 15, 16, 17, 24, 31, 127, 1000};
    for (int i = 0; i < 10; i++)
      for (int e = 0; e < 3; e++) {
        quantize(blocks[i], tokens[i], 4 * (i % 3), e, 32);
        if (i < 6) quantize(blocks[i], tokens[i], 4 * (i % 3), e, 256);
      }
    for (int i = 0; i < 11; i++)
      for (int t = 0; t < 11; t++) {
        const int64_t n_rows = 1 + (i * 7 + t * 5) % 41, pad = 4 * ((i + t) % 3);
        for (uint32_t type = HEARTH_F32; type <= HEARTH_BF16; type++)
          if (chosen(i + t + (int)type)) linear(type, HEARTH_F32, inputs[i], n_rows, tokens[t], pad);
        if (chosen(i + t)) linear(HEARTH_BF16, HEARTH_BF16, inputs[i], n_rows, tokens[t], pad);
        for (uint32_t type = HEARTH_Q8_0; type <= HEARTH_Q6_K; type++) {
          const int large = type == HEARTH_Q4_K || type == HEARTH_Q6_K;
          if (i >= (large ? 6 : 10) || !chosen(i + t + (int)type)) continue;
          const int64_t n = (large ? 256 : 32) * blocks[i];
          linear(type, large ? HEARTH_A8_256 : HEARTH_A8_32, n, n_rows, tokens[t], pad);
          if (i < 4 && t % 2 == 0) linear(type, HEARTH_F32, n, n_rows, tokens[t], pad);
        }
      }
    extreme = 1;
    for (int t = 0; t < 8; t++)
      for (uint32_t type = HEARTH_Q8_0; type <= HEARTH_Q6_K; type++)
        linear(type, type >= HEARTH_Q4_K ? HEARTH_A8_256 : HEARTH_A8_32, few ? 768 : 2304, 25, tokens[t], 0);
    linears_as_plain();
    extreme = 0;
    linears_as_plain();
    for (int i = 0; i < 11; i++) {
      rows(inputs[i]);
      activations(inputs[i]);
      streams(inputs[i]);
      rotate(2 * inputs[i], inputs[i]);
      route(inputs[i], inputs[i] < 6 ? inputs[i] : 6);
    }
    route_groups();
    recurrences();
    rotate(20, 7);
    attend_in_key(HEARTH_F32);
    attend_in_key(HEARTH_CACHE_INT8);
    attention(HEARTH_F32, 1, 3, 20, 5, 300);
    attention(HEARTH_F16, 2, 7, 64, 16, 530);
    attention(HEARTH_F16, 1, 1, 7, 256, 257);
    attention(HEARTH_F32, 3, 4, 100, 16, 40);
    attention(HEARTH_BF16, 2, 2, 33, 16, 270);
    attention(HEARTH_CACHE_INT8, 2, 7, 64, 32, 530);
    attention(HEARTH_CACHE_INT8, 1, 3, 39, 5, 260);
    attention(HEARTH_CACHE_INT8, 3, 1, 7, 1, 40);
    sharing(HEARTH_F32, 1, 2, 20, 32, 9, 520, INT32_MAX);
    sharing(HEARTH_F16, 2, 4, 64, 32, 14, 800, INT32_MAX);
    sharing(HEARTH_F16, 1, 1, 7, 512, 5, 1024, INT32_MAX);
    sharing(HEARTH_BF16, 2, 2, 33, 16, 8, 300, 700);
    sharing(HEARTH_CACHE_INT8, 1, 3, 40, 32, 7, 600, INT32_MAX);
    printf("instruction set %u: %s\n", isa, failed == before ? "agrees" : "DIFFERS");
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
