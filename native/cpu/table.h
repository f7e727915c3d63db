/* What each instruction set fills in: the table behind `const hearth_cpu *`. Arguments are checked before these run.
 *
 * A set is one translation unit, isa_*.c. Where its first comment has a line `architecture: flags`, it is built for that
 * architecture alone and with those flags; build.py and test/run.sh read it. Nothing else may be built with them. */
#ifndef HEARTH_TABLE_H
#define HEARTH_TABLE_H

#include "hearth_cpu.h"

#define HEARTH_TYPES 29 /* element types in hearth_cpu.h */
#define HEARTH_ACTIVATIONS 7

/* Neighbouring tokens of a sequence that attend together where a key head has no more than so many query heads. */
#define ATTEND_TOKENS 6
#define ATTEND_GROUP 8

/* Strides of all calls but linear_call's out are bytes. */
typedef struct {
  uint8_t *out;
  const uint8_t *x;
  int64_t n_in, n_tokens, out_stride, x_stride;
} quantize_call;

typedef struct {
  float *out;
  const uint8_t *w, *x;
  uint8_t *scratch;
  int64_t n_in, n_tokens, row0, row1, out_stride, w_stride, x_stride, scratch_bytes; /* out_stride in elements */
  const uint8_t *next; /* what is read after the last row; null for what lies behind */
  int64_t ahead;       /* with next: how many rows ahead are fetched, at most all */
} linear_call;

typedef struct {
  uint8_t *out;
  const uint8_t *w, *ids;
  float scale;
  int64_t n, n_rows, out_stride, w_stride, ids_stride;
} embed_call;

typedef struct {
  uint8_t *out, *residual;
  const uint8_t *delta, *weight, *bias; /* delta may be null; bias is a layer norm's and may be null */
  float epsilon;
  int64_t n, group, n_rows, out_stride, residual_stride, delta_stride;
} norm_call;

/* out from x and perhaps y, rows of n; what y and weights are is the operation's affair. */
typedef struct {
  uint8_t *out;
  const uint8_t *x, *y, *weights;
  float factor, limit;
  int64_t n, n_rows, out_stride, x_stride, y_stride, weights_stride;
} rows_call;

typedef struct {
  uint8_t *out;
  const uint8_t *x;
  int64_t size, n;
} maxima_call;

/* a to d: what the function's record has, in order. */
typedef struct {
  uint8_t *out;
  const uint8_t *x;
  uint32_t function;
  float a, b, c, d;
  int64_t n, n_rows, out_stride, x_stride;
} map_call;

typedef struct {
  uint8_t *out;
  const uint8_t *x, *weights;
  int64_t n_out, n_in, n, n_rows, out_stride, x_stride, weights_stride;
} mix_call;

typedef struct {
  uint8_t *inout;
  const uint8_t *positions, *table;
  uint32_t pairing;
  int64_t n, head_dim, pairs, n_rows, inout_stride, positions_stride, table_stride;
} rotate_call;

typedef struct {
  uint8_t *experts, *weights;
  const uint8_t *logits, *bias; /* bias may be null */
  float *scratch;
  uint32_t scoring, normalised;
  float epsilon, scale;
  int64_t n, n_groups, n_used, n_ranking, n_chosen, n_rows, experts_stride, weights_stride, logits_stride;
} route_call;

/* Of store: keys and values; of attend: out, queries, n_heads to window, relative_keys to reach, scratch. pool is where layer and
 * head 0 begin. vectors is null where no score goes by distance. */
typedef struct {
  uint8_t *pool, *out;
  const uint8_t *pages, *positions, *sequences, *ends, *keys, *values, *queries, *sinks, *slopes; /* values, sinks, slopes may be null */
  const uint8_t *relative_keys, *relative_queries, *vectors; /* each may be null */
  float *scratch, *parts;
  int type;
  uint32_t stage;
  float scale, softcap;
  int64_t n_heads, n_kv_heads, head_dim, value_dim, value_offset, value_row, window, ahead, chunk, page_size, n_tokens, task0, task1;
  int64_t key_page, value_page, key_head, value_head, pages_stride, positions_stride, sequences_stride, ends_stride;
  int64_t keys_stride, values_stride, out_stride, queries_stride, n_vectors, reach, n_parts;
} kv_call;

/* States of fixed size; pool is where the operation's numbers begin in slot 0. x is a convolution's, a scan's, or the values of
 * the delta rule; b and c are a scan's, or queries and keys; bias a convolution's, or that of steps. Of wkv: keys are c, values x,
 * its bonus is bias, n_state counts channels. task0 and task1 bound
 * channels or heads. */
typedef struct {
  uint8_t *out, *pool;
  const uint8_t *x, *steps, *b, *c, *beta, *filter, *bias, *decay, *skip, *slots, *positions, *sequences; /* bias may be null */
  float *scratch;
  uint32_t silu, sharing;
  float min_step, max_step;
  int64_t kernel_size, n_heads, head_dim, n_state, n_groups, n_decay, n_rows, task0, task1, slot_stride, slots_stride;
  int64_t positions_stride, sequences_stride, out_stride, x_stride, steps_stride, b_stride, c_stride, beta_stride;
} recurrent_call;

typedef void quantize_kernel(const quantize_call *c);
typedef void linear_kernel(const linear_call *c);
typedef int64_t scratch_size(int64_t n_in, int64_t n_tokens);
typedef void row_values(float *out, const uint8_t *w, int64_t n);
typedef void rows_kernel(const rows_call *c);
typedef void kv_kernel(const kv_call *c);
typedef void recurrent_kernel(const recurrent_call *c);
typedef int64_t peak_loop(int64_t n_rounds); /* operations */
typedef uint64_t read_loop(const uint8_t *bytes, int64_t n_bytes);

/* One pair of element types. */
typedef struct {
  linear_kernel *run;
  scratch_size *scratch; /* null: needs none */
} linear_entry;

struct hearth_cpu {
  quantize_kernel *quantize_a8_32, *quantize_a8_256, *quantize_bf16;
  linear_entry linear_f32[HEARTH_TYPES]; /* by weight type: f32 activations */
  linear_entry linear_a8[HEARTH_TYPES];  /* by weight type: int8 activations of the block size that fits the weight */
  linear_entry linear_pairs;             /* BF16 weights, BF16 activations */
  row_values *values[HEARTH_TYPES];
  void (*embed)(const embed_call *c, row_values *values);
  void (*norm)(const norm_call *c);
  void (*layer_norm)(const norm_call *c);
  rows_kernel *add, *multiply, *scale, *scale_columns, *resize, *clamped_gate, *softcap, *accumulate;
  void (*maxima)(const maxima_call *c);
  void (*map)(const map_call *c);
  void (*mix)(const mix_call *c);
  rows_kernel *gate[HEARTH_ACTIVATIONS], *activate[HEARTH_ACTIVATIONS];
  void (*rotate)(const rotate_call *c);
  void (*route)(const route_call *c);
  kv_kernel *store, *attend;
  recurrent_kernel *convolve, *scan, *delta, *wkv;
  peak_loop *peak_int8, *peak_f32, *peak_pairs; /* null in portable C; the last where pairs have an instruction of their own */
  read_loop *read;
};

extern const hearth_cpu hearth_cpu_plain;
extern const hearth_cpu hearth_cpu_avx2;
extern const hearth_cpu hearth_cpu_avxvnni;
extern const hearth_cpu hearth_cpu_avx512, hearth_cpu_avx512bf16;
extern const hearth_cpu hearth_cpu_neon, hearth_cpu_dotprod, hearth_cpu_i8mm;

#endif
