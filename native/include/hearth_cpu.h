/* The C ABI of Hearth's CPU kernels.
 *
 * Every function is pure: it allocates nothing, keeps nothing, starts nothing, and runs on the calling thread alone.
 * Threads split the rows of a weight, or the tokens, and write disjoint parts of an output. Each gives the same bits
 * for every split, every number of tokens and every instruction set (NaNs may differ in sign and payload).
 *
 * Memory is passed as hearth_ptr, an address as a plain 64-bit integer, so that a downcall from Java moves longs and
 * takes no hold of an arena. The caller has checked that what lies there is long enough. An address need be a multiple
 * of 4 where it holds 32-bit values, and of nothing for weights, which stay as they lie in a file. All data is
 * little-endian.
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
#define HEARTH_ABI 1

#define HEARTH_OK 0
#define HEARTH_BAD_CPU 1       /* the table is null */
#define HEARTH_BAD_ADDRESS 2   /* null, or not a multiple of 4 where it must be */
#define HEARTH_BAD_SHAPE 3     /* negative, not whole blocks, a stride shorter than a row, or rows out of order */
#define HEARTH_BAD_TYPE 4      /* no kernel for these element types */

/* Instruction sets. A build holds those of its architecture; HEARTH_ISA_PLAIN is in each. */
#define HEARTH_ISA_PLAIN 0     /* portable C */
#define HEARTH_ISA_AVX2 1      /* x86-64: AVX2, FMA, F16C */

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

/* out[t] = x[t] as int8 blocks of 32 with one scale each:
 *   a = max |x|, scale = a / 127, q = x * (1 / scale) rounded to the nearest integer, ties to even.
 * Where a < 2^-100, so that 1 / scale might not be finite, scale and q are 0. Where it is infinite or NaN, scale is NaN
 * and q is 0, so that what isn't a number stays one in a product.
 *   out  A8_32 [n_tokens, n_in]  rows are out_stride bytes apart, a multiple of 4
 *   x    f32   [n_tokens, n_in]  rows are x_stride bytes apart, a multiple of 4
 * n_in must be a multiple of 32. */
HEARTH_API int32_t hearth_quantize_a8_32(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, int64_t n_in,
                                         int64_t n_tokens, int64_t out_stride, int64_t x_stride);

/* Bytes of scratch that let hearth_linear pack weights, which pays from about 4 tokens; 0 where packing is of no use,
 * -1 where hearth_linear has no kernel for the types or n_in isn't whole blocks. Without scratch it works as well, more
 * slowly, to the same bits. */
HEARTH_API int64_t hearth_linear_scratch(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, int64_t n_in);

/* out[t, r] = sum over i of w[r, i] * x[t, i], for rows row0 <= r < row1.
 *   out      f32    [n_tokens, >= row1]  rows are out_stride elements apart
 *   w        w_type [>= row1, n_in]      rows are w_stride bytes apart; w is the address of row 0
 *   x        x_type [n_tokens, n_in]     rows are x_stride bytes apart, a multiple of 4
 *   scratch  scratch_bytes that nobody else uses meanwhile; may be null with 0
 * How sums are rounded, so that neither batch nor split shows:
 *   F32, F16, BF16 with F32: sum i mod 16 takes fma(w, x, sum) for ascending i; then s[i] += s[i+8], and so by 4, 2, 1.
 *   Q8_0 with A8_32: a block's dot is exact in int32; sum b mod 8 takes fma(w scale * x scale, (float) dot, sum) for
 *   ascending block b; then ((0+4)+(2+6))+((1+5)+(3+7)). */
HEARTH_API int32_t hearth_linear(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, hearth_ptr out, hearth_ptr w,
                                 hearth_ptr x, int64_t n_in, int64_t n_tokens, int64_t row0, int64_t row1,
                                 int64_t out_stride, int64_t w_stride, int64_t x_stride, hearth_ptr scratch,
                                 int64_t scratch_bytes);

#endif
