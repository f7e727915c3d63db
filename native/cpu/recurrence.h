/* hearth_convolve, hearth_scan, hearth_delta and hearth_wkv over any lanes. States are worked on where they lie. */
#ifndef HEARTH_RECURRENCE_H
#define HEARTH_RECURRENCE_H

#include "functions.h"
#include "rowwise.h"

/* The tokens [first, end) of one sequence, and its numbers. */
typedef struct {
  int64_t first, end;
  uint8_t *state;
  int begins; /* at position 0: what the state holds is not to be read */
} run;

/* The sequence after r, whose end is 0 at first; 0 if there is none. */
INLINE int next_run(const recurrent_call *c, run *r) {
  if (r->end == c->n_rows) return 0;
  r->first = r->end;
  const int32_t sequence = i32_at(c->sequences + r->first * c->sequences_stride);
  while (r->end < c->n_rows && i32_at(c->sequences + r->end * c->sequences_stride) == sequence) r->end++;
  r->state = c->pool + i32_at(c->slots + sequence * c->slots_stride) * c->slot_stride;
  r->begins = i32_at(c->positions + r->first * c->positions_stride) == 0;
  return 1;
}

/* Lanes of `of` numbers each of `from` become `of` vectors of eight lanes; those from n on are 0. */
INLINE void spread(float *to, const uint8_t *from, int n, int64_t of) {
  for (int64_t j = 0; j < of; j++)
    for (int lane = 0; lane < 8; lane++) to[8 * j + lane] = lane < n ? f32_at(from + 4 * (lane * of + j)) : 0;
}

/* Up to eight channels. The window holds kernel - 1 vectors, oldest first. */
INLINE void convolve_lanes(const recurrent_call *c, const run *r, int64_t channel, float *window, float *taps, const int64_t kernel) {
  const int64_t tail = kernel - 1, left = c->task1 - channel;
  const int n = (int)least(8, left);
  uint8_t *state = r->state + 4 * channel * tail;
  spread(taps, c->filter + 4 * channel * kernel, n, kernel);
  if (r->begins)
    memset(window, 0, (size_t)tail * 32);
  else
    spread(window, state, n, tail);
  const f32x8 bias = c->bias ? load_some(c->bias + 4 * channel, left) : f32x8_all(0);
  for (int64_t t = r->first; t < r->end; t++) {
    const f32x8 input = load_some(c->x + t * c->x_stride + 4 * channel, left);
    f32x8 sum = f32x8_all(0);
    UNROLL for (int64_t j = 0; j < tail; j++) sum = f32x8_fma(f32x8_load(taps + 8 * j), f32x8_load(window + 8 * j), sum);
    sum = f32x8_fma(f32x8_load(taps + 8 * tail), input, sum);
    if (c->bias) sum = f32x8_add(sum, bias);
    UNROLL for (int64_t j = 0; j + 1 < tail; j++) f32x8_store(window + 8 * j, f32x8_load(window + 8 * j + 8));
    if (tail > 0) f32x8_store(window + 8 * tail - 8, input);
    store_some(c->out + t * c->out_stride + 4 * channel, c->silu ? f32x8_silu(sum) : sum, left);
  }
  for (int lane = 0; lane < n; lane++)
    for (int64_t j = 0; j < tail; j++) put_f32(state + 4 * (lane * tail + j), window[8 * j + lane]);
}

static void convolve(const recurrent_call *c) {
  for (run r = {.end = 0}; next_run(c, &r);)
    for (int64_t channel = c->task0; channel < c->task1; channel += 8) {
      float window[24], taps[32]; /* of the usual kernels these are registers */
      switch (c->kernel_size) {
        case 3: convolve_lanes(c, &r, channel, window, taps, 3); break;
        case 4: convolve_lanes(c, &r, channel, window, taps, 4); break;
        default: convolve_lanes(c, &r, channel, c->scratch, c->scratch + 8 * c->kernel_size, c->kernel_size);
      }
    }
}

/* Heads and tokens whose steps are worked out at once. */
#define STEP_HEADS 8
#define STEP_TOKENS 32

/* softplus(steps + bias) of tokens [first, end) and of heads from `head` on, as many as there are. */
INLINE void take_steps(const recurrent_call *c, float (*steps)[STEP_HEADS], int64_t first, int64_t end, int64_t head) {
  const int64_t left = c->task1 - head;
  for (int64_t t = first; t < end; t++) {
    const f32x8 logits = load_some(c->steps + t * c->steps_stride + 4 * head, left);
    const f32x8 biased = c->bias ? f32x8_add(logits, load_some(c->bias + 4 * head, left)) : logits;
    f32x8_store(steps[t - first], f32x8_softplus(biased));
  }
}

/* A token's step in `rows` channels of a head: their states, n numbers each, and what comes of them. */
INLINE void scan_channels(const recurrent_call *c, uint8_t *state, uint8_t *out, const uint8_t *x, const uint8_t *reads,
                          const float *keep, const float *in, float skip, const int rows) {
  const f32x8 zero = f32x8_all(0);
  float value[4];
  f32x8 sums[4][2];
  UNROLL for (int p = 0; p < rows; p++) {
    value[p] = f32_at(x + 4 * p);
    sums[p][0] = sums[p][1] = zero;
  }
  int64_t i = 0;
  for (; i + 16 <= c->n_state; i += 16)
    UNROLL for (int half = 0; half < 2; half++) {
      const int64_t at = i + 8 * half;
      const f32x8 k = f32x8_load(keep + at), b = f32x8_load(in + at), read = f32x8_load(reads + 4 * at);
      UNROLL for (int p = 0; p < rows; p++) {
        uint8_t *s = state + 4 * (p * c->n_state + at);
        const f32x8 next = f32x8_fma(f32x8_load(s), k, f32x8_mul(b, f32x8_all(value[p])));
        f32x8_store(s, next);
        sums[p][half] = f32x8_fma(next, read, sums[p][half]);
      }
    }
  UNROLL for (int half = 0; half < 2; half++) {
    const int64_t at = i + 8 * half, left = c->n_state - at;
    if (left <= 0) break;
    const f32x8 k = f32x8_load(keep + at), b = f32x8_load(in + at), read = load_some(reads + 4 * at, left);
    UNROLL for (int p = 0; p < rows; p++) {
      uint8_t *s = state + 4 * (p * c->n_state + at);
      const f32x8 next = f32x8_fma(load_some(s, left), k, f32x8_mul(b, f32x8_all(value[p])));
      store_some(s, next, left);
      /* lanes behind the last: 0, though value is infinite */
      const f32x8 own = left >= 8 ? next : f32x8_first(next, zero, (int)left);
      sums[p][half] = f32x8_fma(own, read, sums[p][half]);
    }
  }
  UNROLL for (int p = 0; p < rows; p++)
    put_f32(out + 4 * p, fma1(value[p], skip, f32x8_sum(f32x8_add(sums[p][0], sums[p][1]))));
}

/* A token's step in a head. Scratch: what is kept of each number, and what is added for an input of 1. */
INLINE void scan_token(const recurrent_call *c, uint8_t *state, int64_t t, int64_t head, float step) {
  const int64_t n = c->n_state, width = (n + 7) / 8 * 8, group = head / (c->n_heads / c->n_groups);
  float *keep = c->scratch, *in = keep + width;
  step = step > c->max_step ? c->max_step : step;
  step = step < c->min_step ? c->min_step : step;
  const f32x8 steps = f32x8_all(step);
  const uint8_t *b = c->b + t * c->b_stride + 4 * group * n, *rates = c->decay + 4 * head * c->n_decay;
  const f32x8 shared = c->n_decay == 1 ? f32x8_exp(f32x8_mul(steps, f32x8_all(f32_at(rates)))) : steps;
  for (int64_t i = 0; i < n; i += 8) {
    f32x8_store(in + i, f32x8_mul(steps, load_some(b + 4 * i, n - i)));
    f32x8_store(keep + i, c->n_decay == 1 ? shared : f32x8_exp(f32x8_mul(steps, load_some(rates + 4 * i, n - i))));
  }
  const uint8_t *reads = c->c + t * c->c_stride + 4 * group * n, *x = c->x + t * c->x_stride + 4 * head * c->head_dim;
  uint8_t *out = c->out + t * c->out_stride + 4 * head * c->head_dim;
  const float skip = f32_at(c->skip + 4 * head);
  int64_t p = 0;
  for (; p + 4 <= c->head_dim; p += 4) scan_channels(c, state + 4 * p * n, out + 4 * p, x + 4 * p, reads, keep, in, skip, 4);
  for (; p < c->head_dim; p++) scan_channels(c, state + 4 * p * n, out + 4 * p, x + 4 * p, reads, keep, in, skip, 1);
}

/* What a token does in a head. */
typedef void head_token(const recurrent_call *c, uint8_t *state, int64_t t, int64_t head, float step);

/* Every token in every head, whose states are [head_dim * n_state]. */
INLINE void each_head(const recurrent_call *c, head_token *token) {
  const int64_t size = 4 * c->head_dim * c->n_state;
  /* small heads: token by token, as the rows of neighbouring tokens often share a set of the first-level cache */
  const int64_t tokens = size <= 1024 ? 1 : STEP_TOKENS;
  float steps[STEP_TOKENS][STEP_HEADS];
  for (run r = {.end = 0}; next_run(c, &r);) {
    if (r.begins) memset(r.state + c->task0 * size, 0, (size_t)((c->task1 - c->task0) * size));
    for (int64_t start = c->task0; start < c->task1; start += STEP_HEADS)
      for (int64_t first = r.first; first < r.end; first += tokens) {
        const int64_t end = least(r.end, first + tokens);
        take_steps(c, steps, first, end, start);
        for (int64_t head = start; head < least(c->task1, start + STEP_HEADS); head++)
          for (int64_t t = first; t < end; t++) token(c, r.state + head * size, t, head, steps[t - first][head - start]);
      }
  }
}

static void scan(const recurrent_call *c) { each_head(c, scan_token); }

/* to = (x * r) * scale, r = 1 / sqrt(sum of squares + 1e-6). */
INLINE void normalise(float *to, const uint8_t *x, int64_t n, float scale) {
  const f32x8 r = f32x8_all(1 / __builtin_sqrtf(squares(x, n) + 1e-6f)), factor = f32x8_all(scale);
  for (int64_t i = 0; i < n; i += 8) f32x8_store(to + i, f32x8_mul(f32x8_mul(load_some(x + 4 * i, n - i), r), factor));
}

/* What a token does with `vectors` times eight columns of a head's state, the last ones perhaps in part. */
INLINE void delta_columns(const recurrent_call *c, uint8_t *state, uint8_t *out, const uint8_t *values, const float *query,
                          const float *key, float factor, float share, int64_t left, const int vectors) {
  const f32x8 keep = f32x8_all(factor);
  f32x8 change[4], result[4];
  UNROLL for (int v = 0; v < vectors; v++) change[v] = result[v] = f32x8_all(0);
  for (int64_t i = 0; i < c->n_state; i++) {
    const f32x8 k = f32x8_all(key[i]);
    UNROLL for (int v = 0; v < vectors; v++) {
      const f32x8 s = load_some(state + 4 * (i * c->head_dim + 8 * v), left - 8 * v);
      change[v] = f32x8_fma(k, f32x8_mul(s, keep), change[v]);
    }
  }
  UNROLL for (int v = 0; v < vectors; v++)
    change[v] = f32x8_mul(f32x8_sub(load_some(values + 32 * v, left - 8 * v), change[v]), f32x8_all(share));
  for (int64_t i = 0; i < c->n_state; i++) {
    const f32x8 k = f32x8_all(key[i]), q = f32x8_all(query[i]);
    UNROLL for (int v = 0; v < vectors; v++) {
      uint8_t *p = state + 4 * (i * c->head_dim + 8 * v);
      const f32x8 s = f32x8_fma(k, change[v], f32x8_mul(load_some(p, left - 8 * v), keep));
      store_some(p, s, left - 8 * v);
      result[v] = f32x8_fma(q, s, result[v]);
    }
  }
  UNROLL for (int v = 0; v < vectors; v++) store_some(out + 32 * v, result[v], left - 8 * v);
}

/* A token's step in a value head; a head's state is [n_state, head_dim]. Scratch: query and key. */
INLINE void delta_token(const recurrent_call *c, uint8_t *state, int64_t t, int64_t head, float step) {
  const int64_t n = c->n_state;
  const int64_t key_head = c->sharing == HEARTH_SHARED_TURNS ? head % c->n_groups : head / (c->n_heads / c->n_groups);
  float *query = c->scratch, *key = query + (n + 7) / 8 * 8;
  normalise(query, c->b + t * c->b_stride + 4 * key_head * n, n, 1 / __builtin_sqrtf((float)n));
  normalise(key, c->c + t * c->c_stride + 4 * key_head * n, n, 1);
  const float factor = exp1(f32_at(c->decay + 4 * head) * step);
  const float share = 1 / (1 + exp1(-f32_at(c->beta + t * c->beta_stride + 4 * head)));
  const uint8_t *values = c->x + t * c->x_stride + 4 * head * c->head_dim;
  uint8_t *out = c->out + t * c->out_stride + 4 * head * c->head_dim;
  int64_t j = 0;
  for (; j + 32 <= c->head_dim; j += 32)
    delta_columns(c, state + 4 * j, out + 4 * j, values + 4 * j, query, key, factor, share, 32, 4);
  for (; j < c->head_dim; j += 8)
    delta_columns(c, state + 4 * j, out + 4 * j, values + 4 * j, query, key, factor, share, c->head_dim - j, 1);
}

static void delta(const recurrent_call *c) { each_head(c, delta_token); }

/* Up to eight channels: sums of values and of weights, both over exp(most), and `most`. */
INLINE void wkv_lanes(const recurrent_call *c, const run *r, int64_t channel) {
  const int64_t left = c->task1 - channel, apart = 4 * c->n_state;
  uint8_t *state = r->state + 4 * channel;
  f32x8 sum = f32x8_all(0), weights = sum, most = sum;
  if (!r->begins) {
    sum = load_some(state, left);
    weights = load_some(state + apart, left);
    most = load_some(state + 2 * apart, left);
  }
  const f32x8 decay = load_some(c->decay + 4 * channel, left), bonus = load_some(c->bias + 4 * channel, left);
  for (int64_t t = r->first; t < r->end; t++) {
    const f32x8 key = load_some(c->c + t * c->c_stride + 4 * channel, left);
    const f32x8 value = load_some(c->x + t * c->x_stride + 4 * channel, left);
    const f32x8 last = f32x8_where_zero(weights, f32x8_all(-1e38f), most);
    const f32x8 own = f32x8_add(key, bonus), n = f32x8_max(last, own);
    f32x8 p = f32x8_exp(f32x8_sub(last, n)), q = f32x8_exp(f32x8_sub(own, n));
    const f32x8 mean = f32x8_div(f32x8_fma(sum, p, f32x8_mul(q, value)), f32x8_fma(weights, p, q));
    store_some(c->out + t * c->out_stride + 4 * channel, mean, left);
    const f32x8 decayed = f32x8_add(last, decay);
    most = f32x8_max_signed(decayed, key);
    p = f32x8_exp(f32x8_sub(decayed, most));
    q = f32x8_exp(f32x8_sub(key, most));
    sum = f32x8_fma(sum, p, f32x8_mul(q, value));
    weights = f32x8_fma(weights, p, q);
  }
  store_some(state, sum, left);
  store_some(state + apart, weights, left);
  store_some(state + 2 * apart, most, left);
}

static void wkv(const recurrent_call *c) {
  for (run r = {.end = 0}; next_run(c, &r);)
    for (int64_t channel = c->task0; channel < c->task1; channel += 8) wkv_lanes(c, &r, channel);
}

#endif
