/* The exported functions with states of fixed size; see entry.c. */
#include "entry.h"

#include <stddef.h>

/* No size is near so great; with it no product of three overflows. */
static int size_fits(int64_t n) { return n > 0 && n <= INT64_C(1) << 20; }

/* Where states are, in elements, as every one of these functions is told. */
typedef struct {
  hearth_ptr pool, slots, positions, sequences, scratch;
  int64_t slot_stride, slots_stride, positions_stride, sequences_stride, scratch_bytes;
} places;

/* Whether tasks task0 to task1 of n_tokens rows make sense with states of n numbers and so many floats of scratch. */
static int places_fit(const places *p, int64_t n, int64_t scratch, int64_t n_tokens, int64_t task0, int64_t task1) {
  return n_tokens >= 0 && task0 >= 0 && task0 <= task1 && (n == 0 || row_words(n, p->slot_stride)) &&
         stride_words(p->slot_stride) && stride_words(p->slots_stride) && stride_words(p->positions_stride) &&
         stride_words(p->sequences_stride) && p->scratch_bytes >= 4 * scratch;
}

static int places_words(const places *p) {
  return words(p->pool) && words(p->slots) && words(p->positions) && words(p->sequences) && (words(p->scratch) || p->scratch_bytes == 0);
}

static void set_places(recurrent_call *c, const places *p, int64_t n_tokens, int64_t task0, int64_t task1) {
  c->pool = at(p->pool);
  c->slots = at(p->slots);
  c->positions = at(p->positions);
  c->sequences = at(p->sequences);
  c->scratch = (float *)(void *)at(p->scratch);
  c->n_rows = n_tokens;
  c->task0 = task0;
  c->task1 = task1;
  c->slot_stride = 4 * p->slot_stride;
  c->slots_stride = 4 * p->slots_stride;
  c->positions_stride = 4 * p->positions_stride;
  c->sequences_stride = 4 * p->sequences_stride;
}

int32_t hearth_convolve(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr pool, hearth_ptr slots,
                        hearth_ptr positions, hearth_ptr sequences, hearth_ptr filter, hearth_ptr bias, uint32_t silu,
                        int64_t kernel_size, int64_t n_tokens, int64_t channel0, int64_t channel1, int64_t slot_stride,
                        int64_t slots_stride, int64_t positions_stride, int64_t sequences_stride, int64_t out_stride,
                        int64_t x_stride, hearth_ptr scratch, int64_t scratch_bytes) {
  const places p = {pool,         slots,            positions,        sequences,    scratch, slot_stride,
                    slots_stride, positions_stride, sequences_stride, scratch_bytes};
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!size_fits(kernel_size) || !row_words(channel1, out_stride) || !row_words(channel1, x_stride) ||
      channel1 > INT64_C(1) << 40 || !places_fit(&p, channel1 * (kernel_size - 1), 16 * kernel_size, n_tokens, channel0, channel1))
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x) || filter == 0 || !places_words(&p)) return HEARTH_BAD_ADDRESS;
  recurrent_call c = {.out = at(out),
                      .x = at(x),
                      .filter = at(filter),
                      .bias = at(bias),
                      .silu = silu,
                      .kernel_size = kernel_size,
                      .out_stride = 4 * out_stride,
                      .x_stride = 4 * x_stride};
  set_places(&c, &p, n_tokens, channel0, channel1);
  cpu->convolve(&c);
  return HEARTH_OK;
}

int32_t hearth_scan(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr steps, hearth_ptr b, hearth_ptr c,
                    hearth_ptr decay, hearth_ptr skip, hearth_ptr step_bias, hearth_ptr pool, hearth_ptr slots,
                    hearth_ptr positions, hearth_ptr sequences, float min_step, float max_step, int64_t n_heads,
                    int64_t head_dim, int64_t n_state, int64_t n_groups, int64_t n_decay, int64_t n_tokens,
                    int64_t head0, int64_t head1, int64_t slot_stride, int64_t slots_stride, int64_t positions_stride,
                    int64_t sequences_stride, int64_t out_stride, int64_t x_stride, int64_t steps_stride,
                    int64_t b_stride, int64_t c_stride, hearth_ptr scratch, int64_t scratch_bytes) {
  const places p = {pool,         slots,            positions,        sequences,    scratch, slot_stride,
                    slots_stride, positions_stride, sequences_stride, scratch_bytes};
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!size_fits(n_heads) || !size_fits(head_dim) || !size_fits(n_state) || !size_fits(n_groups) || n_heads % n_groups != 0 ||
      (n_decay != 1 && n_decay != n_state) || !(min_step <= max_step) || !row_words(n_heads * head_dim, out_stride) ||
      !row_words(n_heads * head_dim, x_stride) || !row_words(n_heads, steps_stride) || !row_words(n_groups * n_state, b_stride) ||
      !row_words(n_groups * n_state, c_stride) || head1 > n_heads ||
      !places_fit(&p, n_heads * head_dim * n_state, 2 * n_state + 16, n_tokens, head0, head1))
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x) || !words(steps) || !words(b) || !words(c) || decay == 0 || skip == 0 || !places_words(&p))
    return HEARTH_BAD_ADDRESS;
  recurrent_call call = {.out = at(out),
                         .x = at(x),
                         .steps = at(steps),
                         .b = at(b),
                         .c = at(c),
                         .bias = at(step_bias),
                         .decay = at(decay),
                         .skip = at(skip),
                         .min_step = min_step,
                         .max_step = max_step,
                         .n_heads = n_heads,
                         .head_dim = head_dim,
                         .n_state = n_state,
                         .n_groups = n_groups,
                         .n_decay = n_decay,
                         .out_stride = 4 * out_stride,
                         .x_stride = 4 * x_stride,
                         .steps_stride = 4 * steps_stride,
                         .b_stride = 4 * b_stride,
                         .c_stride = 4 * c_stride};
  set_places(&call, &p, n_tokens, head0, head1);
  cpu->scan(&call);
  return HEARTH_OK;
}

int32_t hearth_delta(const hearth_cpu *cpu, uint32_t sharing, hearth_ptr out, hearth_ptr queries, hearth_ptr keys,
                     hearth_ptr values, hearth_ptr steps, hearth_ptr beta, hearth_ptr decay, hearth_ptr step_bias,
                     hearth_ptr pool, hearth_ptr slots, hearth_ptr positions, hearth_ptr sequences, int64_t n_heads,
                     int64_t n_key_heads, int64_t key_dim, int64_t value_dim, int64_t n_tokens, int64_t head0,
                     int64_t head1, int64_t slot_stride, int64_t slots_stride, int64_t positions_stride,
                     int64_t sequences_stride, int64_t out_stride, int64_t queries_stride, int64_t keys_stride,
                     int64_t values_stride, int64_t steps_stride, int64_t beta_stride, hearth_ptr scratch,
                     int64_t scratch_bytes) {
  const places p = {pool,         slots,            positions,        sequences,    scratch, slot_stride,
                    slots_stride, positions_stride, sequences_stride, scratch_bytes};
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (sharing > HEARTH_SHARED_TURNS) return HEARTH_BAD_TYPE;
  if (!size_fits(n_heads) || !size_fits(n_key_heads) || n_heads % n_key_heads != 0 || !size_fits(key_dim) || !size_fits(value_dim) ||
      !row_words(n_heads * value_dim, out_stride) || !row_words(n_heads * value_dim, values_stride) ||
      !row_words(n_key_heads * key_dim, queries_stride) || !row_words(n_key_heads * key_dim, keys_stride) ||
      !row_words(n_heads, steps_stride) || !row_words(n_heads, beta_stride) || head1 > n_heads ||
      !places_fit(&p, n_heads * key_dim * value_dim, 2 * key_dim + 16, n_tokens, head0, head1))
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(queries) || !words(keys) || !words(values) || !words(steps) || !words(beta) || decay == 0 ||
      step_bias == 0 || !places_words(&p))
    return HEARTH_BAD_ADDRESS;
  recurrent_call c = {.out = at(out),
                      .x = at(values),
                      .steps = at(steps),
                      .b = at(queries),
                      .c = at(keys),
                      .beta = at(beta),
                      .bias = at(step_bias),
                      .decay = at(decay),
                      .sharing = sharing,
                      .n_heads = n_heads,
                      .head_dim = value_dim,
                      .n_state = key_dim,
                      .n_groups = n_key_heads,
                      .out_stride = 4 * out_stride,
                      .x_stride = 4 * values_stride,
                      .steps_stride = 4 * steps_stride,
                      .b_stride = 4 * queries_stride,
                      .c_stride = 4 * keys_stride,
                      .beta_stride = 4 * beta_stride};
  set_places(&c, &p, n_tokens, head0, head1);
  cpu->delta(&c);
  return HEARTH_OK;
}

int32_t hearth_wkv(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr keys, hearth_ptr values, hearth_ptr decay, hearth_ptr bonus,
                   hearth_ptr pool, hearth_ptr slots, hearth_ptr positions, hearth_ptr sequences, int64_t n_channels,
                   int64_t n_tokens, int64_t channel0, int64_t channel1, int64_t slot_stride, int64_t slots_stride,
                   int64_t positions_stride, int64_t sequences_stride, int64_t out_stride, int64_t keys_stride,
                   int64_t values_stride) {
  const places p = {pool, slots, positions, sequences, 0, slot_stride, slots_stride, positions_stride, sequences_stride, 0};
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n_channels, out_stride) || !row_words(n_channels, keys_stride) || !row_words(n_channels, values_stride) ||
      channel1 > n_channels || !places_fit(&p, 3 * n_channels, 0, n_tokens, channel0, channel1))
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(keys) || !words(values) || decay == 0 || bonus == 0 || !places_words(&p)) return HEARTH_BAD_ADDRESS;
  recurrent_call c = {.out = at(out),
                      .x = at(values),
                      .c = at(keys),
                      .decay = at(decay),
                      .bias = at(bonus),
                      .n_state = n_channels,
                      .out_stride = 4 * out_stride,
                      .x_stride = 4 * values_stride,
                      .c_stride = 4 * keys_stride};
  set_places(&c, &p, n_tokens, channel0, channel1);
  cpu->wkv(&c);
  return HEARTH_OK;
}
