/*
 * Products of int8 matrices by a warp: d[16, 16] += a[16, 32] * b[32, 16], exact in 32 bits. Each lane holds words of four bytes with
 * neighbouring k, and numbers of d; the places below say which. Layouts are those of the PTX ISA ("Matrix Fragments for mma.m16n8k32") and
 * of AMD's instruction sets CDNA 2, CDNA 3 and RDNA 3; test/layouts.h has them as tables.
 */
#pragma once
#include "gpu.h"

#define GPU_MMA 1
#define GPU_MFMA 2
#define GPU_WMMA 3
#if GPU_CUDA
#define GPU_MATRIX GPU_MMA
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#error "no path for matrices below sm_80"
#endif
#elif GPU_HIP
#if defined(__gfx90a__) || defined(__gfx942__)
#define GPU_MATRIX GPU_MFMA
#elif defined(__GFX11__)
#define GPU_MATRIX GPU_WMMA
#else
#error "no path for matrices on this architecture"
#endif
#elif !defined(GPU_MATRIX)
#define GPU_MATRIX (SIMT_WARP == 32 ? GPU_MMA : GPU_MFMA)
#endif

namespace gpu {

/** Words and numbers of a lane. */
constexpr int matrixA = GPU_MATRIX == GPU_MMA ? 4 : GPU_MATRIX == GPU_MFMA ? 2 : 8;
constexpr int matrixB = matrixA;
constexpr int matrixD = GPU_MATRIX == GPU_MFMA ? 4 : 8;

/** Row and first k of a word of a; column and first k of one of b; row and column of a number of d. */
struct Place {
    int line, at;
};

GPU_FN Place placeA(int lane, int word) {
    if (GPU_MATRIX == GPU_MMA) {
        return {lane / 4 + word % 2 * 8, lane % 4 * 4 + word / 2 * 16};
    }
    return GPU_MATRIX == GPU_MFMA ? Place{lane % 16, lane / 16 * 8 + word * 4} : Place{lane % 16, word * 4};
}

/** mma.sync has 8 columns: two of them make 16, the first with words 0 and 1. */
GPU_FN Place placeB(int lane, int word) {
    if (GPU_MATRIX == GPU_MMA) {
        return {lane / 4 + word / 2 * 8, lane % 4 * 4 + word % 2 * 16};
    }
    return placeA(lane, word);
}

GPU_FN Place placeD(int lane, int i) {
    if (GPU_MATRIX == GPU_MMA) {
        return {lane / 4 + i % 4 / 2 * 8, lane % 4 * 2 + i % 2 + i / 4 * 8};
    }
    return GPU_MATRIX == GPU_MFMA ? Place{lane / 16 * 4 + i, lane % 16} : Place{i * 2 + lane / 16, lane % 16};
}

#if GPU_CUDA
/** All lanes of the warp take part, as in every multiply. */
GPU_FN void multiply(int (&d)[matrixD], const int (&a)[matrixA], const int (&b)[matrixB]) {
    GPU_UNROLL for (int half = 0; half < 2; half++) {
        int* to = d + 4 * half;
        asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                     : "+r"(to[0]), "+r"(to[1]), "+r"(to[2]), "+r"(to[3])
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[2 * half]), "r"(b[2 * half + 1]));
    }
}
#elif GPU_HIP
typedef int IntsOf4 __attribute__((ext_vector_type(4)));
typedef int IntsOf8 __attribute__((ext_vector_type(8)));

GPU_FN void multiply(int (&d)[matrixD], const int (&a)[matrixA], const int (&b)[matrixB]) {
#if defined(__gfx942__)
    long x = static_cast<long>(static_cast<uint64_t>(static_cast<uint32_t>(a[1])) << 32 | static_cast<uint32_t>(a[0]));
    long y = static_cast<long>(static_cast<uint64_t>(static_cast<uint32_t>(b[1])) << 32 | static_cast<uint32_t>(b[0]));
    IntsOf4 sum = __builtin_amdgcn_mfma_i32_16x16x32_i8(x, y, IntsOf4{d[0], d[1], d[2], d[3]}, 0, 0, 0);
#elif defined(__gfx90a__)
    // 16 k at once, of which this architecture has 4 in a lane: which 16 they are is all the same, as a and b have the same ones
    IntsOf4 sum = __builtin_amdgcn_mfma_i32_16x16x16i8(a[0], b[0], IntsOf4{d[0], d[1], d[2], d[3]}, 0, 0, 0);
    sum = __builtin_amdgcn_mfma_i32_16x16x16i8(a[1], b[1], sum, 0, 0, 0);
#else
    IntsOf8 sum = {d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]};
    for (int k = 0; k < 8; k += 4) {
        IntsOf4 x = {a[k], a[k + 1], a[k + 2], a[k + 3]};
        IntsOf4 y = {b[k], b[k + 1], b[k + 2], b[k + 3]};
        sum = __builtin_amdgcn_wmma_i32_16x16x16_iu8_w32(true, x, true, y, sum, false);
    }
#endif
    GPU_UNROLL for (int i = 0; i < matrixD; i++) {
        d[i] = sum[i];
    }
}
#else
/** What a lane gives, and gets in d. */
struct Offered {
    int (&d)[matrixD];
    const int (&a)[matrixA];
    const int (&b)[matrixB];
};

inline void multiply(int (&d)[matrixD], const int (&a)[matrixA], const int (&b)[matrixB]) {
    Offered mine = {d, a, b};
    simt::together(mine, [](Offered* const* lanes) {
        int8_t left[16][32];
        int8_t right[16][32];
        for (int lane = 0; lane < GPU_WARP; lane++) {
            for (int word = 0; word < matrixA; word++) {
                Place x = placeA(lane, word);
                Place y = placeB(lane, word);
                __builtin_memcpy(&left[x.line][x.at], &lanes[lane]->a[word], 4);
                __builtin_memcpy(&right[y.line][y.at], &lanes[lane]->b[word], 4);
            }
        }
        for (int lane = 0; lane < GPU_WARP; lane++) {
            for (int i = 0; i < matrixD; i++) {
                Place at = placeD(lane, i);
                for (int k = 0; k < 32; k++) {
                    lanes[lane]->d[i] += left[at.line][k] * right[at.at][k];
                }
            }
        }
    });
}
#endif

}  // namespace gpu
