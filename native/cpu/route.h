/* The choice of experts, over any lanes. */
#ifndef HEARTH_ROUTE_H
#define HEARTH_ROUTE_H

#include "rowwise.h"

/* exp(v - max) / sum, in place, max and sum in order. */
INLINE void softmax(float *v, int64_t n) {
  float most = -__builtin_inff(), sum = 0;
  for (int64_t i = 0; i < n; i++) most = most != most || most > v[i] ? most : v[i];
  for (int64_t i = 0; i < n; i += 8)
    store_some((uint8_t *)(v + i), f32x8_exp(f32x8_sub(load_some((uint8_t *)(v + i), n - i), f32x8_all(most))), n - i);
  for (int64_t i = 0; i < n; i++) sum += v[i];
  for (int64_t i = 0; i < n; i++) v[i] /= sum;
}

INLINE void sigmoid(float *v, int64_t n) {
  for (int64_t i = 0; i < n; i += 8) {
    const f32x8 e = f32x8_exp(f32x8_negate(load_some((uint8_t *)(v + i), n - i)));
    store_some((uint8_t *)(v + i), f32x8_div(f32x8_all(1), f32x8_add(f32x8_all(1), e)), n - i);
  }
}

/* The first of the greatest values whose mark is `open`, which then becomes `taken`. */
INLINE int64_t take_best(const float *v, float *marks, int64_t n, float open, float taken) {
  int64_t best = -1;
  for (int64_t i = 0; i < n; i++)
    if (marks[i] == open && (best < 0 || v[i] > v[best])) best = i;
  marks[best] = taken;
  return best;
}

/* Marks 0 become 1 for the experts of the groups that rank highest. */
INLINE void open_groups(const route_call *c, const float *choice, float *marks, float *ranks) {
  const int64_t size = c->n / c->n_groups;
  for (int64_t g = 0; g < c->n_groups; g++) {
    ranks[g] = choice[g * size + take_best(choice + g * size, marks + g * size, size, 0, 2)];
    if (c->n_ranking == 2) ranks[g] += choice[g * size + take_best(choice + g * size, marks + g * size, size, 0, 2)];
  }
  for (int64_t e = 0; e < c->n; e++) marks[e] = 0;
  for (int64_t i = 0; i < c->n_used; i++) {
    int64_t best = -1;
    for (int64_t g = 0; g < c->n_groups; g++)
      if (marks[g * size] == 0 && (best < 0 || ranks[g] > ranks[best])) best = g;
    for (int64_t e = 0; e < size; e++) marks[best * size + e] = 1;
  }
}

INLINE void weigh_chosen(const route_call *c, float *chosen) {
  const int64_t n = c->n_chosen;
  if (c->scoring == HEARTH_LOGIT_THEN_SOFTMAX) softmax(chosen, n);
  if (c->scoring == HEARTH_LOGIT_THEN_SIGMOID) sigmoid(chosen, n);
  float sum = 0;
  for (int64_t j = 0; j < n; j++) sum += chosen[j];
  sum += c->epsilon;
  for (int64_t j = 0; c->normalised && j < n; j++) chosen[j] /= sum;
  for (int64_t j = 0; j < n; j++) chosen[j] *= c->scale;
}

/* Scratch: scores, those with bias, marks, and ranks of groups, which then give way to the weights chosen. */
static void route(const route_call *c) {
  float *score = c->scratch, *choice = score + c->n, *marks = choice + c->n, *chosen = marks + c->n;
  for (int64_t t = 0; t < c->n_rows; t++) {
    memcpy(score, c->logits + t * c->logits_stride, (size_t)c->n * 4);
    if (c->scoring == HEARTH_SOFTMAX) softmax(score, c->n);
    if (c->scoring == HEARTH_SIGMOID) sigmoid(score, c->n);
    for (int64_t e = 0; e < c->n; e++) {
      choice[e] = c->bias ? score[e] + f32_at(c->bias + 4 * e) : score[e];
      marks[e] = 0;
    }
    open_groups(c, choice, marks, chosen);
    uint8_t *experts = c->experts + t * c->experts_stride;
    for (int64_t j = 0; j < c->n_chosen; j++) {
      const int32_t index = (int32_t)take_best(choice, marks, c->n, 1, 2);
      memcpy(experts + 4 * j, &index, 4);
      chosen[j] = score[index];
    }
    weigh_chosen(c, chosen);
    memcpy(c->weights + t * c->weights_stride, chosen, (size_t)c->n_chosen * 4);
  }
}

#endif
