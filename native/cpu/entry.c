/* The exported functions: check what Java can't see (addresses, divisibility), then call the table. Built for the
 * architecture's baseline, as is whatever decides which table may run. */
#include "entry.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* The register state that the operating system saves: bits 1 and 2 are SSE and AVX, 5 to 7 AVX-512. */
static uint64_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static uint32_t detect(void) {
  const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29, avx2 = 1u << 5;
  const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* F, DQ, BW, VL */
  const uint32_t avx512_vnni = 1u << 11, avx_vnni = 1u << 4, avx512_bf16 = 1u << 5;
  uint32_t a, b, c, d, leaves, found = 1u << HEARTH_ISA_PLAIN;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return found;
  const uint32_t first = fma | osxsave | avx | f16c;
  if ((c & first) != first || (saved_state() & 6) != 6) return found;
  if (!__get_cpuid_count(7, 0, &leaves, &b, &c, &d) || !(b & avx2)) return found;
  found |= 1u << HEARTH_ISA_AVX2;
  if ((b & avx512) == avx512 && (c & avx512_vnni) && (saved_state() & 0xe6) == 0xe6) found |= 1u << HEARTH_ISA_AVX512;
  if (leaves < 1 || !__get_cpuid_count(7, 1, &a, &b, &c, &d)) return found;
  if (a & avx_vnni) found |= 1u << HEARTH_ISA_AVXVNNI;
  if ((a & avx512_bf16) && (found & 1u << HEARTH_ISA_AVX512)) found |= 1u << HEARTH_ISA_AVX512BF16;
  return found;
}
#elif defined(__aarch64__)
#include "detect_aarch64.h"
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
    case HEARTH_ISA_AVXVNNI: return &hearth_cpu_avxvnni;
    case HEARTH_ISA_AVX512: return &hearth_cpu_avx512;
    case HEARTH_ISA_AVX512BF16: return &hearth_cpu_avx512bf16;
#elif defined(__aarch64__)
    case HEARTH_ISA_NEON: return &hearth_cpu_neon;
    case HEARTH_ISA_DOTPROD: return &hearth_cpu_dotprod;
    case HEARTH_ISA_I8MM: return &hearth_cpu_i8mm;
#endif
    case HEARTH_ISA_PLAIN: return &hearth_cpu_plain;
    default: return NULL;
  }
}

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
    case HEARTH_Q4_1: return (block){32, 20};
    case HEARTH_Q5_0: return (block){32, 22};
    case HEARTH_Q5_1: return (block){32, 24};
    case HEARTH_Q2_K: return (block){256, 84};
    case HEARTH_Q3_K:
    case HEARTH_IQ3_S: return (block){256, 110};
    case HEARTH_Q5_K: return (block){256, 176};
    case HEARTH_IQ4_NL: return (block){32, 18};
    case HEARTH_IQ4_XS: return (block){256, 136};
    case HEARTH_MXFP4: return (block){32, 17};
    case HEARTH_NVFP4: return (block){64, 36};
    case HEARTH_TQ1_0: return (block){256, 54};
    case HEARTH_TQ2_0:
    case HEARTH_IQ2_XXS: return (block){256, 66};
    case HEARTH_IQ1_S: return (block){256, 50};
    case HEARTH_IQ1_M: return (block){256, 56};
    case HEARTH_IQ2_XS: return (block){256, 74};
    case HEARTH_IQ2_S: return (block){256, 82};
    case HEARTH_IQ3_XXS: return (block){256, 98};
    case HEARTH_A8_32: return (block){32, 36};
    case HEARTH_A8_256: return (block){256, 276};
    default: return (block){0, 0};
  }
}

/* Whether an address, or the bytes between rows, suits rows of a type. */
static int aligned(uint32_t type, hearth_ptr p) { return p % (type == HEARTH_BF16 ? 2 : 4) == 0; }

/* Whether n elements are whole blocks and a row of them fits the stride. */
static int row_fits(int64_t n, block b, int64_t stride) {
  return n > 0 && n <= MOST_ELEMENTS && n % b.elements == 0 && stride >= 0 && n / b.elements <= stride / b.bytes;
}

int32_t hearth_quantize(const hearth_cpu *cpu, uint32_t out_type, hearth_ptr out, hearth_ptr x, int64_t n_in,
                        int64_t n_tokens, int64_t out_stride, int64_t x_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (out_type != HEARTH_A8_32 && out_type != HEARTH_A8_256 && out_type != HEARTH_BF16) return HEARTH_BAD_TYPE;
  if (!row_fits(n_in, block_of(out_type), out_stride) || !row_fits(n_in, block_of(HEARTH_F32), x_stride) || n_tokens < 0 ||
      !aligned(out_type, (hearth_ptr)out_stride) || x_stride % 4 != 0)
    return HEARTH_BAD_SHAPE;
  if (out == 0 || !aligned(out_type, out) || !words(x)) return HEARTH_BAD_ADDRESS;
  const quantize_call c = {at(out), at(x), n_in, n_tokens, out_stride, x_stride};
  switch (out_type) {
    case HEARTH_A8_32: cpu->quantize_a8_32(&c); break;
    case HEARTH_A8_256: cpu->quantize_a8_256(&c); break;
    default: cpu->quantize_bf16(&c);
  }
  return HEARTH_OK;
}

static const linear_entry *linear_for(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type) {
  if (w_type >= HEARTH_TYPES) return NULL;
  const linear_entry *entry;
  if (x_type == HEARTH_F32)
    entry = &cpu->linear_f32[w_type];
  else if (x_type == HEARTH_BF16 && w_type == HEARTH_BF16)
    entry = &cpu->linear_pairs;
  else if ((x_type == HEARTH_A8_32 || x_type == HEARTH_A8_256) && block_of(w_type).elements == block_of(x_type).elements)
    entry = &cpu->linear_a8[w_type];
  else
    return NULL;
  return entry->run == NULL ? NULL : entry;
}

int64_t hearth_linear_scratch(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, int64_t n_in, int64_t n_tokens) {
  if (cpu == NULL) return -1;
  const linear_entry *entry = linear_for(cpu, w_type, x_type);
  if (entry == NULL || n_in <= 0 || n_in > MOST_ELEMENTS || n_in % block_of(w_type).elements != 0 || n_tokens < 0) return -1;
  return entry->scratch == NULL ? 0 : entry->scratch(n_in, n_tokens);
}

int64_t hearth_peak(const hearth_cpu *cpu, uint32_t x_type, int64_t n_rounds) {
  if (cpu == NULL || n_rounds < 0 || n_rounds > INT64_C(1) << 32) return -1;
  peak_loop *loop = NULL;
  if (x_type == HEARTH_A8_32) loop = cpu->peak_int8;
  if (x_type == HEARTH_F32 || x_type == HEARTH_BF16) loop = cpu->peak_f32;
  if (x_type == HEARTH_BF16 && cpu->peak_pairs != NULL) loop = cpu->peak_pairs;
  return loop == NULL ? -1 : loop(n_rounds);
}

uint64_t hearth_read(const hearth_cpu *cpu, hearth_ptr bytes, int64_t n_bytes) {
  return cpu == NULL || n_bytes <= 0 ? 0 : cpu->read((const uint8_t *)(uintptr_t)bytes, n_bytes);
}

static void add_bias(const linear_call *c, const uint8_t *bias) {
  for (int64_t t = 0; t < c->n_tokens; t++)
    for (int64_t r = c->row0; r < c->row1; r++) {
      float b;
      memcpy(&b, bias + 4 * r, 4);
      c->out[t * c->out_stride + r] += b;
    }
}

int32_t hearth_linear(const hearth_cpu *cpu, uint32_t w_type, uint32_t x_type, hearth_ptr out, hearth_ptr w,
                      hearth_ptr bias, hearth_ptr x, int64_t n_in, int64_t n_tokens, int64_t row0, int64_t row1,
                      int64_t out_stride, int64_t w_stride, int64_t x_stride, hearth_ptr scratch, int64_t scratch_bytes) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  const linear_entry *entry = linear_for(cpu, w_type, x_type);
  if (entry == NULL) return HEARTH_BAD_TYPE;
  if (!row_fits(n_in, block_of(w_type), w_stride) || !row_fits(n_in, block_of(x_type), x_stride) ||
      !aligned(x_type, (hearth_ptr)x_stride) || n_tokens < 0 || row0 < 0 || row0 > row1 || out_stride < row1 || scratch_bytes < 0 ||
      (entry->scratch != NULL && scratch_bytes < entry->scratch(n_in, n_tokens)))
    return HEARTH_BAD_SHAPE;
  if (!words(out) || w == 0 || x == 0 || !aligned(x_type, x) || scratch % 4 != 0 || (scratch == 0 && scratch_bytes != 0))
    return HEARTH_BAD_ADDRESS;
  const linear_call c = {(float *)(void *)at(out), at(w), at(x), at(scratch), n_in, n_tokens, row0, row1, out_stride,
                         w_stride, x_stride, scratch_bytes, NULL, 0};
  entry->run(&c);
  if (bias != 0) add_bias(&c, at(bias));
  return HEARTH_OK;
}

int32_t hearth_embed(const hearth_cpu *cpu, uint32_t w_type, hearth_ptr out, hearth_ptr w, hearth_ptr ids, float scale,
                     int64_t n, int64_t n_tokens, int64_t out_stride, int64_t w_stride, int64_t ids_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (w_type >= HEARTH_TYPES || cpu->values[w_type] == NULL) return HEARTH_BAD_TYPE;
  if (!row_words(n, out_stride) || !row_fits(n, block_of(w_type), w_stride) || !stride_words(ids_stride) || n_tokens < 0)
    return HEARTH_BAD_SHAPE;
  if (!words(out) || w == 0 || !words(ids)) return HEARTH_BAD_ADDRESS;
  cpu->embed(&(embed_call){at(out), at(w), at(ids), scale, n, n_tokens, 4 * out_stride, w_stride, 4 * ids_stride},
             cpu->values[w_type]);
  return HEARTH_OK;
}

int32_t hearth_norm(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr residual, hearth_ptr delta, hearth_ptr weight,
                    float epsilon, int64_t n, int64_t group, int64_t n_tokens, int64_t out_stride,
                    int64_t residual_stride, int64_t delta_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, out_stride) || !row_words(n, residual_stride) || (delta != 0 && !row_words(n, delta_stride)) ||
      group <= 0 || n % group != 0 || n_tokens < 0)
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(residual) || delta % 4 != 0 || weight == 0) return HEARTH_BAD_ADDRESS;
  cpu->norm(&(norm_call){at(out), at(residual), at(delta), at(weight), NULL, epsilon, n, group, n_tokens, 4 * out_stride,
                         4 * residual_stride, delta == 0 ? 0 : 4 * delta_stride});
  return HEARTH_OK;
}

int32_t hearth_layer_norm(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr residual, hearth_ptr delta, hearth_ptr weight,
                          hearth_ptr bias, float epsilon, int64_t n, int64_t group, int64_t n_tokens, int64_t out_stride,
                          int64_t residual_stride, int64_t delta_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, out_stride) || !row_words(n, residual_stride) || (delta != 0 && !row_words(n, delta_stride)) ||
      group <= 0 || n % group != 0 || n_tokens < 0)
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(residual) || delta % 4 != 0 || weight == 0) return HEARTH_BAD_ADDRESS;
  cpu->layer_norm(&(norm_call){at(out), at(residual), at(delta), at(weight), at(bias), epsilon, n, group, n_tokens,
                               4 * out_stride, 4 * residual_stride, delta == 0 ? 0 : 4 * delta_stride});
  return HEARTH_OK;
}

int32_t hearth_scale(const hearth_cpu *cpu, hearth_ptr inout, float factor, int64_t n, int64_t n_tokens,
                     int64_t inout_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, inout_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(inout)) return HEARTH_BAD_ADDRESS;
  cpu->scale(&(rows_call){.out = at(inout), .factor = factor, .n = n, .n_rows = n_tokens, .out_stride = 4 * inout_stride});
  return HEARTH_OK;
}

int32_t hearth_activate(const hearth_cpu *cpu, uint32_t activation, hearth_ptr inout, int64_t n, int64_t n_tokens,
                        int64_t inout_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (activation >= HEARTH_ACTIVATIONS) return HEARTH_BAD_TYPE;
  if (!row_words(n, inout_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(inout)) return HEARTH_BAD_ADDRESS;
  cpu->activate[activation](&(rows_call){.out = at(inout), .n = n, .n_rows = n_tokens, .out_stride = 4 * inout_stride});
  return HEARTH_OK;
}

int32_t hearth_add(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr x, int64_t n, int64_t n_tokens,
                   int64_t inout_stride, int64_t x_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, inout_stride) || !row_words(n, x_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(inout) || !words(x)) return HEARTH_BAD_ADDRESS;
  cpu->add(&(rows_call){
      .out = at(inout), .x = at(x), .n = n, .n_rows = n_tokens, .out_stride = 4 * inout_stride, .x_stride = 4 * x_stride});
  return HEARTH_OK;
}

int32_t hearth_multiply(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr x, int64_t n, int64_t n_tokens,
                        int64_t inout_stride, int64_t x_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, inout_stride) || !row_words(n, x_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(inout) || !words(x)) return HEARTH_BAD_ADDRESS;
  cpu->multiply(&(rows_call){
      .out = at(inout), .x = at(x), .n = n, .n_rows = n_tokens, .out_stride = 4 * inout_stride, .x_stride = 4 * x_stride});
  return HEARTH_OK;
}

int32_t hearth_gate(const hearth_cpu *cpu, uint32_t activation, hearth_ptr out, hearth_ptr x, hearth_ptr y, int64_t n,
                    int64_t n_tokens, int64_t out_stride, int64_t x_stride, int64_t y_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (activation >= HEARTH_ACTIVATIONS) return HEARTH_BAD_TYPE;
  if (!row_words(n, out_stride) || !row_words(n, x_stride) || !row_words(n, y_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x) || !words(y)) return HEARTH_BAD_ADDRESS;
  cpu->gate[activation](&(rows_call){.out = at(out),
                                     .x = at(x),
                                     .y = at(y),
                                     .n = n,
                                     .n_rows = n_tokens,
                                     .out_stride = 4 * out_stride,
                                     .x_stride = 4 * x_stride,
                                     .y_stride = 4 * y_stride});
  return HEARTH_OK;
}

int32_t hearth_clamped_gate(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr y, float alpha, float limit,
                            int64_t n, int64_t n_tokens, int64_t out_stride, int64_t x_stride, int64_t y_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, out_stride) || !row_words(n, x_stride) || !row_words(n, y_stride) || n_tokens < 0 || !(limit > 0))
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x) || !words(y)) return HEARTH_BAD_ADDRESS;
  cpu->clamped_gate(&(rows_call){.out = at(out),
                                 .x = at(x),
                                 .y = at(y),
                                 .factor = alpha,
                                 .limit = limit,
                                 .n = n,
                                 .n_rows = n_tokens,
                                 .out_stride = 4 * out_stride,
                                 .x_stride = 4 * x_stride,
                                 .y_stride = 4 * y_stride});
  return HEARTH_OK;
}

int32_t hearth_softcap(const hearth_cpu *cpu, hearth_ptr inout, float cap, int64_t n, int64_t n_tokens,
                       int64_t inout_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, inout_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(inout)) return HEARTH_BAD_ADDRESS;
  cpu->softcap(&(rows_call){.out = at(inout), .factor = cap, .n = n, .n_rows = n_tokens, .out_stride = 4 * inout_stride});
  return HEARTH_OK;
}

int32_t hearth_rotate(const hearth_cpu *cpu, uint32_t pairing, hearth_ptr inout, hearth_ptr positions, hearth_ptr table,
                      int64_t n, int64_t head_dim, int64_t n_pairs, int64_t n_tokens, int64_t inout_stride,
                      int64_t positions_stride, int64_t table_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (pairing > HEARTH_NEIGHBOURS) return HEARTH_BAD_TYPE;
  if (!row_words(n, inout_stride) || head_dim <= 0 || n % head_dim != 0 || n_pairs < 0 || n_pairs > head_dim / 2 ||
      n_tokens < 0 || !stride_words(positions_stride) || !stride_words(table_stride) || table_stride < 2 * n_pairs)
    return HEARTH_BAD_SHAPE;
  if (!words(inout) || !words(positions) || !words(table)) return HEARTH_BAD_ADDRESS;
  cpu->rotate(&(rotate_call){at(inout), at(positions), at(table), pairing, n, head_dim, n_pairs, n_tokens,
                             4 * inout_stride, 4 * positions_stride, 4 * table_stride});
  return HEARTH_OK;
}

/* What store and attend have in common. */
static int32_t check_kv(const hearth_cpu *cpu, const kv_call *c) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  const int int8 = c->type == HEARTH_CACHE_INT8;
  if (c->type != HEARTH_F32 && c->type != HEARTH_F16 && c->type != HEARTH_BF16 && !int8) return HEARTH_BAD_TYPE;
  const int64_t most = INT64_C(1) << 24, far = INT64_C(1) << 56, size = c->type == HEARTH_F32 ? 4 : int8 ? 1 : 2;
  const int64_t scales = int8 ? 4 * c->page_size : 0;
  if (c->n_kv_heads <= 0 || c->n_kv_heads > 65536 || c->head_dim <= 0 || c->head_dim > 65536 || c->page_size <= 0 ||
      c->page_size > most || c->value_dim <= 0 || c->value_dim > 65536 || c->value_offset < 0 || c->value_offset > far ||
      c->value_row < c->value_dim * size || c->value_row > 65536 * size || c->key_page < c->page_size * c->head_dim * size + scales ||
      c->value_page < c->page_size * c->value_row + scales || c->key_head < c->page_size * c->head_dim * size + scales ||
      c->value_head < c->page_size * c->value_row + scales || c->key_page > far || c->value_page > far || c->key_head > far ||
      c->value_head > far || c->task0 < 0 || c->task0 > c->task1 || c->pages_stride <= 0 || c->positions_stride <= 0 ||
      c->sequences_stride <= 0)
    return HEARTH_BAD_SHAPE;
  return c->pool == 0 || (c->type == HEARTH_F32 && (uintptr_t)c->pool % 4 != 0) ? HEARTH_BAD_ADDRESS : HEARTH_OK;
}

int32_t hearth_store(const hearth_cpu *cpu, uint32_t type, hearth_ptr pool, hearth_ptr pages, hearth_ptr positions,
                     hearth_ptr sequences, hearth_ptr keys, hearth_ptr values, int64_t n_kv_heads, int64_t head_dim,
                     int64_t value_dim, int64_t value_offset, int64_t value_row, int64_t key_page, int64_t value_page, int64_t key_head, int64_t value_head, int64_t page_size,
                     int64_t n_tokens, int64_t pages_stride,
                     int64_t positions_stride, int64_t sequences_stride, int64_t keys_stride, int64_t values_stride) {
  const kv_call c = {.pool = at(pool),
                     .pages = at(pages),
                     .positions = at(positions),
                     .sequences = at(sequences),
                     .keys = at(keys),
                     .values = at(values),
                     .type = (int)type,
                     .n_kv_heads = n_kv_heads,
                     .head_dim = head_dim,
                     .value_dim = value_dim,
                     .value_offset = value_offset,
                     .value_row = value_row,
                     .page_size = page_size,
                     .task1 = n_tokens,
                     .key_page = key_page,
                     .value_page = value_page,
                     .key_head = key_head,
                     .value_head = value_head,
                     .pages_stride = 4 * pages_stride,
                     .positions_stride = 4 * positions_stride,
                     .sequences_stride = 4 * sequences_stride,
                     .keys_stride = 4 * keys_stride,
                     .values_stride = 4 * values_stride};
  const int32_t status = check_kv(cpu, &c);
  if (status != HEARTH_OK) return status;
  if (!row_words(n_kv_heads * head_dim, keys_stride) || (values != 0 && !row_words(n_kv_heads * value_dim, values_stride)))
    return HEARTH_BAD_SHAPE;
  if (!words(pages) || !words(positions) || !words(sequences) || !words(keys) || values % 4 != 0)
    return HEARTH_BAD_ADDRESS;
  cpu->store(&c);
  return HEARTH_OK;
}

int64_t hearth_attend_scratch(int64_t n_heads, int64_t n_kv_heads, int64_t value_dim) {
  if (n_kv_heads <= 0 || n_heads <= 0 || n_heads > 65536 || n_heads % n_kv_heads != 0 || value_dim <= 0 || value_dim > 65536)
    return -1;
  const int64_t group = n_heads / n_kv_heads;
  return (group <= ATTEND_GROUP ? ATTEND_TOKENS : 1) * group * (256 + 6 + 3 * ((value_dim + 15) / 16 * 16)) * 4;
}

int32_t hearth_attend(const hearth_cpu *cpu, uint32_t type, hearth_ptr out, hearth_ptr queries, hearth_ptr pool,
                      hearth_ptr pages, hearth_ptr positions, hearth_ptr sequences, hearth_ptr ends, hearth_ptr sinks,
                      hearth_ptr slopes, hearth_ptr relative_keys, hearth_ptr relative_queries, hearth_ptr vectors, int64_t n_vectors,
                      int64_t reach, float scale, float softcap, int64_t window, int64_t ahead, int64_t chunk, int64_t n_heads,
                      int64_t n_kv_heads, int64_t head_dim, int64_t value_dim, int64_t value_offset, int64_t value_row,
                      int64_t key_page, int64_t value_page, int64_t key_head, int64_t value_head, int64_t page_size,
                      int64_t n_tokens, int64_t task0, int64_t task1, int64_t pages_stride, int64_t positions_stride, int64_t sequences_stride, int64_t ends_stride,
                      int64_t out_stride, int64_t queries_stride, hearth_ptr scratch, int64_t scratch_bytes, uint32_t stage, hearth_ptr parts,
                      int64_t n_parts) {
  const kv_call c = {.pool = at(pool),
                     .out = at(out),
                     .pages = at(pages),
                     .positions = at(positions),
                     .sequences = at(sequences),
                     .ends = at(ends),
                     .queries = at(queries),
                     .sinks = at(sinks),
                     .slopes = at(slopes),
                     .relative_keys = at(relative_keys),
                     .relative_queries = at(relative_queries),
                     .vectors = at(vectors),
                     .n_vectors = n_vectors,
                     .reach = reach,
                     .scratch = (float *)(void *)at(scratch),
                     .stage = stage,
                     .parts = (float *)(void *)at(parts),
                     .n_parts = n_parts,
                     .type = (int)type,
                     .scale = scale,
                     .softcap = softcap,
                     .n_heads = n_heads,
                     .n_kv_heads = n_kv_heads,
                     .head_dim = head_dim,
                     .value_dim = value_dim,
                     .value_offset = value_offset,
                     .value_row = value_row,
                     .window = window,
                     .ahead = ahead,
                     .chunk = chunk,
                     .page_size = page_size,
                     .n_tokens = n_tokens,
                     .task0 = task0,
                     .task1 = task1,
                     .key_page = key_page,
                     .value_page = value_page,
                     .key_head = key_head,
                     .value_head = value_head,
                     .pages_stride = 4 * pages_stride,
                     .positions_stride = 4 * positions_stride,
                     .sequences_stride = 4 * sequences_stride,
                     .ends_stride = 4 * ends_stride,
                     .out_stride = 4 * out_stride,
                     .queries_stride = 4 * queries_stride};
  const int32_t status = check_kv(cpu, &c);
  if (status != HEARTH_OK) return status;
  const int64_t needed = hearth_attend_scratch(n_heads, n_kv_heads, value_dim);
  const int64_t split = stage == HEARTH_ATTEND_PARTS ? n_parts : 1;
  if (needed < 0 || scratch_bytes < needed || n_tokens < 0 || task0 < 0 || task1 < task0 || stage > HEARTH_ATTEND_JOIN ||
      (stage != HEARTH_ATTEND_WHOLE && (n_parts <= 0 || n_parts > MOST_ELEMENTS)) ||
      (task1 > task0 && (task1 - 1) / split / n_kv_heads >= n_tokens) || window <= 0 || ahead < 0 || chunk <= 0 || window > INT32_MAX ||
      ahead > INT32_MAX || chunk > INT32_MAX || !row_words(n_heads * value_dim, out_stride) ||
      !row_words(n_heads * head_dim, queries_stride) || !stride_words(ends_stride) ||
      (vectors && (n_vectors <= 0 || n_vectors > MOST_ELEMENTS || reach < 0 || reach > INT32_MAX)))
    return HEARTH_BAD_SHAPE;
  if (!words(pages) || !words(positions) || !words(sequences) || !words(ends) || !words(out) ||
      !words(queries) || !words(scratch) || (vectors && !words(vectors)) || (stage != HEARTH_ATTEND_WHOLE && !words(parts)))
    return HEARTH_BAD_ADDRESS;
  cpu->attend(&c);
  return HEARTH_OK;
}

int32_t hearth_route(const hearth_cpu *cpu, uint32_t scoring, hearth_ptr experts, hearth_ptr weights, hearth_ptr logits,
                     hearth_ptr bias, int64_t n_groups, int64_t n_used, int64_t n_ranking, uint32_t normalised,
                     float epsilon, float scale, int64_t n_experts, int64_t n_chosen, int64_t n_tokens,
                     int64_t experts_stride, int64_t weights_stride, int64_t logits_stride, hearth_ptr scratch,
                     int64_t scratch_bytes) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (scoring > HEARTH_LOGIT_THEN_SIGMOID) return HEARTH_BAD_TYPE;
  if (!row_words(n_chosen, experts_stride) || !row_words(n_chosen, weights_stride) || !row_words(n_experts, logits_stride) ||
      n_experts > INT32_MAX || n_groups <= 0 || n_experts % n_groups != 0 || n_used <= 0 || n_used > n_groups ||
      n_chosen > n_experts / n_groups * n_used || n_ranking <= 0 || n_ranking > 2 || n_ranking > n_experts / n_groups ||
      n_tokens < 0 || scratch_bytes < 16 * n_experts)
    return HEARTH_BAD_SHAPE;
  if (!words(experts) || !words(weights) || !words(logits) || !words(scratch)) return HEARTH_BAD_ADDRESS;
  cpu->route(&(route_call){at(experts), at(weights), at(logits), at(bias), (float *)(void *)at(scratch), scoring, normalised,
                           epsilon, scale, n_experts, n_groups, n_used, n_ranking, n_chosen, n_tokens, 4 * experts_stride,
                           4 * weights_stride, 4 * logits_stride});
  return HEARTH_OK;
}

int32_t hearth_accumulate(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr x, hearth_ptr rows, hearth_ptr weights,
                          int64_t n, int64_t n_rows, int64_t inout_stride, int64_t x_stride, int64_t rows_stride,
                          int64_t weights_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, inout_stride) || !row_words(n, x_stride) || !stride_words(rows_stride) || !stride_words(weights_stride) ||
      n_rows < 0)
    return HEARTH_BAD_SHAPE;
  if (!words(inout) || !words(x) || !words(rows) || !words(weights)) return HEARTH_BAD_ADDRESS;
  cpu->accumulate(&(rows_call){.out = at(inout),
                               .x = at(x),
                               .y = at(rows),
                               .weights = at(weights),
                               .n = n,
                               .n_rows = n_rows,
                               .out_stride = 4 * inout_stride,
                               .x_stride = 4 * x_stride,
                               .y_stride = 4 * rows_stride,
                               .weights_stride = 4 * weights_stride});
  return HEARTH_OK;
}

int32_t hearth_gather(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr rows, int64_t n_bytes,
                      int64_t n_rows, int64_t out_stride, int64_t x_stride, int64_t rows_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (n_bytes <= 0 || out_stride < n_bytes || x_stride < n_bytes || !stride_words(rows_stride) || n_rows < 0)
    return HEARTH_BAD_SHAPE;
  if (out == 0 || x == 0 || !words(rows)) return HEARTH_BAD_ADDRESS;
  for (int64_t i = 0; i < n_rows; i++) {
    int32_t row;
    memcpy(&row, at(rows) + 4 * i * rows_stride, 4);
    memcpy(at(out) + i * out_stride, at(x) + row * x_stride, (size_t)n_bytes);
  }
  return HEARTH_OK;
}
