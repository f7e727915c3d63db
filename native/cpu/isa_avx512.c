/* AVX-512 with VNNI; a second table has the products of AVX-512 BF16.
 * x86_64: -mavx2 -mfma -mf16c -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni */
#include "lanes_avx2.h"
#include "wide_avx512.h"
#include "streams_32_avx512.h"
#include "streams_256_avx512.h"
#include "linear_blocks.h"
#include "peak.h"
#include "shared.h"

const hearth_cpu hearth_cpu_avx512 = {HEARTH_SHARED, HEARTH_PEAK, HEARTH_PAIRS, .linear_a8 = LINEAR_BLOCKS};
const hearth_cpu hearth_cpu_avx512bf16 = {HEARTH_SHARED, HEARTH_PEAK, .peak_pairs = peak_whole_pairs,
                                         .linear_pairs = {linear_whole_pairs, 0}, .linear_a8 = LINEAR_BLOCKS};
