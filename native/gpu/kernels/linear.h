/* Rows of weights: what they stand for, and their products with activations. A type is a struct here and a line in each macro below. */
#pragma once
#include "functions.h"

namespace gpu {

struct F32 {
    GPU_FN static float value(const uint8_t* row, int64_t k) { return reinterpret_cast<const float*>(row)[k]; }
};

struct F16 {
    GPU_FN static float value(const uint8_t* row, int64_t k) { return ofHalf(reinterpret_cast<const uint16_t*>(row)[k]); }
};

struct BF16 {
    GPU_FN static float value(const uint8_t* row, int64_t k) { return ofBfloat(reinterpret_cast<const uint16_t*>(row)[k]); }
};

/** Blocks of 32 int8 after a binary16 scale, at even addresses. */
struct Q8_0 {
    static constexpr int size = 32;
    static constexpr int bytes = 34;
    GPU_FN static float value(const uint8_t* row, int64_t k) {
        const uint8_t* block = row + k / size * bytes;
        return ofHalf(load<uint16_t>(block)) * static_cast<float>(static_cast<int8_t>(block[2 + k % size]));
    }
    /** sum + the block's part of the product with int8 activations. */
    GPU_FN static float add(const uint8_t* block, const uint8_t* codes, float scale, float sum) {
        const uint16_t* weights = reinterpret_cast<const uint16_t*>(block);
        const int32_t* x = reinterpret_cast<const int32_t*>(codes);
        int exact = 0;
        for (int i = 0; i < 8; i++) {
            int four = static_cast<int>(weights[1 + 2 * i] | static_cast<uint32_t>(weights[2 + 2 * i]) << 16);
            exact = dot4(four, x[i], exact);
        }
        return fma(ofHalf(weights[0]) * scale, static_cast<float>(exact), sum);
    }
};

/** out[t] = scale * table[ids[t]]; a block does a row. */
struct EmbedArgs {
    Rows out;
    ByteRows table;
    Column ids;
    int64_t width;
    float scale;
    int unused;
};

template <class Type>
GPU_FN void embed(const EmbedArgs& a) {
    const uint8_t* row = a.table.row(a.ids.at(blockX()));
    for (int64_t i = thread(); i < a.width; i += threads()) {
        a.out.row(blockX())[i] = Type::value(row, i) * a.scale;
    }
}

/** out[t, i] = dot(x[t], weight[i]) + bias[i]; block x does neighbouring rows of the weight, block y neighbouring tokens. */
struct LinearArgs {
    Rows out;
    ByteRows x, weight;
    const float* bias;  // may be null
    int64_t tokens, rows, columns;
};

GPU_FN void put(const LinearArgs& a, int64_t token, int64_t row, float dot) {
    a.out.row(token)[row] = a.bias == nullptr ? dot : dot + a.bias[row];
}

/** F32 activations: sixteen lanes make a row's product, each one of its sixteen sums. */
template <class Type, int TOKENS>
GPU_FN void linear(const LinearArgs& a) {
    int lane = thread() % 16;
    int64_t row = (static_cast<int64_t>(blockX()) * threads() + thread()) / 16;
    int64_t first = static_cast<int64_t>(blockY()) * TOKENS;
    const uint8_t* weight = a.weight.row(row < a.rows ? row : 0);
    float sums[TOKENS] = {};
    for (int64_t k = lane; row < a.rows && k < a.columns; k += 16) {
        float value = Type::value(weight, k);
        for (int t = 0; t < TOKENS; t++) {
            if (first + t < a.tokens) {
                sums[t] = fma(reinterpret_cast<const float*>(a.x.row(first + t))[k], value, sums[t]);
            }
        }
    }
    for (int t = 0; t < TOKENS; t++) {
        if (first + t < a.tokens) {
            float dot = fold16(sums[t]);
            if (lane == 0 && row < a.rows) {
                put(a, first + t, row, dot);
            }
        }
    }
}

/** int8 activations: eight lanes make a row's product, each one of its eight sums over blocks. */
template <class Type, int TOKENS>
GPU_FN void linearInt8(const LinearArgs& a) {
    int lane = thread() % 8;
    int64_t row = (static_cast<int64_t>(blockX()) * threads() + thread()) / 8;
    int64_t first = static_cast<int64_t>(blockY()) * TOKENS;
    const uint8_t* weight = a.weight.row(row < a.rows ? row : 0);
    float sums[TOKENS] = {};
    for (int64_t b = lane; row < a.rows && b < a.columns / Type::size; b += 8) {
        for (int t = 0; t < TOKENS; t++) {
            if (first + t < a.tokens) {
                const uint8_t* x = a.x.row(first + t);
                float scale = load<float>(x + a.columns + 4 * b);
                sums[t] = Type::add(weight + b * Type::bytes, x + b * Type::size, scale, sums[t]);
            }
        }
    }
    for (int t = 0; t < TOKENS; t++) {
        if (first + t < a.tokens) {
            float dot = fold8(sums[t]);
            if (lane == 0 && row < a.rows) {
                put(a, first + t, row, dot);
            }
        }
    }
}

/** One token, as decoding has, and eight that share what is read of the weight. The sums are the same. */
#define GPU_WEIGHT(Type, name)                                                     \
    GPU_KERNEL(hearth_embed_##name, EmbedArgs) { embed<Type>(a); }                 \
    GPU_KERNEL(hearth_linear_##name##_1, LinearArgs) { linear<Type, 1>(a); }       \
    GPU_KERNEL(hearth_linear_##name##_8, LinearArgs) { linear<Type, 8>(a); }

#define GPU_BLOCKS(Type, name)                                                          \
    GPU_WEIGHT(Type, name)                                                              \
    GPU_KERNEL(hearth_linear_##name##_int8_1, LinearArgs) { linearInt8<Type, 1>(a); }   \
    GPU_KERNEL(hearth_linear_##name##_int8_8, LinearArgs) { linearInt8<Type, 8>(a); }

GPU_WEIGHT(F32, f32)
GPU_WEIGHT(F16, f16)
GPU_WEIGHT(BF16, bf16)
GPU_BLOCKS(Q8_0, q8_0)

}  // namespace gpu
