/* hearth_store and hearth_attend over any lanes.
 *
 * The query heads that share a key head pass together, so that each key and value is read once for them; what lies in one
 * page is a matrix of keys, and its scores a product as in linear_float.h. */
#ifndef HEARTH_ATTENTION_H
#define HEARTH_ATTENTION_H

#include "functions.h"
#include "linear_float.h"
#include "quantize.h"
#include "relative.h"
#include "rowwise.h"

#define SEGMENT 256
/* Bytes that are fetched ahead of what is read: of codes of int8, and of other elements. */
#define ATTEND_NEAR 4096
#define ATTEND_FAR 16384
/* The kernel for a type of cache. */
#define BY_TYPE(type, kernel)                                                                                              \
  ((type) == HEARTH_F32 ? kernel##_f32 : (type) == HEARTH_F16 ? kernel##_f16 : (type) == HEARTH_BF16 ? kernel##_bf16 : kernel##_int8)

/* Where the key of a position lies. */
INLINE uint8_t *key_at(const kv_call *c, const uint8_t *table, int64_t position, int64_t head) {
  return c->pool + i32_at(table + 4 * (position / c->page_size)) * c->key_page + head * c->key_head +
         position % c->page_size * c->head_dim * weight_bytes(c->type);
}

INLINE uint8_t *value_at(const kv_call *c, const uint8_t *table, int64_t position, int64_t head) {
  return c->pool + c->value_offset + i32_at(table + 4 * (position / c->page_size)) * c->value_page + head * c->value_head +
         position % c->page_size * c->value_row;
}

/* Scales of CACHE_INT8 from the position's on: behind the rows of its page, of which those of values in the keys are the keys'. */
INLINE uint8_t *key_scales_at(const kv_call *c, const uint8_t *table, int64_t position, int64_t head) {
  return key_at(c, table, position / c->page_size * c->page_size, head) + c->page_size * c->head_dim + position % c->page_size * 4;
}

INLINE uint8_t *value_scales_at(const kv_call *c, const uint8_t *table, int64_t position, int64_t head) {
  if (c->value_offset < c->head_dim) return key_scales_at(c, table, position, head);
  return value_at(c, table, position / c->page_size * c->page_size, head) + c->page_size * c->value_row + position % c->page_size * 4;
}

INLINE void store_row(uint8_t *to, uint8_t *scale, const uint8_t *x, int64_t n, const int type) {
  switch (type) {
    case HEARTH_F32: memcpy(to, x, (size_t)n * 4); break;
    case HEARTH_F16:
      for (int64_t i = 0; i < n; i += 8) {
        uint8_t halves[16];
        f32x8_store_f16(halves, load_some(x + 4 * i, n - i));
        memcpy(to + 2 * i, halves, (size_t)least(8, n - i) * 2);
      }
      break;
    case HEARTH_BF16:
      for (int64_t i = 0; i < n; i++) {
        const uint16_t half = bf16_of(f32_at(x + 4 * i));
        memcpy(to + 2 * i, &half, 2);
      }
      break;
    default: put_f32(scale, quantize_block(to, x, n));
  }
}

/* Where a token's keys and values go is in no cache: all lines are fetched before the first is written. */
INLINE void fetch_lines(const uint8_t *row, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i += 64) prefetch(row, i);
}

INLINE void fetch_token(const kv_call *c, const uint8_t *table, int64_t position) {
  for (int64_t head = 0; head < c->n_kv_heads; head++) {
    fetch_lines(key_at(c, table, position, head), c->head_dim * weight_bytes(c->type));
    if (c->values != 0) fetch_lines(value_at(c, table, position, head), c->value_row);
  }
}

static void store(const kv_call *c) {
  for (int64_t t = c->task0; t < c->task1; t++) {
    const uint8_t *table = c->pages + i32_at(c->sequences + t * c->sequences_stride) * c->pages_stride;
    const int64_t position = i32_at(c->positions + t * c->positions_stride);
    fetch_token(c, table, position);
    for (int64_t head = 0; head < c->n_kv_heads; head++) {
      const uint8_t *key = c->keys + t * c->keys_stride + 4 * head * c->head_dim;
      store_row(key_at(c, table, position, head), key_scales_at(c, table, position, head), key, c->head_dim, c->type);
      if (c->values == 0) continue;
      const uint8_t *value = c->values + t * c->values_stride + 4 * head * c->value_dim;
      store_row(value_at(c, table, position, head), value_scales_at(c, table, position, head), value, c->value_dim, c->type);
    }
  }
}

/* Query heads of a key head for one token, or for several that read the same pages: neighbours of a sequence, or tokens of sequences
 * that begin alike, as far as they do. Rows: all tokens of the first head, then of the next. Of each row the scores and the weighted
 * values of a segment, and the values of all segments before it. */
typedef struct {
  const kv_call *c;
  const uint8_t *table, *queries; /* those of the first token, from the first head on */
  int64_t group, tokens, width, key_head, first_head; /* width: value_dim rounded up to lanes */
  int64_t position[ATTEND_TOKENS], first[ATTEND_TOKENS], last[ATTEND_TOKENS]; /* of each token; what it sees */
  float *scores, *part, *result, *maxima, *sums, *segment_max, *segment_sum;
} attention;

/* Positions of [start, end) that lie in the same page as start. */
INLINE int64_t run_of(const kv_call *c, int64_t start, int64_t end) {
  return least(c->page_size - start % c->page_size, end - start);
}

/* Keys, then values of a segment are read run by run, and those some rows ahead fetched meanwhile; where a run ends, what is read
 * next. */
INLINE int64_t rows_ahead(int64_t run, int64_t row_bytes, int type) {
  const int64_t bytes = type == HEARTH_CACHE_INT8 ? ATTEND_NEAR : ATTEND_FAR;
  return least(run, (bytes + row_bytes - 1) / row_bytes);
}

INLINE const uint8_t *after_keys(const attention *a, int64_t start, int64_t next, int64_t end) {
  return next < end ? key_at(a->c, a->table, next, a->key_head) : value_at(a->c, a->table, start, a->key_head);
}

INLINE const uint8_t *after_values(const attention *a, int64_t next, int64_t end) {
  if (next < end) return value_at(a->c, a->table, next, a->key_head);
  return next <= a->last[0] ? key_at(a->c, a->table, next, a->key_head) : 0;
}

/* Scores, or what they have become, of neighbouring rows from slot on, times scales of as many keys or values. */
INLINE void scale_scores(const attention *a, int64_t row, int64_t rows, int64_t slot, int64_t run, const uint8_t *scales) {
  for (int64_t r = row; r < row + rows; r++)
    for (int64_t i = 0; i < run; i += 16) {
      uint8_t *p = (uint8_t *)(a->scores + r * SEGMENT + slot + i);
      store_some_16(p, f32x16_mul(load_some_16(p, run - i), load_some_16(scales + 4 * i, run - i)), run - i);
    }
}

/* Scores of every row for positions [start, end), seen or not. */
INLINE void score(const attention *a, int64_t start, int64_t end) {
  const kv_call *c = a->c;
  const int64_t row_bytes = c->head_dim * weight_bytes(c->type);
  for (int64_t p = start; p < end; p += run_of(c, p, end)) {
    linear_call product = {.w = key_at(c, a->table, p, a->key_head),
                           .n_in = c->head_dim,
                           .row1 = run_of(c, p, end),
                           .out_stride = SEGMENT,
                           .w_stride = row_bytes,
                           .next = after_keys(a, start, p + run_of(c, p, end), end),
                           .ahead = rows_ahead(run_of(c, p, end), row_bytes, c->type)};
    const int together = a->tokens == 1; /* heads lie side by side; of several tokens those of one head do, at their stride */
    product.n_tokens = together ? a->group : a->tokens;
    product.x_stride = together ? 4 * c->head_dim : c->queries_stride;
    for (int64_t h = 0; h < (together ? 1 : a->group); h++) {
      product.x = a->queries + 4 * h * c->head_dim;
      product.out = a->scores + h * a->tokens * SEGMENT + p % SEGMENT;
      BY_TYPE(c->type, linear)(&product);
    }
    if (c->type == HEARTH_CACHE_INT8)
      scale_scores(a, 0, a->group * a->tokens, p % SEGMENT, product.row1, key_scales_at(c, a->table, p, a->key_head));
  }
}

/* Adds what scores gain by content and distance. */
INLINE void score_distances(const attention *a, int64_t start, int64_t end, const int type) {
  const kv_call *c = a->c;
  for (int64_t h = 0; h < a->group; h++)
    for (int64_t p = start; p < end; p += run_of(c, p, end))
      relative_run(c, a->scores + h * SEGMENT + p % SEGMENT, a->queries + 4 * h * c->head_dim, key_at(c, a->table, p, a->key_head),
                   key_scales_at(c, a->table, p, a->key_head), a->first_head + h, a->position[0] - p, run_of(c, p, end), type);
}
static void score_distances_f32(const attention *a, int64_t start, int64_t end) { score_distances(a, start, end, HEARTH_F32); }
static void score_distances_f16(const attention *a, int64_t start, int64_t end) { score_distances(a, start, end, HEARTH_F16); }
static void score_distances_bf16(const attention *a, int64_t start, int64_t end) { score_distances(a, start, end, HEARTH_BF16); }
static void score_distances_int8(const attention *a, int64_t start, int64_t end) { score_distances(a, start, end, HEARTH_CACHE_INT8); }

/* Scores [from, to) of a segment become exp(score - max); returns their sum16 by position. Where there is a slope, distance
 * is that of slot 0 from the query. */
INLINE float soften(const kv_call *c, float *scores, int64_t from, int64_t to, const uint8_t *slope, int64_t distance,
                    float *greatest) {
  static const float steps[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  f32x16 most = f32x16_all(-__builtin_inff());
  for (int64_t i = from; i < to; i += 16) {
    f32x16 v = f32x16_mul(load_some_16((uint8_t *)(scores + i), to - i), f32x16_all(c->scale));
    if (c->softcap > 0) v = f32x16_softcap(v, c->softcap);
    if (slope) /* whole numbers below 2^24: their sum is exact */
      v = f32x16_fma(f32x16_all(f32_at(slope)), f32x16_add(f32x16_load(steps), f32x16_all((float)(distance + i))), v);
    store_some_16((uint8_t *)(scores + i), v, to - i);
    most = to - i < 16 ? f32x16_first(f32x16_max(most, v), most, (int)(to - i)) : f32x16_max(most, v);
  }
  const float max = f32x16_most(most);
  for (int64_t i = from; i < to; i += 16)
    store_some_16((uint8_t *)(scores + i), f32x16_exp(f32x16_sub(load_some_16((uint8_t *)(scores + i), to - i), f32x16_all(max))), to - i);
  /* whole groups of sixteen: what isn't seen adds 0 to a sum that is never -0 */
  const int64_t first = from / 16 * 16, last = (to + 15) / 16 * 16;
  for (int64_t i = first; i < from; i++) scores[i] = 0;
  for (int64_t i = to; i < last; i++) scores[i] = 0;
  f32x16 sum = f32x16_zero();
  for (int64_t i = first; i < last; i += 16) sum = f32x16_add(sum, f32x16_load(scores + i));
  *greatest = max;
  return f32x16_sum(sum);
}

/* part[row + j, i] += score * value for H rows and D vectors of a value from element i on, position by position; in the
 * last vector of a value only so many elements are there. */
INLINE void weigh(const attention *a, int64_t row, int64_t i, int64_t start, int64_t run, const uint8_t *value, const uint8_t *next,
                  const int type, const int H, const int D) {
  const int64_t stride = a->c->value_row, left = a->c->value_dim - i, ahead = rows_ahead(run, stride, type);
  const float *p = a->scores + row * SEGMENT + start % SEGMENT;
  float *part = a->part + row * a->width + i;
  f32x16 sum[4][8];
  UNROLL for (int j = 0; j < H; j++) UNROLL for (int d = 0; d < D; d++) sum[j][d] = f32x16_load(part + j * a->width + 16 * d);
  for (int64_t n = 0; n < run; n++) {
    const uint8_t *v = value + n * stride + i * weight_bytes(type);
    f32x16 element[8];
    if (next != 0) {
      const uint8_t *fetched = n + ahead < run ? value + (n + ahead) * stride : next + (n + ahead - run) * stride;
      UNROLL for (int d = 0; d < D; d += 4 / (int)weight_bytes(type)) fetch_elements(fetched, (i + 16 * d) * weight_bytes(type), type);
    }
    if (D == 1 && left < 16) {
      uint8_t end[64] = {0};
      memcpy(end, v, (size_t)(left * weight_bytes(type)));
      element[0] = load_weights_16(end, type);
    } else {
      UNROLL for (int d = 0; d < D; d++) element[d] = load_weights_16(v + 16 * d * weight_bytes(type), type);
    }
    UNROLL for (int j = 0; j < H; j++) {
      const f32x16 weight = f32x16_all(p[j * SEGMENT + n]);
      UNROLL for (int d = 0; d < D; d++) sum[j][d] = f32x16_fma(weight, element[d], sum[j][d]);
    }
  }
  UNROLL for (int j = 0; j < H; j++) UNROLL for (int d = 0; d < D; d++) f32x16_store(part + j * a->width + 16 * d, sum[j][d]);
}

/* What registers hold beside each other: of four rows, of two, of one. */
#if defined(__AVX512F__)
#define WEIGHED_FOUR 4
#define WEIGHED_TWO 8
#define WEIGHED_ONE 8
#else
#define WEIGHED_FOUR 1
#define WEIGHED_TWO 2
#define WEIGHED_ONE 4
#endif

INLINE void weigh_rows(const attention *a, int64_t row, int64_t start, int64_t run, const uint8_t *value, const uint8_t *next,
                       const int type, const int H, const int D) {
  int64_t i = 0;
  for (; i + 16 * D <= a->c->value_dim; i += 16 * D) weigh(a, row, i, start, run, value, next, type, H, D);
  for (; i < a->c->value_dim; i += 16) weigh(a, row, i, start, run, value, next, type, H, 1);
}

/* Positions [start, end) for rows neighbouring rows. */
INLINE void combine_run(const attention *a, int64_t row, int64_t rows, int64_t start, int64_t end, const int type) {
  const kv_call *c = a->c;
  for (int64_t p = start; p < end; p += run_of(c, p, end)) {
    const uint8_t *value = value_at(c, a->table, p, a->key_head);
    const int64_t run = run_of(c, p, end);
    int64_t r = row;
    const uint8_t *next = row == 0 ? after_values(a, p + run, end) : 0;
    if (type == HEARTH_CACHE_INT8) scale_scores(a, row, rows, p % SEGMENT, run, value_scales_at(c, a->table, p, a->key_head));
    for (; r + 4 <= row + rows; r += 4) weigh_rows(a, r, p, run, value, r == 0 ? next : 0, type, 4, WEIGHED_FOUR);
    for (; r + 2 <= row + rows; r += 2) weigh_rows(a, r, p, run, value, r == 0 ? next : 0, type, 2, WEIGHED_TWO);
    if (r < row + rows) weigh_rows(a, r, p, run, value, r == 0 ? next : 0, type, 1, WEIGHED_ONE);
  }
}
static void combine_f32(const attention *a, int64_t row, int64_t rows, int64_t start, int64_t end) {
  combine_run(a, row, rows, start, end, HEARTH_F32);
}
static void combine_f16(const attention *a, int64_t row, int64_t rows, int64_t start, int64_t end) {
  combine_run(a, row, rows, start, end, HEARTH_F16);
}
static void combine_bf16(const attention *a, int64_t row, int64_t rows, int64_t start, int64_t end) {
  combine_run(a, row, rows, start, end, HEARTH_BF16);
}
static void combine_int8(const attention *a, int64_t row, int64_t rows, int64_t start, int64_t end) {
  combine_run(a, row, rows, start, end, HEARTH_CACHE_INT8);
}

/* What token t sees of the segment at base. */
INLINE int64_t seen_from(const attention *a, int64_t t, int64_t base) { return a->first[t] > base ? a->first[t] : base; }
INLINE int64_t seen_to(const attention *a, int64_t t, int64_t base) { return least(a->last[t] + 1, base + SEGMENT); }

/* Values of a segment, for each row in order of position: together where all tokens see them, else row by row. */
INLINE void combine(const attention *a, int64_t base) {
  void (*const run)(const attention *, int64_t, int64_t, int64_t, int64_t) = BY_TYPE(a->c->type, combine);
  const int64_t rows = a->group * a->tokens;
  int64_t from = base, to = base + SEGMENT;
  for (int64_t t = 0; t < a->tokens; t++) {
    from = seen_from(a, t, base) > from ? seen_from(a, t, base) : from;
    to = least(to, seen_to(a, t, base));
  }
  memset(a->part, 0, (size_t)(rows * a->width) * 4);
  if (from >= to) {
    for (int64_t r = 0; r < rows; r++) run(a, r, 1, seen_from(a, r % a->tokens, base), seen_to(a, r % a->tokens, base));
    return;
  }
  for (int64_t r = 0; r < rows; r++) run(a, r, 1, seen_from(a, r % a->tokens, base), from);
  run(a, 0, rows, from, to);
  for (int64_t r = 0; r < rows; r++) run(a, r, 1, to, seen_to(a, r % a->tokens, base));
}

/* result = result * keep + part * gain, as the header says. */
INLINE void merge(const attention *a, int64_t row, float keep, float gain) {
  float *result = a->result + row * a->width, *part = a->part + row * a->width;
  for (int64_t i = 0; i < a->width; i += 16) {
    const f32x16 kept = f32x16_mul(f32x16_load(result + i), f32x16_all(keep));
    f32x16_store(result + i, f32x16_fma(f32x16_load(part + i), f32x16_all(gain), kept));
  }
}

/* A row's part of a segment joins its result, of which it is the first or not. */
INLINE void join(const attention *a, int64_t row, int begins) {
  float *max = a->maxima + row, *sum = a->sums + row;
  if (begins) {
    memcpy(a->result + row * a->width, a->part + row * a->width, (size_t)a->width * 4);
    *max = a->segment_max[row];
    *sum = a->segment_sum[row];
    return;
  }
  const float higher = *max != *max || *max > a->segment_max[row] ? *max : a->segment_max[row];
  const float keep = exp1(*max - higher), gain = exp1(a->segment_max[row] - higher);
  merge(a, row, keep, gain);
  *sum = fma1(a->segment_sum[row], gain, *sum * keep);
  *max = higher;
}

/* Positions [start, end) of the segment at base: of every row that sees some of them its part, greatest score and sum. */
INLINE void attend_segment(const attention *a, int64_t start, int64_t end, int64_t base) {
  const kv_call *c = a->c;
  score(a, start, end);
  if (c->vectors) BY_TYPE(c->type, score_distances)(a, start, end);
  for (int64_t r = 0; r < a->group * a->tokens; r++) {
    const int64_t t = r % a->tokens, from = seen_from(a, t, base), to = seen_to(a, t, base);
    if (from < to)
      a->segment_sum[r] = soften(c, a->scores + r * SEGMENT, from - base, to - base,
                                 c->slopes ? c->slopes + 4 * (a->first_head + r / a->tokens) : 0, base - a->position[t],
                                 a->segment_max + r);
  }
  combine(a, base);
}

/* All segments that any of the tokens sees, of those from a position on. */
INLINE void attend_rows(const attention *a, int64_t from) {
  int64_t first = a->first[0], last = a->last[0];
  for (int64_t t = 1; t < a->tokens; t++) {
    first = least(first, a->first[t]);
    last = a->last[t] > last ? a->last[t] : last;
  }
  for (int64_t start = first > from ? first : from; start <= last; start = (start / SEGMENT + 1) * SEGMENT) {
    const int64_t base = start / SEGMENT * SEGMENT;
    attend_segment(a, start, least(last + 1, base + SEGMENT), base);
    for (int64_t r = 0; r < a->group * a->tokens; r++) {
      const int64_t t = r % a->tokens;
      if (seen_from(a, t, base) < seen_to(a, t, base)) join(a, r, a->first[t] >= base);
    }
  }
}

/* Where segment p of a token's row is kept until all are there: greatest score, sum, and from element 16 on the values. */
INLINE float *part_of(const attention *a, int64_t t, int64_t row, int64_t p) {
  return a->c->parts + ((t * a->c->n_heads + a->first_head + row) * a->c->n_parts + p) * (16 + a->width);
}

/* One segment of one token, if it sees so many. */
INLINE void keep_part(const attention *a, int64_t t, int64_t p) {
  const int64_t base = (a->first[0] / SEGMENT + p) * SEGMENT;
  if (base > a->last[0]) return;
  attend_segment(a, seen_from(a, 0, base), seen_to(a, 0, base), base);
  for (int64_t r = 0; r < a->group; r++) {
    float *part = part_of(a, t, r, p);
    part[0] = a->segment_max[r];
    part[1] = a->segment_sum[r];
    memcpy(part + 16, a->part + r * a->width, (size_t)a->width * 4);
  }
}

/* The segments of one token that were kept, in order. */
INLINE void join_parts(const attention *a, int64_t t) {
  const int64_t first = a->first[0] / SEGMENT;
  for (int64_t p = 0; p < a->c->n_parts && (first + p) * SEGMENT <= a->last[0]; p++)
    for (int64_t r = 0; r < a->group; r++) {
      const float *part = part_of(a, t, r, p);
      a->segment_max[r] = part[0];
      a->segment_sum[r] = part[1];
      memcpy(a->part + r * a->width, part + 16, (size_t)a->width * 4);
      join(a, r, p == 0);
    }
}

/* A sink's score joins the softmax: the result, so far divided by sums, shrinks. */
INLINE void sink(const attention *a, int64_t head, float score, float max, float *sum) {
  const float higher = max != max || max > score ? max : score, keep = exp1(max - higher);
  float *result = a->result + head * a->width;
  for (int64_t i = 0; i < a->width; i += 16) f32x16_store(result + i, f32x16_mul(f32x16_load(result + i), f32x16_all(keep)));
  *sum = *sum * keep + exp1(score - higher);
}

/* The row's result, divided. */
INLINE void put_result(const attention *a, int64_t row, uint8_t *out) {
  const float *result = a->result + row * a->width;
  for (int64_t i = 0; i < a->c->value_dim; i += 16)
    store_some_16(out + 4 * i, f32x16_div(f32x16_load(result + i), f32x16_all(a->sums[row])), a->c->value_dim - i);
}

/* How many tokens from t on, most at most, follow one another in one sequence. */
INLINE int64_t neighbours(const kv_call *c, int64_t t, int64_t most) {
  const int32_t sequence = i32_at(c->sequences + t * c->sequences_stride), position = i32_at(c->positions + t * c->positions_stride);
  int64_t n = 1;
  while (n < most && i32_at(c->sequences + (t + n) * c->sequences_stride) == sequence &&
         i32_at(c->positions + (t + n) * c->positions_stride) == position + n)
    n++;
  return n;
}

/* The pages of token t's sequence. */
INLINE const uint8_t *table_of(const kv_call *c, int64_t t) { return c->pages + i32_at(c->sequences + t * c->sequences_stride) * c->pages_stride; }

/* What token t sees: from the first position to the last. */
INLINE int64_t first_seen(const kv_call *c, int64_t t) {
  const int64_t position = i32_at(c->positions + t * c->positions_stride), chunk = position / c->chunk * c->chunk;
  return position - c->window + 1 > chunk ? position - c->window + 1 : chunk;
}
INLINE int64_t last_seen(const kv_call *c, int64_t t) {
  const int64_t position = i32_at(c->positions + t * c->positions_stride), chunk = position / c->chunk * c->chunk;
  return least(i32_at(c->ends + t * c->ends_stride), least(position + c->ahead, chunk + c->chunk - 1));
}

/* How many of the first segments, most at most, tokens t and u see whole and in the same pages. */
INLINE int64_t alike(const kv_call *c, int64_t t, int64_t u, int64_t most) {
  if (first_seen(c, t) > 0 || first_seen(c, u) > 0) return 0;
  const int64_t whole = least(most, least(last_seen(c, t) + 1, last_seen(c, u) + 1) / SEGMENT);
  const uint8_t *a = table_of(c, t), *b = table_of(c, u);
  int64_t pages = 0;
  while (pages * c->page_size < whole * SEGMENT && i32_at(a + 4 * pages) == i32_at(b + 4 * pages)) pages++;
  return least(whole, pages * c->page_size / SEGMENT);
}

/* How many tokens from t on, most at most, go over the segments that they share together; the more of them, the fewer these may be. */
INLINE int64_t companions(const kv_call *c, int64_t t, int64_t most, int64_t *shared) {
  int64_t n = 1;
  *shared = 0;
  for (; n < most; n++) {
    const int64_t both = alike(c, t, t + n, n == 1 ? INT64_MAX / SEGMENT : *shared);
    if (both == 0 || both * n < *shared * (n - 1)) break; /* segments that needn't be read again */
    *shared = both;
  }
  return n;
}

/* The query heads of a key head for tokens from t on. */
INLINE attention attention_of(const kv_call *c, int64_t key_head, int64_t t, int64_t tokens, int64_t most) {
  const int64_t group = c->n_heads / c->n_kv_heads, width = (c->value_dim + 15) / 16 * 16, rows = group * most;
  attention a = {.c = c,
                 .table = table_of(c, t),
                 .queries = c->queries + t * c->queries_stride + 4 * key_head * group * c->head_dim,
                 .group = group,
                 .tokens = tokens,
                 .width = width,
                 .key_head = key_head,
                 .first_head = key_head * group,
                 .scores = c->scratch,
                 .segment_max = c->scratch + rows * SEGMENT,
                 .segment_sum = c->scratch + rows * (SEGMENT + 1),
                 .maxima = c->scratch + rows * (SEGMENT + 2),
                 .sums = c->scratch + rows * (SEGMENT + 3),
                 .part = c->scratch + rows * (SEGMENT + 4),
                 .result = c->scratch + rows * (SEGMENT + 4 + width)};
  for (int64_t i = 0; i < tokens; i++) {
    a.position[i] = i32_at(c->positions + (t + i) * c->positions_stride);
    a.first[i] = first_seen(c, t + i);
    a.last[i] = last_seen(c, t + i);
  }
  return a;
}

INLINE void attend_parts(const kv_call *c) {
  for (int64_t task = c->task0; task < c->task1; task++) {
    const int64_t t = task / c->n_parts % c->n_tokens;
    const attention a = attention_of(c, task / c->n_parts / c->n_tokens, t, 1, 1);
    keep_part(&a, t, task % c->n_parts);
  }
}

/* The results of the tokens from t on. */
INLINE void put_results(const attention *a, int64_t t) {
  const kv_call *c = a->c;
  for (int64_t r = 0; r < a->group * a->tokens; r++) {
    const int64_t head = a->first_head + r / a->tokens;
    if (c->sinks) sink(a, r, f32_at(c->sinks + 4 * head), a->maxima[r], a->sums + r);
    put_result(a, r, c->out + (t + r % a->tokens) * c->out_stride + 4 * head * c->value_dim);
  }
}

/* Tokens from t on: the first segments, shared by all, together, then each on its own. */
INLINE void attend_sharing(const attention *a, int64_t t, int64_t shared, int64_t most) {
  attention all = *a;
  all.result = a->result + a->group * most * a->width;
  all.maxima = all.result + a->group * most * a->width;
  all.sums = all.maxima + a->group * most;
  for (int64_t base = 0; base < shared * SEGMENT; base += SEGMENT) {
    attend_segment(&all, base, base + SEGMENT, base);
    for (int64_t r = 0; r < a->group * a->tokens; r++) join(&all, r, base == 0);
  }
  for (int64_t i = 0; i < a->tokens; i++) {
    const attention one = attention_of(a->c, a->key_head, t + i, 1, most);
    for (int64_t h = 0; h < a->group; h++) {
      const int64_t r = h * a->tokens + i;
      memcpy(one.result + h * a->width, all.result + r * a->width, (size_t)a->width * 4);
      one.maxima[h] = all.maxima[r];
      one.sums[h] = all.sums[r];
    }
    attend_rows(&one, shared * SEGMENT);
    put_results(&one, t + i);
  }
}

static void attend(const kv_call *c) {
  if (c->stage == HEARTH_ATTEND_PARTS) {
    attend_parts(c);
    return;
  }
  const int64_t group = c->n_heads / c->n_kv_heads;
  const int64_t most = group <= ATTEND_GROUP && !c->vectors && c->stage == HEARTH_ATTEND_WHOLE ? ATTEND_TOKENS : 1;
  for (int64_t task = c->task0, tokens; task < c->task1; task += tokens) {
    const int64_t t = task % c->n_tokens, key_head = task / c->n_tokens;
    const int64_t there = least(most, least(c->n_tokens - t, c->task1 - task));
    int64_t shared = 0;
    tokens = neighbours(c, t, there);
    if (tokens == 1) tokens = companions(c, t, there, &shared);
    const attention a = attention_of(c, key_head, t, tokens, most);
    if (shared > 0) {
      attend_sharing(&a, t, shared, most);
      continue;
    }
    if (c->stage == HEARTH_ATTEND_WHOLE)
      attend_rows(&a, 0);
    else
      join_parts(&a, t);
    put_results(&a, t);
  }
}

#endif
