/* NEON, which each processor of the architecture has.
 * aarch64: -mcpu=generic */
#include "lanes_neon.h"
#include "attention.h"
#include "panels_neon.h"
#include "quantize.h"
#include "shared.h"

const hearth_cpu hearth_cpu_neon = {
    HEARTH_SHARED,
    .linear_a8 = {[HEARTH_Q8_0] = {linear_q8_0, b32_scratch},
                  [HEARTH_Q4_0] = {linear_q4_0, b32_scratch},
                  [HEARTH_Q4_K] = {linear_q4_k, b256_scratch},
                  [HEARTH_Q6_K] = {linear_q6_k, b256_scratch},
                  UNPACKED_ALL(UNPACKED_INT8)},
};
