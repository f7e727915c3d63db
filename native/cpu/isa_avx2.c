/* AVX2, FMA and F16C.
 * x86_64: -mavx2 -mfma -mf16c */
#include "lanes_avx2.h"
#include "attention.h"
#include "blocks_256_avx2.h"
#include "quantize.h"
#include "shared.h"

const hearth_cpu hearth_cpu_avx2 = {
    HEARTH_SHARED,
    .linear_a8 = {[HEARTH_Q8_0] = {linear_q8_0, q8_0_scratch},
                  [HEARTH_Q4_0] = {linear_q4_0, q4_0_scratch},
                  [HEARTH_Q4_K] = {linear_q4_k, q4_k_scratch},
                  [HEARTH_Q6_K] = {linear_q6_k, 0},
                  UNPACKED_ALL(UNPACKED_INT8)},
};
