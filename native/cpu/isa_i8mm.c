/* NEON and its products of int8 matrices (FEAT_I8MM; Cortex-A510 and A710 on, Neoverse V1 and N2, Apple M2).
 * aarch64: -mcpu=generic+dotprod+i8mm */
#define HEARTH_DOTPROD
#define HEARTH_I8MM
#include "lanes_neon.h"
#include "attention.h"
#include "panels_neon.h"
#include "peak.h"
#include "quantize.h"
#include "shared.h"

const hearth_cpu hearth_cpu_i8mm = {
    HEARTH_SHARED,
    HEARTH_PEAK,
    HEARTH_PAIRS,
    .linear_a8 = NEON_A8,
};
