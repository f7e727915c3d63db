/* AVX2 with products of int8 in one instruction.
 * x86_64: -mavx2 -mfma -mf16c -mavxvnni */
#include "lanes_avx2.h"
#include "wide_avx2.h"
#include "streams_32_avx2.h"
#include "streams_256_avx2.h"
#include "linear_blocks.h"
#include "peak.h"
#include "shared.h"

const hearth_cpu hearth_cpu_avxvnni = {HEARTH_SHARED, HEARTH_PEAK, HEARTH_PAIRS, .linear_a8 = LINEAR_BLOCKS};
