/* Of kernels_test.c: states of fixed size. Rows of three sequences: one from its beginning over a state of NaNs, one that
 * goes on, one of a single token; slots in another order than sequences. */
#define RAGGED 12
#define SLOTS 4

static const int32_t ragged_sequences[RAGGED] = {1, 1, 1, 1, 1, 0, 2, 2, 2, 2, 2, 2};
static const int32_t ragged_positions[RAGGED] = {0, 1, 2, 3, 4, 9, 5, 6, 7, 8, 9, 10};
static const int32_t ragged_slots[3] = {2, 0, 3};

/* A pool whose slots hold `size` numbers from `offset` on; slot 1 belongs to nobody, what none may read is NaN. */
typedef struct {
  int64_t size, offset, stride;
  float *pool, *expected; /* before a call, and what it must be after it */
} states;

static states fill_states(int64_t size) {
  states s = {size, size % 3, size + size % 3 + 1, NULL, NULL};
  const size_t bytes = (size_t)(s.stride * SLOTS) * 4;
  s.pool = allocate(bytes);
  s.expected = allocate(bytes);
  for (int64_t i = 0; i < s.stride * SLOTS; i++) {
    const int64_t slot = i / s.stride, at = i % s.stride;
    const int goes_on = slot == ragged_slots[0] || slot == ragged_slots[2];
    s.pool[i] = goes_on && at >= s.offset && at < s.offset + size ? draw_float() : NAN;
  }
  memcpy(s.expected, s.pool, bytes);
  return s;
}

/* The numbers that row t works on, zeroed at position 0. */
static float *state_of(const states *s, int t) {
  float *own = s->expected + ragged_slots[ragged_sequences[t]] * s->stride + s->offset;
  if (ragged_positions[t] == 0) memset(own, 0, (size_t)s->size * 4);
  return own;
}

static int same_states(const states *s) {
  int ok = 1;
  for (int64_t i = 0; i < s->stride * SLOTS; i++) ok &= same(s->pool[i], s->expected[i]);
  return ok;
}

static void free_states(const states *s) {
  release(s->pool);
  release(s->expected);
}

/* RAGGED rows of n floats, the last without the gap behind it. */
static float *draw_rows(int64_t n, int64_t stride) {
  float *x = allocate((size_t)(stride * (RAGGED - 1) + n) * 4);
  for (int64_t i = 0; i < stride * (RAGGED - 1) + n; i++) x[i] = i % stride < n ? draw_float() : NAN;
  return x;
}

/* At an odd address. */
static uint8_t *draw_weight(int64_t n, int negative) {
  uint8_t *w = allocate((size_t)n * 4 + 1);
  for (int64_t i = 0; i < n; i++) put_f32(w + 1 + 4 * i, negative ? -fabsf(draw_float()) : draw_float());
  return w;
}
static float weight_at(const uint8_t *w, int64_t i) { return f32_at(w + 1 + 4 * i); }

static float log_of(float u) {
  int e;
  float m = frexpf(u, &e);
  if (m < 0.70710677f) {
    e--;
    m += m;
  }
  const float x = m - 1, z = x * x;
  const float c[] = {-0.1151461f, 0.116769984f, -0.12420141f, 0.14249323f, -0.16668057f, 0.20000714f, -0.24999994f, 0.3333333f};
  float p = 0.070376836f;
  for (int i = 0; i < 8; i++) p = fmaf(p, x, c[i]);
  p = fmaf((float)e, -0.00021219444f, p * x * z);
  p = fmaf(z, -0.5f, p);
  return fmaf((float)e, 0.6933594f, x + p);
}

static float softplus_of(float x) {
  if (!(x <= 20)) return x;
  const float y = exp_of(x), u = 1 + y;
  return u == 1 ? y : log_of(u) * y / (u - 1);
}

static void convolve(int64_t channels, int64_t kernel, int in_place) {
  const int64_t stride = channels + kernel % 3, tail = kernel - 1;
  float *x = draw_rows(channels, stride), *out = draw_rows(channels, stride);
  if (in_place) memcpy(out, x, (size_t)(stride * (RAGGED - 1) + channels) * 4);
  uint8_t *filter = draw_weight(channels * kernel, 0), *bias = draw_weight(channels, 0);
  float *scratch = allocate((size_t)kernel * 64);
  states s = fill_states(channels * tail);
  const int64_t half = (channels + 1) / 2; /* two calls, as two threads make them */
  int ok = 1;
  for (int part = 0; part < 2; part++)
    ok &= hearth_convolve(cpu, address(out), address(in_place ? out : x), address(s.pool + s.offset), address(ragged_slots),
                          address(ragged_positions), address(ragged_sequences), address(filter + 1),
                          channels % 2 ? address(bias + 1) : 0, (uint32_t)(kernel % 2), kernel, RAGGED, part ? half : 0,
                          part ? channels : half, s.stride, 1, 1, 1, stride, stride, address(scratch), 64 * kernel) == HEARTH_OK;
  for (int t = 0; t < RAGGED; t++) {
    float *own = state_of(&s, t);
    for (int64_t c = 0; c < channels; c++) {
      float sum = 0, *window = own + c * tail;
      for (int64_t j = 0; j < tail; j++) sum = fmaf(weight_at(filter, c * kernel + j), window[j], sum);
      sum = fmaf(weight_at(filter, c * kernel + tail), x[t * stride + c], sum);
      if (channels % 2) sum += weight_at(bias, c);
      if (tail > 0) memmove(window, window + 1, (size_t)(tail - 1) * 4);
      if (tail > 0) window[tail - 1] = x[t * stride + c];
      ok &= same(out[t * stride + c], kernel % 2 ? sum / (1 + exp_of(-sum)) : sum);
    }
  }
  check(ok && same_states(&s), "convolve", channels, kernel, in_place);
  free_states(&s);
  release(x);
  release(out);
  release(filter);
  release(bias);
  release(scratch);
}

static void scan(int64_t heads, int64_t dim, int64_t n, int64_t groups, int in_place) {
  const int64_t width = heads * dim, stride = width + n % 3, decays = in_place ? 1 : n;
  const float least_step = in_place ? 0.01f : 0, most = in_place ? 3 : INFINITY;
  float *x = draw_rows(width, stride), *out = draw_rows(width, stride), *steps = draw_rows(heads, heads + 1);
  if (in_place) memcpy(out, x, (size_t)(stride * (RAGGED - 1) + width) * 4);
  float *b = draw_rows(groups * n, groups * n), *c = draw_rows(groups * n, groups * n + 2);
  x[width - 1] = INFINITY; /* beside lanes that have no number */
  if (in_place) out[width - 1] = INFINITY;
  uint8_t *decay = draw_weight(heads * decays, 1), *skip = draw_weight(heads, 0), *bias = draw_weight(heads, 0);
  float *scratch = allocate((size_t)(2 * n + 16) * 4);
  states s = fill_states(width * n);
  int ok = 1;
  for (int64_t head = 0; head < heads; head += 2)
    ok &= hearth_scan(cpu, address(out), address(in_place ? out : x), address(steps), address(b), address(c),
                      address(decay + 1), address(skip + 1), in_place ? 0 : address(bias + 1), address(s.pool + s.offset),
                      address(ragged_slots), address(ragged_positions), address(ragged_sequences), least_step, most, heads, dim,
                      n, groups, decays, RAGGED, head, least(head + 2, heads), s.stride, 1, 1, 1, stride, stride, heads + 1,
                      groups * n, groups * n + 2, address(scratch), 4 * (2 * n + 16)) == HEARTH_OK;
  for (int t = 0; t < RAGGED; t++) {
    float *own = state_of(&s, t);
    for (int64_t i = 0; i < width; i++) {
      const int64_t head = i / dim, group = head / (heads / groups);
      const float logit = steps[t * (heads + 1) + head], value = x[t * stride + i];
      float step = softplus_of(in_place ? logit : logit + weight_at(bias, head)), sums[16] = {0};
      step = step > most ? most : step < least_step ? least_step : step;
      for (int64_t k = 0; k < n; k++) {
        const float rate = weight_at(decay, in_place ? head : head * n + k), in = step * b[t * groups * n + group * n + k];
        own[i * n + k] = fmaf(own[i * n + k], exp_of(step * rate), in * value);
        sums[k % 16] = fmaf(own[i * n + k], c[t * (groups * n + 2) + group * n + k], sums[k % 16]);
      }
      for (int k = 0; k < 8; k++) sums[k] += sums[k + 8];
      ok &= same(out[t * stride + i], fmaf(value, weight_at(skip, head), tree(sums)));
    }
  }
  check(ok && same_states(&s), "scan", heads * 1000 + dim, n, in_place);
  free_states(&s);
  release(x);
  release(out);
  release(steps);
  release(b);
  release(c);
  release(decay);
  release(skip);
  release(bias);
  release(scratch);
}

static void normalise_row(float *to, const float *x, int64_t n, float scale) {
  const float r = 1 / sqrtf(float_dot(x, (const uint8_t *)x, n) + 1e-6f);
  for (int64_t i = 0; i < n; i++) to[i] = (x[i] * r) * scale;
}

static void delta(int64_t heads, int64_t key_heads, int64_t n, int64_t dim, uint32_t sharing) {
  const int64_t width = heads * dim, keys_width = key_heads * n;
  float *out = draw_rows(width, width + 1), *values = draw_rows(width, width), *queries = draw_rows(keys_width, keys_width + 3);
  float *keys = draw_rows(keys_width, keys_width), *steps = draw_rows(heads, heads), *beta = draw_rows(heads, heads + 1);
  float *query = allocate((size_t)n * 4), *key = allocate((size_t)n * 4), *scratch = allocate((size_t)(2 * n + 16) * 4);
  uint8_t *decay = draw_weight(heads, 1), *bias = draw_weight(heads, 0);
  states s = fill_states(width * n);
  int ok = 1;
  for (int64_t head = 0; head < heads; head += 2)
    ok &= hearth_delta(cpu, sharing, address(out), address(queries), address(keys), address(values), address(steps),
                       address(beta), address(decay + 1), address(bias + 1), address(s.pool + s.offset), address(ragged_slots),
                       address(ragged_positions), address(ragged_sequences), heads, key_heads, n, dim, RAGGED, head,
                       least(head + 2, heads), s.stride, 1, 1, 1, width + 1, keys_width + 3, keys_width, width, heads,
                       heads + 1, address(scratch), 4 * (2 * n + 16)) == HEARTH_OK;
  for (int t = 0; t < RAGGED; t++) {
    float *all = state_of(&s, t);
    for (int64_t head = 0; head < heads; head++) {
      const int64_t key_head = sharing ? head % key_heads : head / (heads / key_heads);
      normalise_row(query, queries + t * (keys_width + 3) + key_head * n, n, 1 / sqrtf((float)n));
      normalise_row(key, keys + t * keys_width + key_head * n, n, 1);
      const float step = softplus_of(steps[t * heads + head] + weight_at(bias, head));
      const float factor = exp_of(weight_at(decay, head) * step), share = 1 / (1 + exp_of(-beta[t * (heads + 1) + head]));
      for (int64_t j = 0; j < dim; j++) {
        float *own = all + head * n * dim + j, change = 0, result = 0;
        for (int64_t i = 0; i < n; i++) change = fmaf(key[i], own[i * dim] *= factor, change);
        change = (values[t * width + head * dim + j] - change) * share;
        for (int64_t i = 0; i < n; i++) {
          own[i * dim] = fmaf(key[i], change, own[i * dim]);
          result = fmaf(query[i], own[i * dim], result);
        }
        ok &= same(out[t * (width + 1) + head * dim + j], result);
      }
    }
  }
  check(ok && same_states(&s), "delta", heads * 1000 + key_heads, n, dim);
  free_states(&s);
  release(out);
  release(values);
  release(queries);
  release(keys);
  release(steps);
  release(beta);
  release(query);
  release(key);
  release(scratch);
  release(decay);
  release(bias);
}

static void wkv(int64_t channels, int in_place) {
  const int64_t stride = channels + 1, half = (channels + 1) / 2;
  const size_t bytes = (size_t)(stride * (RAGGED - 1) + channels) * 4;
  float *keys = draw_rows(channels, stride), *values = draw_rows(channels, channels), *out = allocate(bytes);
  memcpy(out, keys, bytes);
  uint8_t *decay = draw_weight(channels, 1), *bonus = draw_weight(channels, 0);
  put_f32(decay + 1, 0);
  for (int t = 0; t < RAGGED; t++) keys[t * stride] = out[t * stride] = t % 2 ? 0 : -0.0f; /* as great as what went before */
  states s = fill_states(3 * channels);
  int ok = 1;
  for (int part = 0; part < 2; part++)
    ok &= hearth_wkv(cpu, address(out), address(in_place ? out : keys), address(values), address(decay + 1), address(bonus + 1),
                     address(s.pool + s.offset), address(ragged_slots), address(ragged_positions), address(ragged_sequences),
                     channels, RAGGED, part ? half : 0, part ? channels : half, s.stride, 1, 1, 1, stride, stride, channels) ==
          HEARTH_OK;
  for (int t = 0; t < RAGGED; t++) {
    float *own = state_of(&s, t);
    for (int64_t c = 0; c < channels; c++) {
      float *a = own + c, *b = a + channels, *m = b + channels;
      if (*b == 0) *m = -1e38f;
      const float key = keys[t * stride + c], value = values[t * channels + c], mine = key + weight_at(bonus, c);
      float n = *m > mine ? *m : mine, p = exp_of(*m - n), q = exp_of(mine - n);
      ok &= same(out[t * stride + c], fmaf(*a, p, q * value) / fmaf(*b, p, q));
      const float decayed = *m + weight_at(decay, c);
      n = decayed > key || (decayed == key && !signbit(decayed)) ? decayed : key;
      p = exp_of(decayed - n);
      q = exp_of(key - n);
      *a = fmaf(*a, p, q * value);
      *b = fmaf(*b, p, q);
      *m = n;
    }
  }
  check(ok && same_states(&s), "wkv", channels, in_place, 0);
  free_states(&s);
  release(keys);
  release(values);
  release(out);
  release(decay);
  release(bonus);
}

/* What must not be called, with addresses of any memory. */
static void recurrence_refusals(hearth_ptr o, hearth_ptr a) {
  const int64_t most = INT64_MAX;
#define CONVOLVE(out, kernel, channel0, channel1, stride, bytes) \
  hearth_convolve(cpu, out, a, o, a, a, a, a, 0, 0, kernel, 1, channel0, channel1, stride, 1, 1, 1, 4, 4, o, bytes)
  check(hearth_convolve(NULL, o, a, o, a, a, a, a, 0, 0, 3, 1, 0, 4, 8, 1, 1, 1, 4, 4, o, 192) == HEARTH_BAD_CPU, "null table", 0, 0, 0);
  check(CONVOLVE(0, 3, 0, 4, 8, 192) == HEARTH_BAD_ADDRESS, "null out", 0, 0, 0);
  check(CONVOLVE(o + 2, 3, 0, 4, 8, 192) == HEARTH_BAD_ADDRESS, "odd out", 0, 0, 0);
  check(CONVOLVE(o, 0, 0, 4, 8, 192) == HEARTH_BAD_SHAPE, "no kernel", 0, 0, 0);
  check(CONVOLVE(o, most, 0, 4, most, most) == HEARTH_BAD_SHAPE, "huge kernel", 0, 0, 0);
  check(CONVOLVE(o, 3, 2, 1, 8, 192) == HEARTH_BAD_SHAPE, "channels out of order", 0, 0, 0);
  check(CONVOLVE(o, 3, 0, 5, 10, 192) == HEARTH_BAD_SHAPE, "short rows", 0, 0, 0);
  check(CONVOLVE(o, 3, 0, 4, 7, 192) == HEARTH_BAD_SHAPE, "short slots", 0, 0, 0);
  check(CONVOLVE(o, 3, 0, 4, 8, 191) == HEARTH_BAD_SHAPE, "short scratch", 0, 0, 0);
#undef CONVOLVE
#define SCAN(min, max, heads, n, groups, decays, head1, slot) \
  hearth_scan(cpu, o, a, a, a, a, a, a, 0, o, a, a, a, min, max, heads, 2, n, groups, decays, 1, 0, head1, slot, 1, 1, 1, 8, 8, 4, 6, 6, o, 88)
  check(SCAN(1, 0, 4, 3, 2, 1, 4, 24) == HEARTH_BAD_SHAPE, "steps out of order", 0, 0, 0);
  check(SCAN(0, NAN, 4, 3, 2, 1, 4, 24) == HEARTH_BAD_SHAPE, "no greatest step", 0, 0, 0);
  check(SCAN(0, 1, 4, 3, 3, 1, 4, 24) == HEARTH_BAD_SHAPE, "uneven groups", 0, 0, 0);
  check(SCAN(0, 1, 4, 3, 2, 2, 4, 24) == HEARTH_BAD_SHAPE, "decays", 0, 0, 0);
  check(SCAN(0, 1, 4, 3, 2, 1, 5, 24) == HEARTH_BAD_SHAPE, "too many heads", 0, 0, 0);
  check(SCAN(0, 1, 4, 3, 2, 1, 4, 23) == HEARTH_BAD_SHAPE, "short slots", 0, 0, 0);
  check(SCAN(0, 1, most, 3, 2, 1, 4, most) == HEARTH_BAD_SHAPE, "huge", 0, 0, 0);
  check(SCAN(0, 1, 4, 4, 2, 1, 4, 32) == HEARTH_BAD_SHAPE, "short projections", 0, 0, 0);
#undef SCAN
#define DELTA(sharing, heads, key_heads, dim, slot, bytes) \
  hearth_delta(cpu, sharing, o, a, a, a, a, a, a, a, o, a, a, a, heads, key_heads, 2, dim, 1, 0, 4, slot, 1, 1, 1, 12, 4, 4, 12, 4, 4, o, bytes)
  check(DELTA(2, 4, 2, 3, 24, 80) == HEARTH_BAD_TYPE, "no sharing", 0, 0, 0);
  check(DELTA(0, 4, 3, 3, 24, 80) == HEARTH_BAD_SHAPE, "uneven key heads", 0, 0, 0);
  check(DELTA(0, 3, 1, 3, 24, 80) == HEARTH_BAD_SHAPE, "too few heads", 0, 0, 0);
  check(DELTA(0, 4, 2, 4, 32, 80) == HEARTH_BAD_SHAPE, "short values", 0, 0, 0);
  check(DELTA(0, 4, 2, 3, 23, 80) == HEARTH_BAD_SHAPE, "short slots", 0, 0, 0);
  check(DELTA(0, 4, 2, 3, 24, 79) == HEARTH_BAD_SHAPE, "short scratch", 0, 0, 0);
#undef DELTA
#define WKV(channels, channel1, slot) hearth_wkv(cpu, o, a, a, a, a, o, a, a, a, channels, 1, 0, channel1, slot, 1, 1, 1, 8, 8, 8)
  check(WKV(9, 8, 27) == HEARTH_BAD_SHAPE, "short rows", 0, 0, 0);
  check(WKV(8, 9, 24) == HEARTH_BAD_SHAPE, "too many channels", 0, 0, 0);
  check(WKV(8, 8, 23) == HEARTH_BAD_SHAPE, "short slots", 0, 0, 0);
#undef WKV
}

static void recurrences(void) {
  const int64_t channels[] = {1, 7, 8, 9, 16, 33}, kernels[] = {1, 2, 3, 4, 5, 9};
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < 6; k++) convolve(channels[i], kernels[k], (i + k) % 2);
  for (int i = 0; i < 6; i++) wkv(channels[i], i % 2);
  const int64_t scans[][4] = {{1, 1, 1, 1}, {5, 1, 16, 1}, {4, 1, 8, 2}, {6, 5, 17, 3}, {3, 9, 33, 1}, {4, 8, 31, 4}, {2, 4, 128, 1}, {2, 7, 12, 2}};
  for (int i = 0; i < 8; i++)
    for (int in_place = 0; in_place < 2; in_place++) scan(scans[i][0], scans[i][1], scans[i][2], scans[i][3], in_place);
  const int64_t deltas[][4] = {{1, 1, 1, 1}, {4, 2, 8, 8}, {3, 1, 7, 9}, {6, 2, 17, 33}, {4, 4, 9, 15}, {2, 1, 24, 40}, {2, 2, 5, 100}, {2, 1, 64, 71}};
  for (int i = 0; i < 8; i++)
    for (uint32_t sharing = 0; sharing < 2; sharing++) delta(deltas[i][0], deltas[i][1], deltas[i][2], deltas[i][3], sharing);
}
