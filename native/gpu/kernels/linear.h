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
    float sums[sumCount][matrixD][threadCount];
};

/** int8 activations of many tokens and blocks of 32: a warp makes 16 rows of 16 tokens at once, a block 64 rows. The bits are those of linearInt8. */
template <class Type>
GPU_FN void linearMatrix(const LinearArgs& a, MatrixShared& shared) {
    static_assert(Type::size == 32, "a type that linearFolded is for");
    int lane = thread() % GPU_WARP;
    TokenCodes codes = tokenCodes(a);
    for (int tile = thread() / GPU_WARP; tile < ringRows / 16; tile += threads() / GPU_WARP) {
        int64_t firstRow = static_cast<int64_t>(blockY()) * ringRows + tile * 16;
        for (int i = 0; i < sumCount * matrixD; i++) {
            shared.sums[i / matrixD][i % matrixD][thread()] = 0;
        }
        for (int64_t block = 0; block < a.columns / Type::size; block++) {
            int exact[matrixD] = {};
            int lows[matrixD] = {};
            int x[matrixB];
            int y[matrixA];
            GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                Place place = placeA(lane, w);
                x[w] = *reinterpret_cast<const int32_t*>(codes.words[w] + block * Type::size);
                y[w] = static_cast<int>(Type::four(blockAt(a, firstRow + place.line, block * Type::bytes), place.at));
            }
            multiply(exact, y, x);
            if (Type::hasMinima) {
                GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                    y[w] = 0x01010101;
                }
                multiply(lows, y, x);
            }
            GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                const uint8_t* at = blockAt(a, firstRow + placeD(lane, i).line, block * Type::bytes);
                float scale = tokenScale<Type>(a, i, block);
                float& sum = shared.sums[block % sumCount][i][thread()];
                sum = fma(Type::d(at) * scale, static_cast<float>(exact[i]), sum);
                if (Type::hasMinima) {
                    sum = fma(-(Type::dmin(at) * scale), static_cast<float>(lows[i]), sum);
                }
            }
        }
        GPU_UNROLL for (int i = 0; i < matrixD; i++) {
            float s[4];
            for (int j = 0; j < 4; j++) {
                s[j] = shared.sums[j][i][thread()] + shared.sums[j + 4][i][thread()];
            }
            putResult(a, tile * 16, i, (s[0] + s[2]) + (s[1] + s[3]));
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

/** With a ring for many tokens: blocks of 32, where registers have room for eight sums, and those of 256. */
#define GPU_RINGED(Type, name)                                    \
    GPU_ROUNDED(Type, name)                                       \
    GPU_KERNEL_OF(3, hearth_linear_##name##_matrix, LinearArgs) { \
        GPU_SHARED(EightBlocks<Blocks<Type>>, shared);            \
        linearRing<Blocks<Type>>(a, shared);                      \
    }

#define GPU_FOLDED(Type, name)                                    \
    GPU_ROUNDED(Type, name)                                       \
    GPU_KERNEL_OF(3, hearth_linear_##name##_matrix, LinearArgs) { \
        GPU_SHARED(OneBlock<Blocks<Type>>, shared);               \
        linearFolded<Blocks<Type>>(a, shared);                    \
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
GPU_FOLDED(Q2_K, q2_k)
GPU_FOLDED(Q3_K, q3_k)
GPU_FOLDED(Q4_K, q4_k)
GPU_FOLDED(Q5_K, q5_k)
GPU_FOLDED(Q6_K, q6_k)
GPU_FOLDED(IQ4_XS, iq4_xs)
GPU_FOLDED(TQ1_0, tq1_0)
GPU_FOLDED(TQ2_0, tq2_0)
GPU_FOLDED(IQ1_S, iq1_s)
GPU_FOLDED(IQ1_M, iq1_m)
GPU_FOLDED(IQ2_XXS, iq2_xxs)
GPU_FOLDED(IQ2_XS, iq2_xs)
GPU_FOLDED(IQ2_S, iq2_s)
GPU_FOLDED(IQ3_XXS, iq3_xxs)
GPU_FOLDED(IQ3_S, iq3_s)

}  // namespace gpu
