/* hearth_store and hearth_attend over any lanes.
 *
 * The query heads that share a key head pass together, so that each key and value is read once for them; what lies in one
 * page is a matrix of keys, and its scores a product as in linear_float.h. */
#ifndef HEARTH_ATTENTION_H
#define HEARTH_ATTENTION_H

#include "functions.h"
#include "linear_float.h"
#include "relative.h"
#include "rowwise.h"

#define SEGMENT 256

/* Where the key of a position lies. */
INLINE uint8_t *key_at(const kv_call *c, const uint8_t *table, int64_t position, int64_t head) {
  return c->pool + i32_at(table + 4 * (position / c->page_size)) * c->page_stride +
         (head * c->page_size + position % c->page_size) * c->head_dim * weight_bytes(c->type);
}

INLINE uint8_t *value_at(const kv_call *c, const uint8_t *table, int64_t position, int64_t head) {
  return c->pool + i32_at(table + 4 * (position / c->page_size)) * c->page_stride + c->value_offset +
         (head * c->page_size + position % c->page_size) * c->value_row;
}

INLINE void store_row(uint8_t *to, const uint8_t *x, int64_t n, const int type) {
  if (type == HEARTH_F32) {
    memcpy(to, x, (size_t)n * 4);
    return;
  }
  for (int64_t i = 0; i < n; i += 8) {
    uint8_t halves[16];
    f32x8_store_f16(halves, load_some(x + 4 * i, n - i));
    memcpy(to + 2 * i, halves, (size_t)least(8, n - i) * 2);
  }
}

static void store(const kv_call *c) {
  for (int64_t t = c->task0; t < c->task1; t++) {
    const uint8_t *table = c->pages + i32_at(c->sequences + t * c->sequences_stride) * c->pages_stride;
    const int64_t position = i32_at(c->positions + t * c->positions_stride);
    for (int64_t head = 0; head < c->n_kv_heads; head++) {
      const uint8_t *key = c->keys + t * c->keys_stride + 4 * head * c->head_dim;
      store_row(key_at(c, table, position, head), key, c->head_dim, c->type);
      if (c->values == 0) continue;
      const uint8_t *value = c->values + t * c->values_stride + 4 * head * c->value_dim;
      store_row(value_at(c, table, position, head), value, c->value_dim, c->type);
    }
  }
}

/* One task: the scores, and the weighted values of a segment and of all before it, for each head of a group. */
typedef struct {
  const kv_call *c;
  const uint8_t *table, *queries;
  int64_t group, width, key_head, first_head, position; /* width: value_dim rounded up to lanes */
  float *scores, *part, *result;
} attention;

/* Positions of [start, end) that lie in the same page as start. */
INLINE int64_t run_of(const kv_call *c, int64_t start, int64_t end) {
  return least(c->page_size - start % c->page_size, end - start);
}

INLINE void score(const attention *a, int64_t start, int64_t end) {
  const kv_call *c = a->c;
  const int64_t row = c->head_dim * weight_bytes(c->type);
  for (int64_t p = start; p < end; p += run_of(c, p, end)) {
    const linear_call product = {.out = a->scores + p % SEGMENT,
                                 .w = key_at(c, a->table, p, a->key_head),
                                 .x = a->queries,
                                 .n_in = c->head_dim,
                                 .n_tokens = a->group,
                                 .row1 = run_of(c, p, end),
                                 .out_stride = SEGMENT,
                                 .w_stride = row,
                                 .x_stride = 4 * c->head_dim};
    if (c->type == HEARTH_F32)
      linear_f32(&product);
    else
      linear_f16(&product);
  }
}

/* Adds what scores gain by content and distance. */
INLINE void score_distances(const attention *a, int64_t start, int64_t end, const int type) {
  const kv_call *c = a->c;
  for (int64_t h = 0; h < a->group; h++)
    for (int64_t p = start; p < end; p += run_of(c, p, end))
      relative_run(c, a->scores + h * SEGMENT + p % SEGMENT, a->queries + 4 * h * c->head_dim, key_at(c, a->table, p, a->key_head),
                   a->first_head + h, a->position - p, run_of(c, p, end), type);
}
static void score_distances_f32(const attention *a, int64_t start, int64_t end) { score_distances(a, start, end, HEARTH_F32); }
static void score_distances_f16(const attention *a, int64_t start, int64_t end) { score_distances(a, start, end, HEARTH_F16); }

/* Scores [from, to) of a segment become exp(score - max); returns their sum16 by position. Where there is a slope, distance
 * is that of slot 0 from the query. */
INLINE float soften(const kv_call *c, float *scores, int64_t from, int64_t to, const uint8_t *slope, int64_t distance,
                    float *greatest) {
  static const float steps[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  f32x8 most = f32x8_all(-__builtin_inff());
  for (int64_t i = from; i < to; i += 8) {
    f32x8 v = f32x8_mul(load_some((uint8_t *)(scores + i), to - i), f32x8_all(c->scale));
    if (c->softcap > 0) v = f32x8_softcap(v, c->softcap);
    if (slope) /* whole numbers below 2^24: their sum is exact */
      v = f32x8_fma(f32x8_all(f32_at(slope)), f32x8_add(f32x8_load(steps), f32x8_all((float)(distance + i))), v);
    store_some((uint8_t *)(scores + i), v, to - i);
    most = f32x8_first(f32x8_max(most, v), most, (int)least(8, to - i));
  }
  float lanes[8];
  f32x8_store(lanes, most);
  float max = lanes[0];
  for (int i = 1; i < 8; i++) max = max != max || max > lanes[i] ? max : lanes[i];
  for (int64_t i = from; i < to; i += 8)
    store_some((uint8_t *)(scores + i), f32x8_exp(f32x8_sub(load_some((uint8_t *)(scores + i), to - i), f32x8_all(max))), to - i);
  /* whole groups of sixteen: what isn't seen adds 0 to a sum that is never -0 */
  const int64_t first = from / 16 * 16, last = (to + 15) / 16 * 16;
  for (int64_t i = first; i < from; i++) scores[i] = 0;
  for (int64_t i = to; i < last; i++) scores[i] = 0;
  f32x8 low = f32x8_all(0), high = low;
  for (int64_t i = first; i < last; i += 16) {
    low = f32x8_add(low, f32x8_load(scores + i));
    high = f32x8_add(high, f32x8_load(scores + i + 8));
  }
  *greatest = max;
  return f32x8_sum(f32x8_add(low, high));
}

/* part[h, i] += score * value for H heads and D vectors of a value from element i on, position by position; in the last
 * vector of a value only so many elements are there. */
INLINE void weigh(const attention *a, int64_t h, int64_t i, int64_t start, int64_t run, const uint8_t *value, const int type,
                  const int H, const int D) {
  const int64_t row = a->c->value_row, left = a->c->value_dim - i;
  const float *p = a->scores + h * SEGMENT + start % SEGMENT;
  f32x8 sum[4][8];
  UNROLL for (int j = 0; j < H; j++)
    UNROLL for (int d = 0; d < D; d++) sum[j][d] = f32x8_load(a->part + (h + j) * a->width + i + 8 * d);
  for (int64_t n = 0; n < run; n++) {
    const uint8_t *v = value + n * row + i * weight_bytes(type);
    f32x8 element[8];
    if (D == 1 && left < 8) {
      uint8_t end[32] = {0};
      memcpy(end, v, (size_t)(left * weight_bytes(type)));
      element[0] = load_weights(end, type);
    } else {
      UNROLL for (int d = 0; d < D; d++) element[d] = load_weights(v + 8 * d * weight_bytes(type), type);
    }
    UNROLL for (int j = 0; j < H; j++) {
      const f32x8 weight = f32x8_all(p[j * SEGMENT + n]);
      UNROLL for (int d = 0; d < D; d++) sum[j][d] = f32x8_fma(weight, element[d], sum[j][d]);
    }
  }
  UNROLL for (int j = 0; j < H; j++)
    UNROLL for (int d = 0; d < D; d++) f32x8_store(a->part + (h + j) * a->width + i + 8 * d, sum[j][d]);
}

INLINE void weigh_heads(const attention *a, int64_t h, int64_t start, int64_t run, const uint8_t *value, const int type,
                        const int H, const int D) {
  int64_t i = 0;
  for (; i + 8 * D <= a->c->value_dim; i += 8 * D) weigh(a, h, i, start, run, value, type, H, D);
  for (; i < a->c->value_dim; i += 8) weigh(a, h, i, start, run, value, type, H, 1);
}

INLINE void combine(const attention *a, int64_t start, int64_t end, const int type) {
  const kv_call *c = a->c;
  memset(a->part, 0, (size_t)(a->group * a->width) * 4);
  for (int64_t p = start; p < end; p += run_of(c, p, end)) {
    const uint8_t *value = value_at(c, a->table, p, a->key_head);
    const int64_t run = run_of(c, p, end);
    int64_t h = 0;
    for (; h + 4 <= a->group; h += 4) weigh_heads(a, h, p, run, value, type, 4, 2);
    for (; h + 2 <= a->group; h += 2) weigh_heads(a, h, p, run, value, type, 2, 4);
    if (h < a->group) weigh_heads(a, h, p, run, value, type, 1, 8);
  }
}
static void combine_f32(const attention *a, int64_t start, int64_t end) { combine(a, start, end, HEARTH_F32); }
static void combine_f16(const attention *a, int64_t start, int64_t end) { combine(a, start, end, HEARTH_F16); }

/* result = result * keep + part * gain, as the header says. */
INLINE void merge(const attention *a, int64_t head, float keep, float gain) {
  float *result = a->result + head * a->width, *part = a->part + head * a->width;
  for (int64_t i = 0; i < a->width; i += 8) {
    const f32x8 kept = f32x8_mul(f32x8_load(result + i), f32x8_all(keep));
    f32x8_store(result + i, f32x8_fma(f32x8_load(part + i), f32x8_all(gain), kept));
  }
}

/* Segments from position first to last; leaves the result's denominators in sums. */
INLINE void attend_task(const attention *a, int64_t first, int64_t last, float *maxima, float *sums) {
  for (int64_t start = first; start <= last; start = (start / SEGMENT + 1) * SEGMENT) {
    const int64_t base = start / SEGMENT * SEGMENT, end = least(last + 1, base + SEGMENT);
    score(a, start, end);
    if (a->c->vectors) (a->c->type == HEARTH_F32 ? score_distances_f32 : score_distances_f16)(a, start, end);
    float *segment_max = a->scores + a->group * SEGMENT, *segment_sum = segment_max + a->group;
    for (int64_t h = 0; h < a->group; h++)
      segment_sum[h] = soften(a->c, a->scores + h * SEGMENT, start - base, end - base,
                              a->c->slopes ? a->c->slopes + 4 * (a->first_head + h) : 0, base - a->position, segment_max + h);
    if (a->c->type == HEARTH_F32)
      combine_f32(a, start, end);
    else
      combine_f16(a, start, end);
    for (int64_t h = 0; h < a->group; h++) {
      if (start == first) {
        memcpy(a->result + h * a->width, a->part + h * a->width, (size_t)a->width * 4);
        maxima[h] = segment_max[h];
        sums[h] = segment_sum[h];
        continue;
      }
      const float higher = maxima[h] != maxima[h] || maxima[h] > segment_max[h] ? maxima[h] : segment_max[h];
      const float keep = exp1(maxima[h] - higher), gain = exp1(segment_max[h] - higher);
      merge(a, h, keep, gain);
      sums[h] = fma1(segment_sum[h], gain, sums[h] * keep);
      maxima[h] = higher;
    }
  }
}

/* A sink's score joins the softmax: the result, so far divided by sums, shrinks. */
INLINE void sink(const attention *a, int64_t head, float score, float max, float *sum) {
  const float higher = max != max || max > score ? max : score, keep = exp1(max - higher);
  float *result = a->result + head * a->width;
  for (int64_t i = 0; i < a->width; i += 8) f32x8_store(result + i, f32x8_mul(f32x8_load(result + i), f32x8_all(keep)));
  *sum = *sum * keep + exp1(score - higher);
}

static void attend(const kv_call *c) {
  const int64_t group = c->n_heads / c->n_kv_heads, width = (c->value_dim + 7) / 8 * 8;
  float *scores = c->scratch, *segment = scores + group * SEGMENT, *maxima = segment + 2 * group;
  float *sums = maxima + group, *part = sums + group;
  for (int64_t task = c->task0; task < c->task1; task++) {
    const int64_t t = task / c->n_kv_heads, key_head = task % c->n_kv_heads, first_head = key_head * group;
    const int64_t position = i32_at(c->positions + t * c->positions_stride), chunk = position / c->chunk * c->chunk;
    const int64_t window = position - c->window + 1, first = window > chunk ? window : chunk;
    const int64_t end = least(i32_at(c->ends + t * c->ends_stride), least(position + c->ahead, chunk + c->chunk - 1));
    const attention a = {c,      c->pages + i32_at(c->sequences + t * c->sequences_stride) * c->pages_stride,
                         c->queries + t * c->queries_stride + 4 * first_head * c->head_dim,
                         group,  width,
                         key_head, first_head, position, scores,
                         part,   part + group * width};
    attend_task(&a, first, end, maxima, sums);
    for (int64_t h = 0; h < group; h++) {
      if (c->sinks) sink(&a, h, f32_at(c->sinks + 4 * (first_head + h)), maxima[h], sums + h);
      uint8_t *out = c->out + t * c->out_stride + 4 * (first_head + h) * c->value_dim;
      for (int64_t i = 0; i < c->value_dim; i += 8)
        store_some(out + 4 * i, f32x8_div(f32x8_load(a.result + h * width + i), f32x8_all(sums[h])), c->value_dim - i);
    }
  }
}

#endif
