/*
 * Products of BF16 or F16 matrices by a warp, with sums of F32: d[16, 16] += a[16, 32] * b[32, 16], or of 8 columns. A lane holds pieces of
 * lines, which are rows of a and columns of b: eight numbers with neighbouring k, as one load gives them. Two instructions of 16 k make a product:
 * the first has the first four numbers of every piece, the second the others; with WMMA the first has the first two pieces of a line. Layouts are
 * those of the PTX ISA ("Matrix Fragments for mma.m16n8k16 with floating point type") and of AMD's instruction sets CDNA 2, CDNA 3 and RDNA 3;
 * test/layouts.h has them as tables.
 *
 * Products of two numbers are exact. How an instruction adds sixteen of them to d is the device's own: the PTX ISA leaves order, rounding and
 * subnormal inputs open, CDNA 2 takes subnormal inputs and results for zeros. What is relied on is that a number of d comes of its row, its column
 * and its old value alone, wherever they lie. The emulation adds by fma, in ascending order of the instruction's k.
 */
#pragma once
#include "matrix.h"

namespace gpu {

/** Eight numbers of 16 bits; the first is in the lower half of the first word. */
struct alignas(16) Piece {
    uint32_t words[4];
};

/** Columns of k of a piece, and of a product. */
constexpr int pieceColumns = 8;
constexpr int productColumns = 32;

/** Pieces of a. */
constexpr int piecesA = GPU_MATRIX == GPU_MMA ? 2 : GPU_MATRIX == GPU_MFMA ? 1 : 4;

/** Pieces of so many columns of b, 8 or 16, and numbers of d; AMD's instructions have 16 columns always. */
GPU_FN constexpr int piecesB(int columns) { return GPU_MATRIX == GPU_MMA ? columns / 8 : piecesA; }
GPU_FN constexpr int sumsD(int columns) { return GPU_MATRIX == GPU_MMA ? columns / 2 : matrixD; }

/** Line and first k of a piece, of a as of b. */
GPU_FN Place placePiece(int lane, int piece) {
    if (GPU_MATRIX == GPU_MMA) {
        return {lane / 4 + piece * 8, lane % 4 * 8};
    }
    return GPU_MATRIX == GPU_MFMA ? Place{lane % 16, lane / 16 * 8} : Place{lane % 16, piece * 8};
}

/** Words that an instruction takes of a lane. */
constexpr int operandsA = GPU_MATRIX == GPU_MMA ? 4 : GPU_MATRIX == GPU_MFMA ? 2 : 8;
constexpr int operandsB = GPU_MATRIX == GPU_MMA ? 2 : operandsA;

/** Row and first k, of 16, of an instruction's word of a; column and first k of one of b. Two numbers are in a word. */
GPU_FN Place placeOperandA(int lane, int word) {
    if (GPU_MATRIX == GPU_MMA) {
        return {lane / 4 + word % 2 * 8, lane % 4 * 2 + word / 2 * 8};
    }
    return GPU_MATRIX == GPU_MFMA ? Place{lane % 16, lane / 16 * 4 + word * 2} : Place{lane % 16, word * 2};
}

GPU_FN Place placeOperandB(int lane, int word) {
    return GPU_MATRIX == GPU_MMA ? Place{lane / 4, lane % 4 * 2 + word * 8} : placeOperandA(lane, word);
}

/** A word of a for the first or second instruction. */
GPU_FN uint32_t operandA(const Piece (&a)[piecesA], int instruction, int word) {
    if (GPU_MATRIX == GPU_MMA) {
        return a[word % 2].words[2 * instruction + word / 2];
    }
    return GPU_MATRIX == GPU_MFMA ? a[0].words[2 * instruction + word] : a[(2 * instruction + word / 4) % piecesA].words[word % 4];
}

/** A word of eight columns of b, or of AMD's 16. */
GPU_FN uint32_t operandB(const Piece* b, int eight, int instruction, int word) {
    if (GPU_MATRIX == GPU_WMMA) {
        return b[2 * instruction + word / 4].words[word % 4];
    }
    return b[eight].words[2 * instruction + word];
}

#if GPU_CUDA
#define GPU_STEP(type)                                                                                                          \
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." type "." type ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "   \
                 "{%0, %1, %2, %3};"                                                                                           \
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                              \
                 : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]))
#elif GPU_HIP
typedef float FloatsOfD __attribute__((ext_vector_type(matrixD)));
typedef int16_t BfloatsOfA __attribute__((ext_vector_type(2 * operandsA)));
typedef _Float16 HalvesOfA __attribute__((ext_vector_type(2 * operandsA)));
#if defined(__GFX11__)
#define GPU_STEP(Numbers, mfma, wmma) sum = wmma(__builtin_bit_cast(Numbers, x), __builtin_bit_cast(Numbers, y), sum)
#else
#define GPU_STEP(Numbers, mfma, wmma) sum = mfma(__builtin_bit_cast(Numbers, x), __builtin_bit_cast(Numbers, y), sum, 0, 0, 0)
#endif
#endif

/** Operands of one instruction. */
struct OperandsA {
    uint32_t words[operandsA];
};

struct OperandsB {
    uint32_t words[operandsB];
};

/** Numbers of 16 bits: what a row's bits stand for, and the instruction for their products. */
struct F16 {
    GPU_FN static float of(uint16_t bits) { return ofHalf(bits); }
    GPU_FN static float value(const uint8_t* row, int64_t k) { return of(reinterpret_cast<const uint16_t*>(row)[k]); }
#if GPU_CUDA
    GPU_FN static void step(float* d, const uint32_t* x, const uint32_t* y) { GPU_STEP("f16"); }
#elif GPU_HIP
    GPU_FN static void step(FloatsOfD& sum, const OperandsA& x, const OperandsA& y) {
        GPU_STEP(HalvesOfA, __builtin_amdgcn_mfma_f32_16x16x16f16, __builtin_amdgcn_wmma_f32_16x16x16_f16_w32);
    }
#endif
};

struct BF16 {
    GPU_FN static float of(uint16_t bits) { return ofBfloat(bits); }
    GPU_FN static float value(const uint8_t* row, int64_t k) { return of(reinterpret_cast<const uint16_t*>(row)[k]); }
#if GPU_CUDA
    GPU_FN static void step(float* d, const uint32_t* x, const uint32_t* y) { GPU_STEP("bf16"); }
#elif GPU_HIP
    GPU_FN static void step(FloatsOfD& sum, const OperandsA& x, const OperandsA& y) {
        GPU_STEP(BfloatsOfA, __builtin_amdgcn_mfma_f32_16x16x16bf16_1k, __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32);
    }
#endif
};

/** All lanes of the warp take part. d's first numbers are those of placeD. */
#if GPU_CUDA
template <class Number, int columns>
GPU_FN void multiply(float (&d)[sumsD(columns)], const Piece (&a)[piecesA], const Piece (&b)[piecesB(columns)]) {
    GPU_UNROLL for (int instruction = 0; instruction < 2; instruction++) {
        uint32_t x[operandsA];
        GPU_UNROLL for (int word = 0; word < operandsA; word++) {
            x[word] = operandA(a, instruction, word);
        }
        GPU_UNROLL for (int eight = 0; eight < columns / 8; eight++) {
            uint32_t y[operandsB] = {operandB(b, eight, instruction, 0), operandB(b, eight, instruction, 1)};
            Number::step(d + 4 * eight, x, y);
        }
    }
}
#elif GPU_HIP
template <class Number, int columns>
GPU_FN void multiply(float (&d)[sumsD(columns)], const Piece (&a)[piecesA], const Piece (&b)[piecesB(columns)]) {
    FloatsOfD sum;
    __builtin_memcpy(&sum, d, sizeof sum);
    GPU_UNROLL for (int instruction = 0; instruction < 2; instruction++) {
        OperandsA x, y;
        GPU_UNROLL for (int word = 0; word < operandsA; word++) {
            x.words[word] = operandA(a, instruction, word);
            y.words[word] = operandB(b, 0, instruction, word);
        }
        Number::step(sum, x, y);
    }
    GPU_UNROLL for (int i = 0; i < matrixD; i++) {
        d[i] = sum[i];
    }
}
#else
/** What a lane gives, and gets in d. */
struct OfferedHalves {
    float* d;
    const Piece (&a)[piecesA];
    const Piece* b;
};

/** Two numbers of a line. */
template <class Number>
void spread(float* line, uint32_t word) {
    line[0] = Number::of(static_cast<uint16_t>(word));
    line[1] = Number::of(static_cast<uint16_t>(word >> 16));
}

template <class Number, int columns>
void multiply(float (&d)[sumsD(columns)], const Piece (&a)[piecesA], const Piece (&b)[piecesB(columns)]) {
    OfferedHalves mine = {d, a, b};
    simt::together(mine, [](OfferedHalves* const* lanes) {
        for (int instruction = 0; instruction < 2; instruction++) {
            float left[16][16];
            float right[16][16];
            for (int lane = 0; lane < GPU_WARP; lane++) {
                for (int word = 0; word < operandsA; word++) {
                    Place at = placeOperandA(lane, word);
                    spread<Number>(left[at.line] + at.at, operandA(lanes[lane]->a, instruction, word));
                }
                for (int word = 0; word < operandsB * (GPU_MATRIX == GPU_MMA ? columns / 8 : 1); word++) {
                    Place at = placeOperandB(lane, word % operandsB);
                    int eight = word / operandsB;
                    spread<Number>(right[at.line + 8 * eight] + at.at, operandB(lanes[lane]->b, eight, instruction, word % operandsB));
                }
            }
            for (int lane = 0; lane < GPU_WARP; lane++) {
                for (int i = 0; i < sumsD(columns); i++) {
                    Place at = placeD(lane, i);
                    for (int k = 0; k < 16; k++) {
                        lanes[lane]->d[i] = fma(left[at.line][k], right[at.at][k], lanes[lane]->d[i]);
                    }
                }
            }
        }
    });
}
#endif

}  // namespace gpu
