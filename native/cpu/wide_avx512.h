/* What a tile is made of in AVX-512 with VNNI: registers of sixteen rows; wide_avx2.h says what each function means. */
#ifndef HEARTH_WIDE_H
#define HEARTH_WIDE_H

#include "dots_avx2.h"

#define LANES 16
#define TILE_TOKENS 8
/* Whether streams take numbers of int8 as unsigned, from 128 on. */
#define STREAMS_COUNT_FROM_128 1

typedef __m512i wide;
typedef __m512 widef;

#define KEEP(v) __asm__("" : "+v"(v))

INLINE int64_t fewest_packed(const int type) { return type == HEARTH_Q6_K ? 12 : type == HEARTH_Q8_0 ? 8 : 5; }

INLINE wide wide_zero(void) { return _mm512_setzero_si512(); }
INLINE wide wide_load(const uint8_t *p) { return _mm512_load_si512((const void *)p); }
INLINE wide wide_all(const uint8_t *p) { return _mm512_set1_epi32(i32_at(p)); }
INLINE wide wide_add(wide a, wide b) { return _mm512_add_epi32(a, b); }
INLINE wide wide_sub(wide a, wide b) { return _mm512_sub_epi32(a, b); }
INLINE wide wide_multiply(wide a, wide b) { return _mm512_mullo_epi32(a, b); }
INLINE wide wide_dot4(wide sum, wide u, wide x) { return _mm512_dpbusd_epi32(sum, u, x); }
INLINE wide wide_dot2(wide sum, wide a, wide b) { return _mm512_dpwssd_epi32(sum, a, b); }
INLINE widef wide_float(wide v) { return _mm512_cvtepi32_ps(v); }
INLINE widef widef_zero(void) { return _mm512_setzero_ps(); }
INLINE widef widef_load(const uint8_t *p) { return _mm512_load_ps((const void *)p); }
INLINE widef widef_all(const uint8_t *p) { return _mm512_set1_ps(f32_at(p)); }
INLINE widef widef_add(widef a, widef b) { return _mm512_add_ps(a, b); }
INLINE widef widef_multiply(widef a, widef b) { return _mm512_mul_ps(a, b); }
INLINE widef widef_fma(widef a, widef b, widef c) { return _mm512_fmadd_ps(a, b, c); }
INLINE widef widef_minus_product(widef a, widef b, widef c) { return _mm512_fnmadd_ps(a, b, c); }
INLINE void widef_store(float *p, widef v) { _mm512_storeu_ps(p, v); }

#endif
