/* NEON, which each processor of the architecture has.
 * aarch64: -mcpu=generic */
#include "lanes_neon.h"
#include "attention.h"
#include "panels_neon.h"
#include "peak.h"
#include "quantize.h"
#include "shared.h"

const hearth_cpu hearth_cpu_neon = {
    HEARTH_SHARED,
    HEARTH_PEAK,
    HEARTH_PAIRS,
    .linear_a8 = NEON_A8,
};
