/* The C ABI of Hearth's CPU kernels.
 *
 * Every function is pure: it allocates nothing, keeps nothing, starts nothing, and runs on the calling thread alone.
 * Threads split the rows of a weight, or the tokens, and write disjoint parts of an output. Each gives the same bits
 * for every split, every number of tokens and every instruction set (NaNs may differ in sign and payload).
 *
 * Memory is passed as hearth_ptr, an address as a plain 64-bit integer, so that a downcall from Java moves longs and
 * takes no hold of an arena. The caller has checked that what lies there is long enough. An address need be a multiple
 * of 4 where it holds 32-bit values, and of nothing for weights, which stay as they lie in a file. All data is
 * little-endian. What is called i32 are int32 numbers; indices among them (ids, positions, sequences, rows, pages) have
 * been checked by the caller. Strides are in elements for f32 and i32, in bytes for what may be of another type.
 *
 * A function returns HEARTH_OK or says what was wrong, and has then written nothing. */
#ifndef HEARTH_CPU_H
#define HEARTH_CPU_H

#include <stdint.h>

#if defined(_WIN32)
#define HEARTH_API __declspec(dllexport)
#else
#define HEARTH_API __attribute__((visibility("default")))
#endif

/* Raised whenever a prototype or a meaning here changes. */
#define HEARTH_ABI 16

#define HEARTH_OK 0
#define HEARTH_BAD_CPU 1       /* the table is null */
#define HEARTH_BAD_ADDRESS 2   /* null, or not a multiple of 4 where it must be */
#define HEARTH_BAD_SHAPE 3     /* negative, not whole blocks, a stride shorter than a row, or rows out of order */
#define HEARTH_BAD_TYPE 4      /* no kernel for these element types */

/* Instruction sets. A build holds those of its architecture; HEARTH_ISA_PLAIN is in each. */
#define HEARTH_ISA_PLAIN 0     /* portable C */
#define HEARTH_ISA_AVX2 1      /* x86-64: AVX2, FMA, F16C */
#define HEARTH_ISA_AVXVNNI 2   /* the same with AVX-VNNI */
#define HEARTH_ISA_AVX512 3    /* the same with AVX-512 F, BW, DQ, VL and VNNI */
#define HEARTH_ISA_AVX512BF16 4 /* AVX512 with AVX-512 BF16 */
#define HEARTH_ISA_NEON 8      /* aarch64: what each has */
#define HEARTH_ISA_DOTPROD 9   /* aarch64: FEAT_DotProd */
#define HEARTH_ISA_I8MM 10     /* aarch64: FEAT_DotProd, FEAT_I8MM */

/* Element types, laid out as dev.hearth.tensor.DType says. */
#define HEARTH_F32 0
#define HEARTH_F16 1
#define HEARTH_BF16 2
#define HEARTH_I32 3
#define HEARTH_Q8_0 4
#define HEARTH_Q4_0 5
#define HEARTH_Q4_K 6
#define HEARTH_Q6_K 7
#define HEARTH_A8_32 8         /* activations: n int8, then n/32 f32 scales */
#define HEARTH_A8_256 9        /* activations: n int8, n/256 f32 scales, n/32 int16 sums */
#define HEARTH_Q4_1 10
#define HEARTH_Q5_0 11
#define HEARTH_Q5_1 12
#define HEARTH_Q2_K 13
#define HEARTH_Q3_K 14
#define HEARTH_Q5_K 15
#define HEARTH_IQ4_NL 16
#define HEARTH_IQ4_XS 17
#define HEARTH_MXFP4 18
#define HEARTH_NVFP4 19
#define HEARTH_TQ1_0 20
#define HEARTH_TQ2_0 21
#define HEARTH_IQ1_S 22
#define HEARTH_IQ1_M 23
#define HEARTH_IQ2_XXS 24
#define HEARTH_IQ2_XS 25
#define HEARTH_IQ2_S 26
#define HEARTH_IQ3_XXS 27
#define HEARTH_IQ3_S 28
#define HEARTH_CACHE_INT8 29   /* of keys and values alone, see hearth_store */

/* Activation functions and pairings, numbered as dev.hearth.spi.Activation and RopeSpec.Pairing order them. */
#define HEARTH_SILU 0
#define HEARTH_GELU_TANH 1
#define HEARTH_GELU 2
#define HEARTH_QUICK_GELU 3
#define HEARTH_RELU 4
#define HEARTH_RELU_SQUARED 5
#define HEARTH_LOGISTIC 6 /* SIGMOID */
#define HEARTH_HALVES 0
#define HEARTH_NEIGHBOURS 1

/* Which value heads share a key head of the delta rule. */
#define HEARTH_SHARED_NEIGHBOURS 0 /* h / (n_heads / n_key_heads) is the key head of head h */
#define HEARTH_SHARED_TURNS 1      /* h mod n_key_heads */

/* What scores experts, numbered as dev.hearth.spi.RoutingSpec.Scoring orders it. */
#define HEARTH_SOFTMAX 0
#define HEARTH_SIGMOID 1
#define HEARTH_LOGIT_THEN_SOFTMAX 2
#define HEARTH_LOGIT_THEN_SIGMOID 3

/* Functions of rows, the records of dev.hearth.spi.RowFunction in their order. */
#define HEARTH_CLAMP 0
#define HEARTH_SPARSE 1
#define HEARTH_INT8 2
#define HEARTH_XIELU 3

/* An address in host memory. */
typedef uint64_t hearth_ptr;

/* The kernels of one instruction set; constant. */
typedef struct hearth_cpu hearth_cpu;

/* HEARTH_ABI as this library was built. */
HEARTH_API uint32_t hearth_abi(void);

/* The instruction sets that this library holds and that this processor and its operating system run: bit i for set i. */
HEARTH_API uint32_t hearth_cpu_detect(void);

/* The kernels of an instruction set, or null when hearth_cpu_detect lacks it. */
HEARTH_API const hearth_cpu *hearth_cpu_for(uint32_t isa);

/* out[t] = x[t] as BF16, to nearest with ties to even, or as int8 blocks of n = 32 or 256 with one scale each:
 *   a = max |x|, scale = a / 127, q = x * (1 / scale) rounded to the nearest integer, ties to even.
 * Where a < 2^-100, so that 1 / scale might not be finite, scale and q are 0. Where it is infinite or NaN, scale is NaN
 * and q is 0, so that what isn't a number stays one in a product.
 *   out  out_type [n_tokens, n_in]  A8_32, A8_256 or BF16; rows are out_stride bytes apart, a multiple of 4, of BF16 of 2
 *   x    f32      [n_tokens, n_in]  rows are x_stride bytes apart, a multiple of 4
 * n_in must be a multiple of n. */
HEARTH_API int32_t hearth_quantize(const hearth_cpu *cpu, uint32_t out_type, hearth_ptr out, hearth_ptr x, int64_t n_in,
                                   int64_t n_tokens, int64_t out_stride, int64_t x_stride);

/* Bytes of scratch that hearth_linear needs, to pack weights from about 4 tokens on, for the values that quantised weights
 * stand for, or for sums or parts of activations; -1 where it has no kernel for the types or n_in isn't whole blocks. */
HEARTH_API int64_t hearth_linear_scratch(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, int64_t n_in,
                                         int64_t n_tokens);

/* out[t, r] = sum over i of w[r, i] * x[t, i], plus bias[r], for rows row0 <= r < row1.
 *   out      f32    [n_tokens, >= row1]  rows are out_stride elements apart
 *   w        w_type [>= row1, n_in]      rows are w_stride bytes apart; w is the address of row 0
 *   bias     f32    [>= row1]            at any address; null for none
 *   x        x_type [n_tokens, n_in]     rows are x_stride bytes apart, a multiple of 4, of BF16 of 2; int8 values from -127 on
 *   scratch  scratch_bytes, at least hearth_linear_scratch, at a multiple of 4, that nobody else uses meanwhile; may be
 *            null with 0
 * How sums are rounded, so that neither batch nor split shows:
 *   any with F32: sum i mod 16 takes fma(w, x, sum) for ascending i; then s[i] += s[i+8], and so by 4, 2, 1. A quantised
 *     w is (d * scale) * q, less dmin * minimum where the type has minima, each product and the difference rounded.
 *   BF16 with BF16: sum p mod 16 takes fma(w, x, sum) of element 2p + 1, then of 2p, for ascending pairs p, with zeros up to a
 *     multiple of 16 pairs; folded as those. Operands and results below 2^-126 in magnitude count as zeros of their sign.
 *   types of 32 with A8_32: a block's dot is exact in int32; sum b mod 8 takes fma(w scale * x scale, (float) dot, sum)
 *     for ascending block b; then ((0+4)+(2+6))+((1+5)+(3+7)).
 *   types of 256 with A8_256: likewise, with the scales of groups inside the integer dot. Where a type has minima the sum
 *     then takes fma(-(dmin * x scale), (float) sum of minimum * group sum, sum); those of 32 add theirs, so dmin is -m. */
HEARTH_API int32_t hearth_linear(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, hearth_ptr out, hearth_ptr w,
                                 hearth_ptr bias, hearth_ptr x, int64_t n_in, int64_t n_tokens, int64_t row0,
                                 int64_t row1, int64_t out_stride, int64_t w_stride, int64_t x_stride,
                                 hearth_ptr scratch, int64_t scratch_bytes);

/* out[t] = scale * the values of w[ids[t]], rounded as hearth_linear's.
 *   out  f32 [n_tokens, n]   w  w_type [rows, n], w_stride in bytes   ids  i32 [n_tokens] */
HEARTH_API int32_t hearth_embed(const hearth_cpu *cpu, uint32_t w_type, hearth_ptr out, hearth_ptr w, hearth_ptr ids,
                                float scale, int64_t n, int64_t n_tokens, int64_t out_stride, int64_t w_stride,
                                int64_t ids_stride);

/* residual += delta, unless delta is null; out[g] = (residual[g] * r) * weight for each group of a row, r = 1 / sqrt(s /
 * group + epsilon) with s the sum of squares by sixteen partial sums as in hearth_linear. Zhang and Sennrich 2019,
 * arXiv:1910.07467.
 *   out, residual, delta  f32 [n_tokens, n]; out may be residual   weight  f32 [group] at any address */
HEARTH_API int32_t hearth_norm(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr residual, hearth_ptr delta,
                               hearth_ptr weight, float epsilon, int64_t n, int64_t group, int64_t n_tokens,
                               int64_t out_stride, int64_t residual_stride, int64_t delta_stride);

/* residual += delta, unless delta is null; out[g] = ((residual[g] - m) * r) * weight + bias for each group of a row, with
 * m its mean and r = 1 / sqrt(v / group + epsilon), v the sum of squares about m; both sums by sixteen partial sums as in
 * hearth_linear. Ba and others 2016, arXiv:1607.06450.
 *   out, residual, delta  f32 [n_tokens, n]; out may be residual
 *   weight, bias          f32 [group] at any address; bias null for none */
HEARTH_API int32_t hearth_layer_norm(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr residual, hearth_ptr delta,
                                     hearth_ptr weight, hearth_ptr bias, float epsilon, int64_t n, int64_t group,
                                     int64_t n_tokens, int64_t out_stride, int64_t residual_stride,
                                     int64_t delta_stride);

/* inout *= factor; f32 [n_tokens, n]. */
HEARTH_API int32_t hearth_scale(const hearth_cpu *cpu, hearth_ptr inout, float factor, int64_t n, int64_t n_tokens,
                                int64_t inout_stride);

/* inout[t, i] *= factors[i]; f32 [n_tokens, n]; factors f32 [n] at any address. */
HEARTH_API int32_t hearth_scale_columns(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr factors, int64_t n,
                                        int64_t n_tokens, int64_t inout_stride);

/* out[t] = function(x[t]); both f32 [n_tokens, n]; out may be x. a to d are what the record of dev.hearth.spi.RowFunction
 * has, in order; ScalarRows says how each is rounded. */
HEARTH_API int32_t hearth_map(const hearth_cpu *cpu, uint32_t function, hearth_ptr out, hearth_ptr x, float a, float b,
                              float c, float d, int64_t n, int64_t n_tokens, int64_t out_stride, int64_t x_stride);

/* out[t, j] = sum over i of weights[t, j * n_in + i] * x[t, i], by fma in ascending i from 0, for streams of n elements.
 *   out  f32 [n_tokens, n_out * n]   x  f32 [n_tokens, n_in * n]   weights  f32 [n_tokens, n_out * n_in] */
HEARTH_API int32_t hearth_mix(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr weights, int64_t n_out,
                              int64_t n_in, int64_t n, int64_t n_tokens, int64_t out_stride, int64_t x_stride,
                              int64_t weights_stride);

/* inout[t] = (inout[t] * sqrt(mean like[t]^2)) / sqrt(max(mean inout[t]^2, least)), sums as in hearth_norm; both f32
 * [n_tokens, n]. */
HEARTH_API int32_t hearth_resize(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr like, float least, int64_t n,
                                 int64_t n_tokens, int64_t inout_stride, int64_t like_stride);

/* out[b] = the greatest of x[b * size] to x[(b + 1) * size - 1], fewer in the last; NaN where one is. A zero has either sign.
 *   out  f32 [n / size, rounded up]   x  f32 [n] */
HEARTH_API int32_t hearth_maxima(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, int64_t size, int64_t n);

/* inout = activation(inout); f32 [n_tokens, n]. ScalarActivations says how it is rounded. */
HEARTH_API int32_t hearth_activate(const hearth_cpu *cpu, uint32_t activation, hearth_ptr inout, int64_t n,
                                   int64_t n_tokens, int64_t inout_stride);

/* inout += x; both f32 [n_tokens, n]. */
HEARTH_API int32_t hearth_add(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr x, int64_t n, int64_t n_tokens,
                              int64_t inout_stride, int64_t x_stride);

/* inout *= x; both f32 [n_tokens, n]. */
HEARTH_API int32_t hearth_multiply(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr x, int64_t n, int64_t n_tokens,
                                   int64_t inout_stride, int64_t x_stride);

/* out = activation(x) * y; all f32 [n_tokens, n]; out may be x or y. ScalarActivations says how it is
 * rounded. */
HEARTH_API int32_t hearth_gate(const hearth_cpu *cpu, uint32_t activation, hearth_ptr out, hearth_ptr x, hearth_ptr y,
                               int64_t n, int64_t n_tokens, int64_t out_stride, int64_t x_stride, int64_t y_stride);

/* out = (u + 1) * (g / (1 + exp(-(alpha * g)))) with g = min(x, limit) and u = y within -limit to limit; as hearth_gate. */
HEARTH_API int32_t hearth_clamped_gate(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr y, float alpha,
                                       float limit, int64_t n, int64_t n_tokens, int64_t out_stride, int64_t x_stride,
                                       int64_t y_stride);

/* inout = cap * (1 - 2 / (exp(2 * (inout / cap)) + 1)); f32 [n_tokens, n]. */
HEARTH_API int32_t hearth_softcap(const hearth_cpu *cpu, hearth_ptr inout, float cap, int64_t n, int64_t n_tokens,
                                  int64_t inout_stride);

/* Turns the first pairs of each head: a = fma(a, cos, -(b * sin)), b = fma(b, cos, a * sin). Pair i is elements i and
 * i + n_pairs (HALVES), or 2i and 2i + 1 (NEIGHBOURS). Su and others 2021, arXiv:2104.09864.
 *   inout      f32 [n_tokens, n], n a multiple of head_dim
 *   positions  i32 [n_tokens]
 *   table      f32 [positions, 2 * n_pairs]: cosines, then sines */
HEARTH_API int32_t hearth_rotate(const hearth_cpu *cpu, uint32_t pairing, hearth_ptr inout, hearth_ptr positions,
                                 hearth_ptr table, int64_t n, int64_t head_dim, int64_t n_pairs, int64_t n_tokens,
                                 int64_t inout_stride, int64_t positions_stride, int64_t table_stride);

/* Keys and values to the cache, rounded to its type: F32, F16 or BF16 to nearest with ties to even; CACHE_INT8 to int8 with a
 * scale for a head's key or value, as hearth_quantize rounds a block.
 *   pool       the address is that of the layer's first key in page 0, of F32 a multiple of 4. Keys of a page and head are
 *              [page_size, head_dim], dense; key_page bytes lead to the next page, key_head to the next head. Values begin
 *              value_offset bytes after the keys, rows value_row bytes apart, pages value_page and heads value_head; they may lie
 *              in the keys. Behind the rows of CACHE_INT8 are f32 scales [page_size], at any address; values in keys have theirs
 *   pages      i32 [sequences, pages of a sequence]: which page holds positions i * page_size and on
 *   positions, sequences  i32 [n_tokens]
 *   keys       f32 [n_tokens, n_kv_heads * head_dim]
 *   values     f32 [n_tokens, n_kv_heads * value_dim]; null where they lie in the keys */
HEARTH_API int32_t hearth_store(const hearth_cpu *cpu, uint32_t type, hearth_ptr pool, hearth_ptr pages,
                                hearth_ptr positions, hearth_ptr sequences, hearth_ptr keys, hearth_ptr values,
                                int64_t n_kv_heads, int64_t head_dim, int64_t value_dim, int64_t value_offset,
                                int64_t value_row, int64_t key_page, int64_t value_page, int64_t key_head,
                                int64_t value_head, int64_t page_size, int64_t n_tokens, int64_t pages_stride, int64_t positions_stride, int64_t sequences_stride,
                                int64_t keys_stride, int64_t values_stride);

#define HEARTH_ATTEND_WHOLE 0
#define HEARTH_ATTEND_PARTS 1
#define HEARTH_ATTEND_JOIN 2

/* Bytes of scratch that hearth_attend needs, up to six tokens of a sequence at a time; -1 for shapes that make no sense. */
HEARTH_API int64_t hearth_attend_scratch(int64_t n_heads, int64_t n_kv_heads, int64_t value_dim);

/* Attention over the cache, for tasks task0 <= i < task1: the query heads of key head i / n_tokens of token i mod n_tokens,
 * over positions max(0, p - window + 1, p / chunk * chunk) to min(end, p + ahead, the last of p's chunk), p
 * its own; window, ahead and chunk below 2^31. dev.hearth.spi.Ops.attend says how segments of 256 positions are worked out and merged, and where scales go. Dao and others 2022, arXiv:2205.14135; Kwon and others 2023,
 * arXiv:2309.06180.
 *   out           f32 [n_tokens, n_heads * value_dim]; may be queries where value_dim is head_dim
 *   queries       f32 [n_tokens, n_heads * head_dim]
 *   pool to sequences, value_offset to value_head: as hearth_store has them
 *   ends          i32 [n_tokens], not below positions
 *   sinks         f32 [n_heads] at any address; null for none
 *   slopes        f32 [n_heads] at any address: what a head's score loses for each position between; null for none
 *   relative_keys     f32 [n_heads, n_vectors, head_dim] at any address: before the scale, a score gains the product of the query
 *                     with the vector of p minus the key's position; null for none
 *   relative_queries  the same of the key; null for none
 *   vectors       i32 [2 * reach + 1]: which vector stands for -reach to reach, and for what is beyond; null for no such gains
 *   softcap       of scores; 0 for none
 *   scratch       scratch_bytes at a multiple of 4, that nobody else uses meanwhile
 *   stage         HEARTH_ATTEND_WHOLE, or, for more threads than key heads, one call after the other to the same result:
 *                 HEARTH_ATTEND_PARTS, task i being segment i mod n_parts, from the first that the token sees on, of what i / n_parts is
 *                 otherwise, which fills parts alone; then HEARTH_ATTEND_JOIN, whose tasks are those of the whole
 *   parts         f32 [n_tokens, n_heads, n_parts, 16 + value_dim up to a multiple of 16]; n_parts not below the segments of any token */
HEARTH_API int32_t hearth_attend(const hearth_cpu *cpu, uint32_t type, hearth_ptr out, hearth_ptr queries,
                                 hearth_ptr pool, hearth_ptr pages, hearth_ptr positions, hearth_ptr sequences,
                                 hearth_ptr ends, hearth_ptr sinks, hearth_ptr slopes, hearth_ptr relative_keys,
                                 hearth_ptr relative_queries, hearth_ptr vectors, int64_t n_vectors, int64_t reach, float scale,
                                 float softcap, int64_t window, int64_t ahead, int64_t chunk, int64_t n_heads, int64_t n_kv_heads, int64_t head_dim,
                                 int64_t value_dim, int64_t value_offset, int64_t value_row, int64_t key_page,
                                 int64_t value_page, int64_t key_head, int64_t value_head, int64_t page_size,
                                 int64_t n_tokens, int64_t task0, int64_t task1, int64_t pages_stride,
                                 int64_t positions_stride, int64_t sequences_stride, int64_t ends_stride,
                                 int64_t out_stride, int64_t queries_stride, hearth_ptr scratch,
                                 int64_t scratch_bytes, uint32_t stage, hearth_ptr parts, int64_t n_parts);

/* Chooses experts for each token and says what each counts; dev.hearth.spi.Ops.route says how.
 *   scoring  HEARTH_SOFTMAX and so on
 *   experts  i32 [n_tokens, n_chosen]   weights  f32 [n_tokens, n_chosen]   logits  f32 [n_tokens, n_experts]
 *   bias     f32 [n_experts] at any address, of the choice alone; null for none
 *   n_groups, n_used, n_ranking  groups of neighbours, how many of them are chosen from, and how many of the greatest
 *            scores, 1 or 2, a group is judged by
 *   normalised, epsilon, scale   weight / (sum + epsilon) unless normalised is 0; then times scale
 *   scratch  4 n_experts floats that nobody else uses meanwhile */
HEARTH_API int32_t hearth_route(const hearth_cpu *cpu, uint32_t scoring, hearth_ptr experts, hearth_ptr weights,
                                hearth_ptr logits, hearth_ptr bias, int64_t n_groups, int64_t n_used, int64_t n_ranking,
                                uint32_t normalised, float epsilon, float scale, int64_t n_experts, int64_t n_chosen,
                                int64_t n_tokens, int64_t experts_stride, int64_t weights_stride, int64_t logits_stride,
                                hearth_ptr scratch, int64_t scratch_bytes);

/* inout[rows[i]] = fma(weights[i], x[i], inout[rows[i]]); rows i32 and weights f32 [n_rows], rows distinct.
 *   inout  f32 [>= any of rows, n]   x  f32 [n_rows, n] */
HEARTH_API int32_t hearth_accumulate(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr x, hearth_ptr rows,
                                     hearth_ptr weights, int64_t n, int64_t n_rows, int64_t inout_stride,
                                     int64_t x_stride, int64_t rows_stride, int64_t weights_stride);

/* States of fixed size, of hearth_convolve, hearth_scan, hearth_delta and hearth_wkv: tokens of a sequence stand together, in order; where
 * the position of its first one is 0 its state begins as zeros, whatever is there.
 *   pool       f32  slots slot_stride elements apart; pool is where this operation's numbers begin in slot 0
 *   slots      i32 [sequences]: the slot of each, no two alike
 *   positions, sequences  i32 [n_tokens]
 *   scratch    scratch_bytes at a multiple of 4, that nobody else uses meanwhile */

/* out[t, c] = sum over j of filter[c, j] * x[t - kernel_size + 1 + j, c], by fma in ascending j from 0, plus bias[c], through
 * SiLU unless silu is 0, for channels channel0 <= c < channel1. The state [channels, kernel_size - 1] is the inputs before, oldest
 * first.
 *   out, x   f32 [n_tokens, >= channel1]; out may be x
 *   filter   f32 [>= channel1, kernel_size] at any address
 *   bias     f32 [>= channel1] at any address; null for none
 *   scratch  16 kernel_size floats */
HEARTH_API int32_t hearth_convolve(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr pool, hearth_ptr slots,
                                   hearth_ptr positions, hearth_ptr sequences, hearth_ptr filter, hearth_ptr bias,
                                   uint32_t silu, int64_t kernel_size, int64_t n_tokens, int64_t channel0,
                                   int64_t channel1, int64_t slot_stride, int64_t slots_stride,
                                   int64_t positions_stride, int64_t sequences_stride, int64_t out_stride,
                                   int64_t x_stride, hearth_ptr scratch, int64_t scratch_bytes);

/* Mamba's recurrence for heads head0 <= h < head1, which are in n_groups groups of neighbours; dev.hearth.spi.Ops.scan says
 * what is computed. The state is [n_heads, head_dim, n_state]. Dao and Gu 2024, arXiv:2405.21060.
 *   out, x     f32 [n_tokens, n_heads * head_dim]; out may be x
 *   steps      f32 [n_tokens, n_heads]
 *   b, c       f32 [n_tokens, n_groups * n_state]
 *   decay      f32 [n_heads, n_decay] at any address, n_decay 1 or n_state
 *   skip       f32 [n_heads] at any address   step_bias  the same; null for none
 *   scratch    2 n_state + 16 floats */
HEARTH_API int32_t hearth_scan(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr steps, hearth_ptr b,
                               hearth_ptr c, hearth_ptr decay, hearth_ptr skip, hearth_ptr step_bias, hearth_ptr pool,
                               hearth_ptr slots, hearth_ptr positions, hearth_ptr sequences, float min_step,
                               float max_step, int64_t n_heads, int64_t head_dim, int64_t n_state, int64_t n_groups,
                               int64_t n_decay, int64_t n_tokens, int64_t head0, int64_t head1, int64_t slot_stride,
                               int64_t slots_stride, int64_t positions_stride, int64_t sequences_stride,
                               int64_t out_stride, int64_t x_stride, int64_t steps_stride, int64_t b_stride,
                               int64_t c_stride, hearth_ptr scratch, int64_t scratch_bytes);

/* The gated delta rule for value heads head0 <= h < head1; dev.hearth.spi.Ops.delta says what is computed. The state is
 * [n_heads, key_dim, value_dim]. Yang and others 2024, arXiv:2412.06464.
 *   sharing        HEARTH_SHARED_NEIGHBOURS or HEARTH_SHARED_TURNS
 *   out, values    f32 [n_tokens, n_heads * value_dim]
 *   queries, keys  f32 [n_tokens, n_key_heads * key_dim]
 *   steps, beta    f32 [n_tokens, n_heads]
 *   decay, step_bias  f32 [n_heads] at any address
 *   scratch        2 key_dim + 16 floats */
HEARTH_API int32_t hearth_delta(const hearth_cpu *cpu, uint32_t sharing, hearth_ptr out, hearth_ptr queries,
                                hearth_ptr keys, hearth_ptr values, hearth_ptr steps, hearth_ptr beta, hearth_ptr decay,
                                hearth_ptr step_bias, hearth_ptr pool, hearth_ptr slots, hearth_ptr positions,
                                hearth_ptr sequences, int64_t n_heads, int64_t n_key_heads, int64_t key_dim,
                                int64_t value_dim, int64_t n_tokens, int64_t head0, int64_t head1, int64_t slot_stride,
                                int64_t slots_stride, int64_t positions_stride, int64_t sequences_stride,
                                int64_t out_stride, int64_t queries_stride, int64_t keys_stride, int64_t values_stride,
                                int64_t steps_stride, int64_t beta_stride, hearth_ptr scratch, int64_t scratch_bytes);

/* A mean of values weighted by exponentials of keys that decay with the distance, for channels channel0 <= c < channel1;
 * dev.hearth.spi.Ops.wkv says what is computed. The state is [3, n_channels]. Peng and others 2023, arXiv:2305.13048.
 *   out, keys, values  f32 [n_tokens, n_channels]; out may be keys or values
 *   decay, bonus       f32 [n_channels] at any address */
HEARTH_API int32_t hearth_wkv(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr keys, hearth_ptr values, hearth_ptr decay,
                              hearth_ptr bonus, hearth_ptr pool, hearth_ptr slots, hearth_ptr positions,
                              hearth_ptr sequences, int64_t n_channels, int64_t n_tokens, int64_t channel0,
                              int64_t channel1, int64_t slot_stride, int64_t slots_stride, int64_t positions_stride,
                              int64_t sequences_stride, int64_t out_stride, int64_t keys_stride,
                              int64_t values_stride);

/* out[i] = x[rows[i]]; rows of n_bytes, out and x strides in bytes; rows i32 [n_rows]. */
HEARTH_API int32_t hearth_gather(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr rows, int64_t n_bytes,
                                 int64_t n_rows, int64_t out_stride, int64_t x_stride, int64_t rows_stride);

/* Multiplies and adds on registers alone, with the instructions that products of x_type use, as fast as a core does it: how many
 * operations n_rounds come to, a multiplication and an addition being two. The limit of hearth_linear and hearth_attend.
 *   x_type  HEARTH_F32, HEARTH_BF16, or HEARTH_A8_32 for int8
 * -1 where the set has no such loop, as HEARTH_ISA_PLAIN, or n_rounds isn't from 0 to 2^32. */
HEARTH_API int64_t hearth_peak(const hearth_cpu *cpu, uint32_t x_type, int64_t n_rounds);

/* Reads n_bytes of memory once, front to back: its words of 8 bytes, exclusive or of all; what is left of the last one counts for
 * nothing. The limit of whatever reads weights, where bytes are more than caches hold. */
HEARTH_API uint64_t hearth_read(const hearth_cpu *cpu, hearth_ptr bytes, int64_t n_bytes);

#endif
