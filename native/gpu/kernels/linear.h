/* Rows of weights, looked up and multiplied with activations. A type is a struct here, in blocks.h or points.h, and a line at the end. */
#pragma once
#include "halves.h"
#include "points.h"
#include "rings.h"

namespace gpu {

struct F32 {
    GPU_FN static float value(const uint8_t* row, int64_t k) { return reinterpret_cast<const float*>(row)[k]; }
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

/** F32 activations: sixteen lanes make a row's product, each one of its sixteen sums. Experts go by one token. */
template <class Type, int TOKENS>
GPU_FN void linear(const LinearArgs& a) {
    int lane = thread() % 16;
    int64_t row = (static_cast<int64_t>(blockX()) * threads() + thread()) / 16;
    int64_t first = static_cast<int64_t>(blockY()) * TOKENS;
    Source source = sourceOf(a, first);
    const uint8_t* weight = source.weight + (row < a.rows ? row : 0) * a.weight.stride;
    float sums[TOKENS] = {};
    for (int64_t k = lane; row < a.rows && k < a.columns; k += 16) {
        float value = Type::value(weight, k);
        for (int t = 0; t < TOKENS; t++) {
            if (first + t < a.tokens) {
                const uint8_t* x = source.x + t * a.x.stride;
                sums[t] = fma(reinterpret_cast<const float*>(x)[k], value, sums[t]);
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
    Source source = sourceOf(a, first);
    const uint8_t* weight = source.weight + (row < a.rows ? row : 0) * a.weight.stride;
    float sums[TOKENS] = {};
    for (int64_t b = lane; row < a.rows && b < a.columns / Type::size; b += 8) {
        for (int t = 0; t < TOKENS; t++) {
            if (first + t < a.tokens) {
                const uint8_t* x = source.x + t * a.x.stride;
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

/** The eight sums over blocks of every number of d; each thread's own. */
struct MatrixShared {
    float sums[8][matrixD][128];
};

/** Words of a block's codes, 32 columns from `from` on; of those in [low, high) alone. */
template <class Type>
GPU_FN void codesOf(int (&a)[matrixA], const uint8_t* const (&blocks)[matrixA], int from, int low, int high) {
    GPU_UNROLL for (int w = 0; w < matrixA; w++) {
        int at = placeA(thread() % GPU_WARP, w).at;
        a[w] = at >= low && at < high ? static_cast<int>(Type::four(blocks[w], from + at)) : 0;
    }
}

/** int8 activations of many tokens: a warp makes 16 rows of 16 tokens at once, a block 64 rows. The bits are those of linearInt8. */
template <class Type>
GPU_FN void linearMatrix(const LinearArgs& a, MatrixShared& shared) {
    int lane = thread() % GPU_WARP;
    int64_t firstToken = static_cast<int64_t>(blockX()) * 16;
    for (int tile = thread() / GPU_WARP; tile < 4; tile += threads() / GPU_WARP) {
        int64_t firstRow = static_cast<int64_t>(blockY()) * 64 + tile * 16;
        const uint8_t* blocks[matrixA];
        const uint8_t* codes[matrixB];
        GPU_UNROLL for (int w = 0; w < matrixA; w++) {
            int64_t row = firstRow + placeA(lane, w).line;
            Place b = placeB(lane, w);
            int64_t token = firstToken + b.line;
            blocks[w] = a.weight.row(row < a.rows ? row : 0);  // what is made of others is not kept
            codes[w] = a.x.row(token < a.tokens ? token : 0) + b.at;
        }
        for (int i = 0; i < 8 * matrixD; i++) {
            shared.sums[i / matrixD][i % matrixD][thread()] = 0;
        }
        for (int64_t block = 0; block < a.columns / Type::size; block++) {
            int exact[matrixD] = {};
            int lows[matrixD] = {};
            for (int from = 0; from < Type::size; from += 32) {
                int x[matrixB];
                GPU_UNROLL for (int w = 0; w < matrixB; w++) {
                    x[w] = *reinterpret_cast<const int32_t*>(codes[w] + block * Type::size + from);
                }
                for (int low = 0; low < 32; low += Type::scaled) {
                    int y[matrixA];
                    int part[matrixD] = {};
                    codesOf<Type>(y, blocks, from, low, low + Type::scaled);
                    multiply(part, y, x);
                    GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                        int64_t row = firstRow + placeD(lane, i).line;
                        const uint8_t* at = a.weight.row(row < a.rows ? row : 0) + block * Type::bytes;
                        exact[i] += Type::scale(at, (from + low) / 16) * part[i];
                    }
                }
                if (Type::hasMinima) {  // each below 128
                    int y[matrixA];
                    GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                        y[w] = Type::minimum(blocks[w], (from + placeA(lane, w).at) / 16) * 0x01010101;
                    }
                    multiply(lows, y, x);
                }
            }
            GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                Place d = placeD(lane, i);
                int64_t row = firstRow + d.line < a.rows ? firstRow + d.line : 0;
                int64_t token = firstToken + d.at < a.tokens ? firstToken + d.at : 0;
                const uint8_t* at = a.weight.row(row) + block * Type::bytes;
                float scale = *reinterpret_cast<const float*>(a.x.row(token) + a.columns + 4 * block);
                float& sum = shared.sums[block % 8][i][thread()];
                sum = fma(Type::d(at) * scale, static_cast<float>(exact[i]), sum);
                if (Type::hasMinima) {
                    sum = fma(-(Type::dmin(at) * scale), static_cast<float>(lows[i]), sum);
                }
            }
            GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                blocks[w] += Type::bytes;
            }
        }
        GPU_UNROLL for (int i = 0; i < matrixD; i++) {
            float s[4];
            for (int j = 0; j < 4; j++) {
                s[j] = shared.sums[j][i][thread()] + shared.sums[j + 4][i][thread()];
            }
            Place d = placeD(lane, i);
            if (firstRow + d.line < a.rows && firstToken + d.at < a.tokens) {
                put(a, firstToken + d.at, firstRow + d.line, (s[0] + s[2]) + (s[1] + s[3]));
            }
        }
    }
}

/** One token, as decoding has, and eight that share what is read of the weight. The sums are the same. */
#define GPU_WEIGHT(Type, name)                                                     \
    GPU_KERNEL(hearth_embed_##name, EmbedArgs) { embed<Type>(a); }                 \
    GPU_KERNEL(hearth_linear_##name##_1, LinearArgs) { linear<Type, 1>(a); }       \
    GPU_KERNEL(hearth_linear_##name##_8, LinearArgs) { linear<Type, 8>(a); }

/** With int8 activations too. */
#define GPU_ROUNDED(Type, name)                                                                 \
    GPU_WEIGHT(Blocks<Type>, name)                                                              \
    GPU_KERNEL(hearth_linear_##name##_rounded_1, LinearArgs) { linearInt8<Blocks<Type>, 1>(a); }   \
    GPU_KERNEL(hearth_linear_##name##_rounded_8, LinearArgs) { linearInt8<Blocks<Type>, 8>(a); }

#define GPU_BLOCKS(Type, name)                                    \
    GPU_ROUNDED(Type, name)                                       \
    GPU_KERNEL_OF(3, hearth_linear_##name##_matrix, LinearArgs) { \
        GPU_SHARED(MatrixShared, shared);                         \
        linearMatrix<Blocks<Type>>(a, shared);                    \
    }

/** With a ring for many tokens, where registers have room for that. */
#define GPU_RINGED(Type, name)                                    \
    GPU_ROUNDED(Type, name)                                       \
    GPU_KERNEL_OF(3, hearth_linear_##name##_matrix, LinearArgs) { \
        GPU_SHARED(BlocksShared<Blocks<Type>>, shared);           \
        linearRing<Blocks<Type>>(a, shared);                      \
    }

GPU_WEIGHT(F32, f32)
GPU_WEIGHT(F16, f16)
GPU_WEIGHT(BF16, bf16)
GPU_WEIGHT(Blocks<NVFP4>, nvfp4)
GPU_RINGED(Q8_0, q8_0)
GPU_RINGED(Q4_0, q4_0)
GPU_BLOCKS(Q4_1, q4_1)
GPU_BLOCKS(Q5_0, q5_0)
GPU_BLOCKS(Q5_1, q5_1)
GPU_BLOCKS(IQ4_NL, iq4_nl)
GPU_RINGED(MXFP4, mxfp4)
GPU_BLOCKS(Q2_K, q2_k)
GPU_BLOCKS(Q3_K, q3_k)
GPU_BLOCKS(Q4_K, q4_k)
GPU_BLOCKS(Q5_K, q5_k)
GPU_BLOCKS(Q6_K, q6_k)
GPU_BLOCKS(IQ4_XS, iq4_xs)
GPU_BLOCKS(TQ1_0, tq1_0)
GPU_BLOCKS(TQ2_0, tq2_0)
GPU_BLOCKS(IQ1_S, iq1_s)
GPU_BLOCKS(IQ1_M, iq1_m)
GPU_BLOCKS(IQ2_XXS, iq2_xxs)
GPU_BLOCKS(IQ2_XS, iq2_xs)
GPU_BLOCKS(IQ2_S, iq2_s)
GPU_BLOCKS(IQ3_XXS, iq3_xxs)
GPU_BLOCKS(IQ3_S, iq3_s)

}  // namespace gpu
