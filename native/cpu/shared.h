/* What the tables of all instruction sets share. */
#ifndef HEARTH_SHARED_H
#define HEARTH_SHARED_H

#include "activations.h"
#include "attention.h"
#include "layer_norm.h"
#include "quantize.h"
#include "read.h"
#include "recurrence.h"
#include "route.h"
#include "rowwise.h"
#include "streams.h"
#include "unpacked.h"

/* BF16 by pairs, for tables without an instruction for it. */
#define HEARTH_PAIRS .linear_pairs = {linear_pairs, linear_pairs_scratch}

/* The kernels over any lanes, as every table has them. */
#define HEARTH_SHARED                                                                                                  \
  .quantize_a8_32 = quantize_a8_32, .quantize_a8_256 = quantize_a8_256, .quantize_bf16 = quantize_bf16,                \
  .embed = embed, .norm = norm,                                                                                       \
  .layer_norm = layer_norm, .add = add, .multiply = multiply, .scale = scale, .gate = ACTIVATIONS(gate), .activate = ACTIVATIONS(activate),  \
  .clamped_gate = clamped_gate, .softcap = softcap, .accumulate = accumulate, .rotate = rotate, .route = route,        \
  .scale_columns = scale_columns, .resize = resize, .maxima = maxima, .map = map, .mix = mix,                          \
  .store = store, .attend = attend, .convolve = convolve, .scan = scan, .delta = delta, .wkv = wkv, .read = read_bytes,  \
  .values = {[HEARTH_F32] = values_f32,   [HEARTH_F16] = values_f16,   [HEARTH_BF16] = values_bf16,                    \
             [HEARTH_Q8_0] = values_q8_0, [HEARTH_Q4_0] = values_q4_0, [HEARTH_Q4_K] = values_q4_k,                    \
             [HEARTH_Q6_K] = values_q6_k, UNPACKED_VALUES},                                                                           \
  .linear_f32 = {[HEARTH_F32] = {linear_f32, 0},                                                                       \
                 [HEARTH_F16] = {linear_f16, 0},                                                                       \
                 [HEARTH_BF16] = {linear_bf16, 0},                                                                     \
                 [HEARTH_Q8_0] = {linear_values_q8_0, linear_values_scratch},                                          \
                 [HEARTH_Q4_0] = {linear_values_q4_0, linear_values_scratch},                                          \
                 [HEARTH_Q4_K] = {linear_values_q4_k, linear_values_scratch},                                          \
                 [HEARTH_Q6_K] = {linear_values_q6_k, linear_values_scratch},                                          \
                 UNPACKED_ALL(UNPACKED_F32), UNPACKED_F32(NVFP4, nvfp4)}

#endif
