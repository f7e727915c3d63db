/* NEON and its products of four int8 at a time (FEAT_DotProd; Cortex-A55 and A76 on, Neoverse N1, Apple M1).
 * aarch64: -mcpu=generic+dotprod */
#define HEARTH_DOTPROD
#include "lanes_neon.h"
#include "attention.h"
#include "panels_neon.h"
#include "peak.h"
#include "quantize.h"
#include "shared.h"

const hearth_cpu hearth_cpu_dotprod = {
    HEARTH_SHARED,
    HEARTH_PEAK,
    HEARTH_PAIRS,
    .linear_a8 = NEON_A8,
};
