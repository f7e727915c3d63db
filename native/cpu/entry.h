/* What the exported functions check alike. */
#ifndef HEARTH_ENTRY_H
#define HEARTH_ENTRY_H

#include "table.h"

/* No row is near so long; with it no size overflows. */
#define MOST_ELEMENTS (INT64_C(1) << 48)

static inline uint8_t *at(hearth_ptr p) { return (uint8_t *)(uintptr_t)p; }
static inline int words(hearth_ptr p) { return p != 0 && p % 4 == 0; }

/* Whether rows of n 32-bit values, stride elements apart, make sense. */
static inline int row_words(int64_t n, int64_t stride) { return n > 0 && n <= stride && stride <= MOST_ELEMENTS; }
static inline int stride_words(int64_t stride) { return stride > 0 && stride <= MOST_ELEMENTS; }

#endif
