/* AVX2, FMA and F16C.
 * x86_64: -mavx2 -mfma -mf16c */
#include "lanes_avx2.h"
#include "linear_float.h"
#include "q8_0_avx2.h"
#include "quantize.h"

const hearth_cpu hearth_cpu_avx2 = {
    .quantize_a8_32 = quantize_a8_32,
    .linear_f32 = {[HEARTH_F32] = {linear_f32, 0}, [HEARTH_F16] = {linear_f16, 0}, [HEARTH_BF16] = {linear_bf16, 0}},
    .linear_a8 = {[HEARTH_Q8_0] = {linear_q8_0, linear_q8_0_scratch}},
};
