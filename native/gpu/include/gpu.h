/*
 * The few names that a kernel may use, for CUDA (nvcc), HIP (clang, freestanding: no header or library of ROCm) and the emulation on
 * the CPU (g++ or clang). Arithmetic is IEEE 754 binary32 everywhere: compile without contraction, fast math or flushed denormals;
 * where a fused multiply-add is meant, fma says so.
 *
 * A kernel takes one struct. GPU_KERNEL(name, Arguments) { ... } declares it with the struct as `a`. Four blocks, or
 * as many as GPU_KERNEL_OF says, fit an NVIDIA multiprocessor by their registers, of which there are 65536. clang for AMD chooses itself.
 */
#pragma once

#if defined(__CUDACC__)
#define GPU_CUDA 1
#include <cuda_fp16.h>
#include <stdint.h>
#define GPU_WARP 32
#define GPU_KERNEL_OF(blocks, name, Arguments) extern "C" __global__ void __launch_bounds__(128, blocks) name(const Arguments a)
#define GPU_SHARED(Type, name) __shared__ Type name

#elif defined(__HIP__)
#define GPU_HIP 1
typedef __UINT8_TYPE__ uint8_t;
typedef __INT8_TYPE__ int8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __INT16_TYPE__ int16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __INT32_TYPE__ int32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INT64_TYPE__ int64_t;
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __forceinline__ inline __attribute__((always_inline))
#if __AMDGCN_WAVEFRONT_SIZE == 32 || defined(__GFX10__) || defined(__GFX11__) || defined(__GFX12__)
#define GPU_WARP 32
#else
#define GPU_WARP 64
#endif
#define GPU_KERNEL_OF(blocks, name, Arguments) \
    extern "C" __global__ void __attribute__((amdgpu_flat_work_group_size(1, 128))) name(const Arguments a)
#define GPU_SHARED(Type, name) __shared__ Type name

#else
#define GPU_EMULATED 1
#include "simt.h"
#define GPU_WARP simt::warpSize
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define GPU_KERNEL_OF(blocks, name, Arguments)                                                                   \
    static void name##_body(const Arguments& a);                                                                 \
    extern "C" __attribute__((visibility("default"))) const simt::Kernel simt_kernel_##name;                     \
    extern "C" const simt::Kernel simt_kernel_##name = {#name, sizeof(Arguments), simt::warpSize,                \
        [](const void* p) { name##_body(*static_cast<const Arguments*>(p)); }};                                  \
    static void name##_body(const Arguments& a)
#define GPU_SHARED(Type, name) Type& name = simt::shared<Type>()
#endif

#define GPU_FN __device__ __forceinline__
#define GPU_KERNEL(name, Arguments) GPU_KERNEL_OF(4, name, Arguments)

/** Before a loop whose counter chooses registers. */
#if GPU_EMULATED
#define GPU_UNROLL
#else
#define GPU_UNROLL _Pragma("unroll")
#endif

namespace gpu {

/** Threads of every block; GpuDriver.THREADS in Java. */
constexpr int threadCount = 128;
GPU_FN constexpr int threads() { return threadCount; }

// ---- where a thread is -----------------------------------------------------------------------------------------------
#if GPU_CUDA
GPU_FN int thread() { return static_cast<int>(threadIdx.x); }
GPU_FN int blockX() { return static_cast<int>(blockIdx.x); }
GPU_FN int blockY() { return static_cast<int>(blockIdx.y); }
GPU_FN void syncBlock() { __syncthreads(); }
#elif GPU_HIP
GPU_FN int thread() { return static_cast<int>(__builtin_amdgcn_workitem_id_x()); }
GPU_FN int blockX() { return static_cast<int>(__builtin_amdgcn_workgroup_id_x()); }
GPU_FN int blockY() { return static_cast<int>(__builtin_amdgcn_workgroup_id_y()); }
GPU_FN void syncBlock() {
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
#else
inline int thread() { return simt::self().thread; }
inline int blockX() { return simt::block().x; }
inline int blockY() { return simt::block().y; }
inline void syncBlock(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { simt::syncBlock(file, line); }
#endif

// ---- the value of the lane whose number differs in the bits of mask; every lane of the warp takes part -------------------
#if GPU_CUDA
template <class T>
GPU_FN T shuffleXor(T value, int mask) { return __shfl_xor_sync(0xffffffffu, value, mask); }
#elif GPU_HIP
template <class T>
GPU_FN T shuffleXor(T value, int mask) {
    static_assert(sizeof(T) == 4, "a value of 4 bytes");
    int lane = static_cast<int>(__builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0u)));
    int bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = __builtin_amdgcn_ds_bpermute((lane ^ mask) << 2, bits);
    __builtin_memcpy(&value, &bits, 4);
    return value;
}
#else
template <class T>
T shuffleXor(T value, int mask) { return simt::exchange(value, simt::self().lane ^ mask); }
#endif

// ---- arithmetic ------------------------------------------------------------------------------------------------------
#if GPU_CUDA
GPU_FN float fma(float x, float y, float z) { return ::fmaf(x, y, z); }
GPU_FN float root(float x) { return __fsqrt_rn(x); }
GPU_FN float rint(float x) { return ::rintf(x); }
GPU_FN float absolute(float x) { return ::fabsf(x); }
#else
GPU_FN float fma(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
GPU_FN float root(float x) { return __builtin_sqrtf(x); }
GPU_FN float rint(float x) { return __builtin_rintf(x); }
GPU_FN float absolute(float x) { return __builtin_fabsf(x); }
#endif

/** The four products of the bytes of x and y, added to sum; exact. */
GPU_FN int dot4(int x, int y, int sum) {
#if GPU_CUDA
    return __dp4a(x, y, sum);
#else
    for (int i = 0; i < 32; i += 8) {
        sum += static_cast<int8_t>(x >> i) * static_cast<int8_t>(y >> i);
    }
    return sum;
#endif
}

GPU_FN int bitsOf(float x) {
    int bits;
    __builtin_memcpy(&bits, &x, 4);
    return bits;
}

GPU_FN float ofBits(int bits) {
    float x;
    __builtin_memcpy(&x, &bits, 4);
    return x;
}

/** The greater, a NaN if there is one; +0 before -0. */
GPU_FN float greater(float x, float y) {
    if (x != x || y != y) {
        return ofBits(0x7fc00000);
    }
    return x > y ? x : x < y ? y : ofBits(bitsOf(x) & bitsOf(y));
}

/** The lesser, likewise; -0 before +0. */
GPU_FN float lesser(float x, float y) {
    if (x != x || y != y) {
        return ofBits(0x7fc00000);
    }
    return x < y ? x : x > y ? y : ofBits(bitsOf(x) | bitsOf(y));
}

// ---- binary16 and bfloat16 by their bits -----------------------------------------------------------------------------------
GPU_FN float ofHalf(uint16_t bits) {
#if GPU_CUDA
    return __half2float(__ushort_as_half(bits));
#else
    _Float16 x;
    __builtin_memcpy(&x, &bits, 2);
    return static_cast<float>(x);
#endif
}

/** To nearest, ties to even. */
GPU_FN uint16_t toHalf(float x) {
#if GPU_CUDA
    return __half_as_ushort(__float2half_rn(x));
#else
    _Float16 half = static_cast<_Float16>(x);
    uint16_t bits;
    __builtin_memcpy(&bits, &half, 2);
    return bits;
#endif
}

GPU_FN float ofBfloat(uint16_t bits) { return ofBits(static_cast<int>(static_cast<uint32_t>(bits) << 16)); }

/** To nearest, ties to even; NaN stays NaN. */
GPU_FN uint16_t toBfloat(float x) {
    uint32_t bits = static_cast<uint32_t>(bitsOf(x));
    return static_cast<uint16_t>(x != x ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/** What lies at any address, aligned or not. */
template <class T>
GPU_FN T load(const uint8_t* at) {
    T value;
    __builtin_memcpy(&value, at, sizeof(T));
    return value;
}

template <class T>
GPU_FN void save(uint8_t* at, T value) { __builtin_memcpy(at, &value, sizeof(T)); }

}  // namespace gpu
