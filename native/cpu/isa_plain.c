/* Portable C: the set that runs everywhere, and what the others are compared with. */
#include "lanes_plain.h"
#include "attention.h"
#include "blocks_plain.h"
#include "quantize.h"
#include "shared.h"

const hearth_cpu hearth_cpu_plain = {
    HEARTH_SHARED,
    HEARTH_PAIRS,
    .linear_a8 = {[HEARTH_Q8_0] = {linear_q8_0, 0},
                  [HEARTH_Q4_0] = {linear_q4_0, 0},
                  [HEARTH_Q4_K] = {linear_q4_k, 0},
                  [HEARTH_Q6_K] = {linear_q6_k, 0},
                  UNPACKED_ALL(UNPACKED_INT8)},
};
