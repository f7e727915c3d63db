/* What every product of activations with rows of a weight takes, and where its results go. */
#pragma once
#include "functions.h"

namespace gpu {

/**
 * out[t, i] = dot(x[t], weight[i]) + bias[i]; block x does neighbouring rows of the weight, block y neighbouring tokens. Products of many tokens,
 * whose names end in matrix, have it the other way round: blocks that start together read the same rows, all but the first from a cache. With experts,
 * row t of the result is of the weight that chosen[t / choices, t % choices] names, and of input t / inputChoices.
 */
struct LinearArgs {
    Rows out;
    ByteRows x, weight;
    const float* bias;  // may be null
    int64_t tokens, rows, columns;
    const uint8_t* const* experts;  // null: there is one weight
    const float* const* biases;     // of experts; may be null
    const int32_t* chosen;
    int64_t chosenStride;
    int choices, inputChoices;
};

/** What one row of the result is made of. */
struct Source {
    const uint8_t* weight;  // row 0
    const float* bias;
    const uint8_t* x;
};

GPU_FN Source sourceOf(const LinearArgs& a, int64_t token) {
    if (a.experts == nullptr) {
        return {a.weight.start, a.bias, a.x.row(token)};
    }
    int expert = a.chosen[token / a.choices * a.chosenStride + token % a.choices];
    return {a.experts[expert], a.biases == nullptr ? nullptr : a.biases[expert], a.x.row(token / a.inputChoices)};
}

GPU_FN void put(const LinearArgs& a, int64_t token, int64_t row, float dot) {
    const float* bias = sourceOf(a, token).bias;
    a.out.row(token)[row] = bias == nullptr ? dot : dot + bias[row];
}

}  // namespace gpu
