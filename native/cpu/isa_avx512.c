/* AVX-512 with VNNI.
 * x86_64: -mavx2 -mfma -mf16c -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni */
#include "lanes_avx2.h"
#include "wide_avx512.h"
#include "streams_32_avx512.h"
#include "streams_256_avx512.h"
#include "linear_blocks.h"
#include "peak.h"
#include "shared.h"

const hearth_cpu hearth_cpu_avx512 = {HEARTH_SHARED, HEARTH_PEAK, .linear_a8 = LINEAR_BLOCKS};
