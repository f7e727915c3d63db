/* Every instruction set against a scalar statement of each function, at awkward sizes. Each buffer is allocated to the
 * byte, so that the sanitisers find any access beyond it. Prints what failed, then "N passed, N failed". */
#include "common.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int passed, failed;
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

static void *allocate(size_t bytes) {
  void *p = malloc(bytes ? bytes : 1);
  if (p == NULL) abort();
  return p;
}
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
    for (int i = 0; i < 500000; i++) {
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
static void quantize_block(const float *x, int8_t *q, float *scale) {
  float most = 0;
  int nan = 0;
  for (int i = 0; i < 32; i++) {
    nan |= x[i] != x[i];
    most = fmaxf(most, fabsf(x[i]));
  }
  *scale = nan || isinf(most) ? NAN : most < ldexpf(1, -100) ? 0 : most / 127;
  const float inverse = *scale > 0 ? 1 / *scale : 0;
  for (int i = 0; i < 32; i++) q[i] = inverse > 0 ? (int8_t)lrintf(x[i] * inverse) : 0;
}

static void quantize(int64_t blocks, int64_t tokens, int64_t pad, int extreme) {
  const int64_t n = blocks * 32, xs = n * 4 + pad, os = n / 32 * 36 + pad;
  uint8_t *x = allocate((size_t)(xs * (tokens - 1) + n * 4)), *out = allocate((size_t)(os * (tokens - 1) + n / 32 * 36));
  for (int64_t t = 0; t < tokens; t++)
    for (int64_t i = 0; i < n; i++) {
      const float special[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 1e-45f, 1e-38f, 3e38f, 0.5f, -127.5f};
      const float v = extreme && draw() % 40 == 0 ? special[draw() % 10] : extreme == 2 ? ldexpf(draw_float(), -100) : draw_float();
      memcpy(x + t * xs + i * 4, &v, 4);
    }
  check(hearth_quantize_a8_32(cpu, address(out), address(x), n, tokens, os, xs) == HEARTH_OK, "quantize status", n, tokens, pad);
  int ok = 1;
  for (int64_t t = 0; t < tokens; t++)
    for (int64_t b = 0; b < blocks; b++) {
      float in[32], scale;
      int8_t q[32];
      memcpy(in, x + t * xs + b * 128, 128);
      quantize_block(in, q, &scale);
      ok &= memcmp(q, out + t * os + b * 32, 32) == 0 && same(scale, f32_at(out + t * os + n + b * 4));
    }
  check(ok, "quantize", n, tokens, extreme);
  free(x);
  free(out);
}

/* ---- linear ---- */
static float weight_at(const uint8_t *row, uint32_t type, int64_t i) {
  uint16_t h;
  if (type == HEARTH_F32) return f32_at(row + 4 * i);
  memcpy(&h, row + 2 * i, 2);
  return type == HEARTH_F16 ? half(h) : float_of((uint32_t)h << 16);
}

static float float_dot(const uint8_t *w, uint32_t type, const uint8_t *x, int64_t n) {
  float s[16] = {0};
  for (int64_t i = 0; i < n; i++) s[i % 16] = fmaf(weight_at(w, type, i), f32_at(x + 4 * i), s[i % 16]);
  for (int step = 8; step > 0; step /= 2)
    for (int i = 0; i < step; i++) s[i] += s[i + step];
  return s[0];
}

static float q8_0_dot(const uint8_t *w, const uint8_t *x, int64_t n) {
  float p[8] = {0};
  for (int64_t b = 0; b < n / 32; b++) {
    uint16_t h;
    int32_t dot = 0;
    memcpy(&h, w + 34 * b, 2);
    for (int i = 0; i < 32; i++) dot += (int8_t)w[34 * b + 2 + i] * (int8_t)x[32 * b + i];
    p[b % 8] = fmaf(half(h) * f32_at(x + n + 4 * b), (float)dot, p[b % 8]);
  }
  return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
}

static int64_t row_bytes(uint32_t type, int64_t n) {
  switch (type) {
    case HEARTH_F32: return 4 * n;
    case HEARTH_Q8_0: return n / 32 * 34;
    case HEARTH_A8_32: return n / 32 * 36;
    default: return 2 * n;
  }
}

static void fill_weights(uint8_t *w, uint32_t type, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const float v = draw_float();
    const uint16_t h = (uint16_t)((draw() & 0x83ff) | (8 + draw() % 10) << 10), b = (uint16_t)(bits_of(v) >> 16);
    if (type == HEARTH_F32) memcpy(w + 4 * i, &v, 4);
    if (type == HEARTH_F16) memcpy(w + 2 * i, &h, 2);
    if (type == HEARTH_BF16) memcpy(w + 2 * i, &b, 2);
    if (type == HEARTH_Q8_0) w[i / 32 * 34 + 2 + i % 32] = (uint8_t)(draw() % 8 ? draw() : 128 + draw() % 2);
    if (type == HEARTH_Q8_0 && i % 32 == 0) memcpy(w + i / 32 * 34, &h, 2);
  }
}

static void linear(uint32_t w_type, int64_t n, int64_t rows, int64_t tokens, int64_t pad, int packed) {
  const uint32_t x_type = w_type == HEARTH_Q8_0 ? HEARTH_A8_32 : HEARTH_F32;
  const int64_t ws = row_bytes(w_type, n) + pad % 2 + pad, xs = row_bytes(x_type, n) + pad, os = rows + pad;
  const size_t odd = (size_t)(pad ? 1 + draw() % 31 : 0);
  uint8_t *memory = allocate(odd + (size_t)(ws * (rows - 1) + row_bytes(w_type, n))), *w = memory + odd;
  uint8_t *x = allocate((size_t)(xs * (tokens - 1) + row_bytes(x_type, n)));
  float *out = allocate((size_t)(os * (tokens - 1) + rows) * 4), *in = allocate((size_t)n * 4);
  const int64_t scratch_bytes = packed ? hearth_linear_scratch(cpu, w_type, x_type, n) : 0;
  uint8_t *scratch = allocate((size_t)scratch_bytes);
  for (int64_t r = 0; r < rows; r++) fill_weights(w + r * ws, w_type, n);
  for (int64_t t = 0; t < tokens; t++) {
    for (int64_t i = 0; i < n; i++) in[i] = draw_float() * (draw() % 64 ? 1 : 1e-30f);
    if (x_type == HEARTH_F32)
      memcpy(x + t * xs, in, (size_t)n * 4);
    else
      for (int64_t b = 0; b < n / 32; b++) quantize_block(in + 32 * b, (int8_t *)(x + t * xs + 32 * b), (float *)(void *)(x + t * xs + n + 4 * b));
  }
  /* the whole, then again in two ranges that leave the outermost rows alone */
  for (int part = 0; part < 2; part++) {
    const int64_t row0 = part ? rows / 3 : 0, middle = part ? rows / 2 : 0, row1 = part ? rows - rows / 4 : rows;
    for (int64_t i = 0; i < os * (tokens - 1) + rows; i++) out[i] = 42;
    int32_t status = hearth_linear(cpu, w_type, x_type, address(out), address(w), address(x), n, tokens, row0, middle > row0 ? middle : row0,
                                   os, ws, xs, address(scratch), scratch_bytes);
    status |= hearth_linear(cpu, w_type, x_type, address(out), address(w), address(x), n, tokens, middle > row0 ? middle : row0, row1, os, ws,
                            xs, address(scratch), scratch_bytes);
    int ok = status == HEARTH_OK;
    for (int64_t t = 0; t < tokens; t++)
      for (int64_t r = 0; r < (t + 1 < tokens ? os : rows); r++) {
        float expected = 42;
        if (r >= row0 && r < row1)
          expected = w_type == HEARTH_Q8_0 ? q8_0_dot(w + r * ws, x + t * xs, n) : float_dot(w + r * ws, w_type, x + t * xs, n);
        ok &= same(out[t * os + r], expected);
      }
    check(ok, "linear: type, inputs, tokens", w_type, n, tokens);
  }
  free(memory);
  free(x);
  free(out);
  free(in);
  free(scratch);
}

static void refusals(void) {
  float x[64] = {0}, out[64];
  const hearth_ptr a = address(x), o = address(out);
  check(hearth_linear(NULL, 0, 0, o, a, a, 8, 1, 0, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_CPU, "null table", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, 0, a, a, 8, 1, 0, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_ADDRESS, "null out", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o + 2, a, a, 8, 1, 0, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_ADDRESS, "odd out", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, a, 8, 1, 0, 1, 1, 32, 32, 0, 5) == HEARTH_BAD_ADDRESS, "null scratch", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, a, 8, 1, 2, 1, 1, 32, 32, 0, 0) == HEARTH_BAD_SHAPE, "rows out of order", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, a, 8, 1, 0, 2, 1, 32, 32, 0, 0) == HEARTH_BAD_SHAPE, "short out", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, a, 8, 1, 0, 1, 1, 31, 32, 0, 0) == HEARTH_BAD_SHAPE, "short weights", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, a, 8, 1, 0, 1, 1, 32, 30, 0, 0) == HEARTH_BAD_SHAPE, "short x", 0, 0, 0);
  check(hearth_linear(cpu, 0, 0, o, a, a, INT64_MAX, 1, 0, 1, 1, INT64_MAX, INT64_MAX, 0, 0) == HEARTH_BAD_SHAPE, "huge", 0, 0, 0);
  check(hearth_linear(cpu, HEARTH_Q8_0, HEARTH_A8_32, o, a, a, 33, 1, 0, 1, 1, 64, 64, 0, 0) == HEARTH_BAD_SHAPE, "no whole block", 0, 0, 0);
  check(hearth_linear(cpu, HEARTH_Q8_0, HEARTH_A8_256, o, a, a, 32, 1, 0, 1, 1, 64, 64, 0, 0) == HEARTH_BAD_TYPE, "types apart", 0, 0, 0);
  check(hearth_linear(cpu, 99, 0, o, a, a, 32, 1, 0, 1, 1, 64, 64, 0, 0) == HEARTH_BAD_TYPE, "no type", 0, 0, 0);
  check(hearth_quantize_a8_32(cpu, o, a, 33, 1, 64, 256) == HEARTH_BAD_SHAPE, "no whole block", 0, 0, 0);
  check(hearth_quantize_a8_32(cpu, o, a, 32, -1, 64, 256) == HEARTH_BAD_SHAPE, "negative tokens", 0, 0, 0);
  check(hearth_quantize_a8_32(NULL, o, a, 32, 1, 64, 256) == HEARTH_BAD_CPU, "null table", 0, 0, 0);
}

int main(void) {
  conversions();
  check(hearth_abi() == HEARTH_ABI, "abi", hearth_abi(), 0, 0);
  check(hearth_cpu_for(32) == NULL && hearth_cpu_for(UINT32_MAX) == NULL, "unknown sets", 0, 0, 0);
  for (isa = 0; isa < 32; isa++) {
    cpu = hearth_cpu_for(isa);
    check((cpu != NULL) == (hearth_cpu_detect() >> isa & 1), "detect and for agree", isa, 0, 0);
    if (cpu == NULL) continue;
    const int before = failed;
    refusals();
    const int64_t blocks[] = {1, 2, 3, 7, 8, 9, 15, 16, 23, 40}, tokens[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 33};
    const int64_t inputs[] = {1, 7, 8, 9, 15, 16, 17, 24, 31, 127, 1000};
    for (int i = 0; i < 10; i++)
      for (int e = 0; e < 3; e++) quantize(blocks[i], tokens[i], 4 * (i % 3), e);
    for (int i = 0; i < 11; i++)
      for (int t = 0; t < 11; t++) {
        const int64_t rows = 1 + (i * 7 + t * 5) % 41;
        for (uint32_t type = HEARTH_F32; type <= HEARTH_BF16; type++) linear(type, inputs[i], rows, tokens[t], 4 * ((i + t) % 3), 0);
        if (i < 10)
          for (int packed = 0; packed < 2; packed++) linear(HEARTH_Q8_0, 32 * blocks[i], rows, tokens[t], 4 * ((i + t) % 3), packed);
      }
    printf("instruction set %u: %s\n", isa, failed == before ? "agrees" : "DIFFERS");
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
