/* Of kernels_test.c: functions of whole rows and mixtures of their streams, of rows of n in memory of their own. */
static void scale_columns(int64_t n) {
  const size_t bytes = (size_t)n * 4;
  uint8_t *x = allocate(bytes), *z = allocate(bytes), *factors = allocate(bytes + 1);
  fill(x, n);
  fill(factors + 1, n);
  memcpy(z, x, bytes);
  int ok = hearth_scale_columns(cpu, address(z), address(factors + 1), n, 1, n) == HEARTH_OK;
  for (int64_t i = 0; i < n; i++) ok &= same(f32_at(z + 4 * i), f32_at(x + 4 * i) * f32_at(factors + 1 + 4 * i));
  check(ok, "scale columns", n, 0, 0);
  release(x);
  release(z);
  release(factors);
}

static void mix(int64_t n_in, int64_t n_out, int64_t n) {
  uint8_t *x = allocate((size_t)(n_in * n) * 4), *weights = allocate((size_t)(n_in * n_out) * 4);
  uint8_t *out = allocate((size_t)(n_out * n) * 4);
  fill(x, n_in * n);
  fill(weights, n_in * n_out);
  int ok = hearth_mix(cpu, address(out), address(x), address(weights), n_out, n_in, n, 1, n_out * n, n_in * n, n_in * n_out) == HEARTH_OK;
  for (int64_t j = 0; j < n_out; j++)
    for (int64_t i = 0; i < n; i++) {
      float sum = 0;
      for (int64_t s = 0; s < n_in; s++) sum = fmaf(f32_at(weights + 4 * (j * n_in + s)), f32_at(x + 4 * (s * n + i)), sum);
      ok &= same(f32_at(out + 4 * (j * n + i)), sum);
    }
  check(ok, "mix", n_in, n_out, n);
  release(x);
  release(weights);
  release(out);
}

static float root_mean_square(const float *x, int64_t n, float least) {
  const float square = float_dot(x, (const uint8_t *)x, n) / (float)n;
  return sqrtf(square > least ? square : least);
}

static void resize(int64_t n) {
  const size_t bytes = (size_t)n * 4;
  float *x = allocate(bytes), *like = allocate(bytes), *z = allocate(bytes);
  for (int small = 0; small < 2; small++) {
    for (int64_t i = 0; i < n; i++) {
      x[i] = draw_float() * (small ? 1e-4f : 1);
      like[i] = draw_float();
    }
    memcpy(z, x, bytes);
    int ok = hearth_resize(cpu, address(z), address(like), 1e-5f, n, 1, n, n) == HEARTH_OK;
    const float target = root_mean_square(like, n, 0), own = root_mean_square(x, n, 1e-5f);
    for (int64_t i = 0; i < n; i++) ok &= same(z[i], x[i] * target / own);
    check(ok, "resize", n, small, 0);
  }
  release(x);
  release(like);
  release(z);
}

static void maxima(int64_t n) {
  const int64_t sizes[] = {1, 3, 16, 128};
  for (int i = 0; i < 4; i++)
    for (int where = -1; where < 2; where++) { /* of a NaN: none, first, last */
      const int64_t size = sizes[i], count = (n + size - 1) / size;
      uint8_t *x = allocate((size_t)n * 4), *out = allocate((size_t)count * 4);
      fill(x, n);
      const float nan = NAN;
      if (where >= 0) memcpy(x + 4 * (where ? n - 1 : 0), &nan, 4);
      int ok = hearth_maxima(cpu, address(out), address(x), size, n) == HEARTH_OK;
      for (int64_t b = 0; b < count; b++) {
        float most = -INFINITY;
        for (int64_t k = b * size; k < n && k < (b + 1) * size; k++) {
          const float v = f32_at(x + 4 * k);
          most = v != v || most != most ? NAN : v > most ? v : most;
        }
        ok &= same(f32_at(out + 4 * b), most);
      }
      check(ok, "maxima", n, size, where);
      release(x);
      release(out);
    }
}

/* As the plain set does it, which Java's tests hold. */
static void map(int64_t n) {
  const size_t bytes = (size_t)n * 4;
  uint8_t *x = allocate(bytes), *z = allocate(bytes), *expected = allocate(bytes);
  fill(x, n);
  const float numbers[][4] = {{0.75f, 0, 0, 0}, {0.5f, 0, 0, 0}, {1e-5f, 0, 0, 0}, {0.8f, 0.9f, 0.5f, -1e-6f}};
  const uint32_t functions[] = {HEARTH_CLAMP, HEARTH_SPARSE, HEARTH_INT8, HEARTH_XIELU};
  for (int i = 0; i < 4; i++) {
    const float *p = numbers[i];
    int ok = 1;
    for (int own = 0; own < 2; own++)
      ok &= hearth_map(own ? cpu : hearth_cpu_for(HEARTH_ISA_PLAIN), functions[i], address(own ? z : expected), address(x), p[0], p[1],
                       p[2], p[3], n, 1, n, n) == HEARTH_OK;
    for (int64_t k = 0; k < n; k++) ok &= same(f32_at(z + 4 * k), f32_at(expected + 4 * k));
    check(ok, "map", functions[i], n, 0);
  }
  release(x);
  release(z);
  release(expected);
}

static void streams(int64_t n) {
  scale_columns(n);
  resize(n);
  maxima(n);
  map(n);
  mix(1, 2, n);
  mix(5, 3, n);
}
