/* The exported functions: check what Java can't see (addresses, divisibility), then call the table. Built for the
 * architecture's baseline, as is whatever decides which table may run. */
#include "table.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* The register state that the operating system saves: bits 1 and 2 are SSE and AVX. */
static uint64_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static uint32_t detect(void) {
  const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29, avx2 = 1u << 5;
  uint32_t a, b, c, d, found = 1u << HEARTH_ISA_PLAIN;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return found;
  const uint32_t first = fma | osxsave | avx | f16c;
  if ((c & first) != first || (saved_state() & 6) != 6) return found;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & avx2)) found |= 1u << HEARTH_ISA_AVX2;
  return found;
}
#else
static uint32_t detect(void) { return 1u << HEARTH_ISA_PLAIN; }
#endif

uint32_t hearth_abi(void) { return HEARTH_ABI; }

uint32_t hearth_cpu_detect(void) { return detect(); }

const hearth_cpu *hearth_cpu_for(uint32_t isa) {
  if (isa > 31 || !(detect() >> isa & 1)) return NULL;
  switch (isa) {
#if defined(__x86_64__)
    case HEARTH_ISA_AVX2: return &hearth_cpu_avx2;
#endif
    case HEARTH_ISA_PLAIN: return &hearth_cpu_plain;
    default: return NULL;
  }
}

static uint8_t *at(hearth_ptr p) { return (uint8_t *)(uintptr_t)p; }
static int words(hearth_ptr p) { return p != 0 && p % 4 == 0; }

/* Elements and bytes of a type's block; 0 for one that has no rows here. */
typedef struct {
  int64_t elements, bytes;
} block;

static block block_of(uint32_t type) {
  switch (type) {
    case HEARTH_F32: return (block){1, 4};
    case HEARTH_F16:
    case HEARTH_BF16: return (block){1, 2};
    case HEARTH_Q8_0: return (block){32, 34};
    case HEARTH_Q4_0: return (block){32, 18};
    case HEARTH_Q4_K: return (block){256, 144};
    case HEARTH_Q6_K: return (block){256, 210};
    case HEARTH_A8_32: return (block){32, 36};
    case HEARTH_A8_256: return (block){256, 276};
    default: return (block){0, 0};
  }
}

/* No row is near so long; with it no size overflows. */
#define MOST_ELEMENTS (INT64_C(1) << 48)

/* Whether n elements are whole blocks and a row of them fits the stride. */
static int row_fits(int64_t n, block b, int64_t stride) {
  return n > 0 && n <= MOST_ELEMENTS && n % b.elements == 0 && stride >= 0 && n / b.elements <= stride / b.bytes;
}

int32_t hearth_quantize_a8_32(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, int64_t n_in, int64_t n_tokens,
                              int64_t out_stride, int64_t x_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_fits(n_in, block_of(HEARTH_A8_32), out_stride) || !row_fits(n_in, block_of(HEARTH_F32), x_stride) ||
      n_tokens < 0 || out_stride % 4 != 0 || x_stride % 4 != 0)
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x)) return HEARTH_BAD_ADDRESS;
  cpu->quantize_a8_32(&(quantize_call){at(out), at(x), n_in, n_tokens, out_stride, x_stride});
  return HEARTH_OK;
}

static const linear_entry *linear_for(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type) {
  if (w_type >= HEARTH_TYPES) return NULL;
  const linear_entry *entry;
  if (x_type == HEARTH_F32)
    entry = &cpu->linear_f32[w_type];
  else if ((x_type == HEARTH_A8_32 || x_type == HEARTH_A8_256) && block_of(w_type).elements == block_of(x_type).elements)
    entry = &cpu->linear_a8[w_type];
  else
    return NULL;
  return entry->run == NULL ? NULL : entry;
}

int64_t hearth_linear_scratch(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, int64_t n_in) {
  if (cpu == NULL) return -1;
  const linear_entry *entry = linear_for(cpu, w_type, x_type);
  if (entry == NULL || n_in <= 0 || n_in > MOST_ELEMENTS || n_in % block_of(w_type).elements != 0) return -1;
  return entry->scratch == NULL ? 0 : entry->scratch(n_in);
}

int32_t hearth_linear(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, hearth_ptr out, hearth_ptr w,
                      hearth_ptr x, int64_t n_in, int64_t n_tokens, int64_t row0, int64_t row1, int64_t out_stride,
                      int64_t w_stride, int64_t x_stride, hearth_ptr scratch, int64_t scratch_bytes) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  const linear_entry *entry = linear_for(cpu, w_type, x_type);
  if (entry == NULL) return HEARTH_BAD_TYPE;
  if (!row_fits(n_in, block_of(w_type), w_stride) || !row_fits(n_in, block_of(x_type), x_stride) || x_stride % 4 != 0 ||
      n_tokens < 0 || row0 < 0 || row0 > row1 || out_stride < row1 || scratch_bytes < 0)
    return HEARTH_BAD_SHAPE;
  if (!words(out) || w == 0 || !words(x) || (scratch == 0 && scratch_bytes != 0)) return HEARTH_BAD_ADDRESS;
  entry->run(&(linear_call){(float *)(void *)at(out), at(w), at(x), at(scratch), n_in, n_tokens, row0, row1, out_stride,
                            w_stride, x_stride, scratch_bytes});
  return HEARTH_OK;
}
