/* The exported functions of whole rows and of their streams; see entry.c. */
#include "entry.h"

#include <stddef.h>

int32_t hearth_scale_columns(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr factors, int64_t n, int64_t n_tokens,
                             int64_t inout_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, inout_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(inout) || factors == 0) return HEARTH_BAD_ADDRESS;
  cpu->scale_columns(
      &(rows_call){.out = at(inout), .x = at(factors), .n = n, .n_rows = n_tokens, .out_stride = 4 * inout_stride});
  return HEARTH_OK;
}

int32_t hearth_map(const hearth_cpu *cpu, uint32_t function, hearth_ptr out, hearth_ptr x, float a, float b, float c,
                   float d, int64_t n, int64_t n_tokens, int64_t out_stride, int64_t x_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (function > HEARTH_XIELU) return HEARTH_BAD_TYPE;
  if (!row_words(n, out_stride) || !row_words(n, x_stride) || n_tokens < 0) return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x)) return HEARTH_BAD_ADDRESS;
  cpu->map(&(map_call){at(out), at(x), function, a, b, c, d, n, n_tokens, 4 * out_stride, 4 * x_stride});
  return HEARTH_OK;
}

int32_t hearth_mix(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, hearth_ptr weights, int64_t n_out, int64_t n_in,
                   int64_t n, int64_t n_tokens, int64_t out_stride, int64_t x_stride, int64_t weights_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  const int64_t limit = INT64_C(1) << 20; /* so that no product of two overflows */
  if (n_out <= 0 || n_out > limit || n_in <= 0 || n_in > limit || n <= 0 || n > limit * limit / 4096 ||
      !row_words(n_out * n, out_stride) || !row_words(n_in * n, x_stride) || !row_words(n_out * n_in, weights_stride) ||
      n_tokens < 0)
    return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x) || !words(weights)) return HEARTH_BAD_ADDRESS;
  cpu->mix(&(mix_call){at(out), at(x), at(weights), n_out, n_in, n, n_tokens, 4 * out_stride, 4 * x_stride, 4 * weights_stride});
  return HEARTH_OK;
}

int32_t hearth_maxima(const hearth_cpu *cpu, hearth_ptr out, hearth_ptr x, int64_t size, int64_t n) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (size <= 0 || !row_words(n, n)) return HEARTH_BAD_SHAPE;
  if (!words(out) || !words(x)) return HEARTH_BAD_ADDRESS;
  cpu->maxima(&(maxima_call){at(out), at(x), size, n});
  return HEARTH_OK;
}

int32_t hearth_resize(const hearth_cpu *cpu, hearth_ptr inout, hearth_ptr like, float least, int64_t n, int64_t n_tokens,
                      int64_t inout_stride, int64_t like_stride) {
  if (cpu == NULL) return HEARTH_BAD_CPU;
  if (!row_words(n, inout_stride) || !row_words(n, like_stride) || n_tokens < 0 || !(least > 0)) return HEARTH_BAD_SHAPE;
  if (!words(inout) || !words(like)) return HEARTH_BAD_ADDRESS;
  cpu->resize(&(rows_call){.out = at(inout),
                           .x = at(like),
                           .limit = least,
                           .n = n,
                           .n_rows = n_tokens,
                           .out_stride = 4 * inout_stride,
                           .x_stride = 4 * like_stride});
  return HEARTH_OK;
}
