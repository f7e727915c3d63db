/* Compiles if nodes.h says what the makers' headers say, those that there are: add their folders with -I. */
#if __has_include(<cuda.h>)
#include <cuda.h>
#endif
#if __has_include(<hip/hip_runtime_api.h>)
#define __HIP_PLATFORM_AMD__
#include <hip/hip_runtime_api.h>
#endif

#include <cstddef>

#include "nodes.h"

#define SAME(ours, member, theirs, name) static_assert(offsetof(ours, member) == offsetof(theirs, name), #name)

#ifdef CUDA_VERSION
static_assert(sizeof(nodes::Cuda) == sizeof(CUDA_KERNEL_NODE_PARAMS_v2), "size");
SAME(nodes::Cuda, func, CUDA_KERNEL_NODE_PARAMS_v2, func);
SAME(nodes::Cuda, gridX, CUDA_KERNEL_NODE_PARAMS_v2, gridDimX);
SAME(nodes::Cuda, gridZ, CUDA_KERNEL_NODE_PARAMS_v2, gridDimZ);
SAME(nodes::Cuda, threadsX, CUDA_KERNEL_NODE_PARAMS_v2, blockDimX);
SAME(nodes::Cuda, threadsZ, CUDA_KERNEL_NODE_PARAMS_v2, blockDimZ);
SAME(nodes::Cuda, sharedBytes, CUDA_KERNEL_NODE_PARAMS_v2, sharedMemBytes);
SAME(nodes::Cuda, kernelParams, CUDA_KERNEL_NODE_PARAMS_v2, kernelParams);
SAME(nodes::Cuda, extra, CUDA_KERNEL_NODE_PARAMS_v2, extra);
SAME(nodes::Cuda, kern, CUDA_KERNEL_NODE_PARAMS_v2, kern);
SAME(nodes::Cuda, ctx, CUDA_KERNEL_NODE_PARAMS_v2, ctx);
#endif

#ifdef hipEventDisableTiming
static_assert(sizeof(nodes::Hip) == sizeof(hipKernelNodeParams), "size");
SAME(nodes::Hip, threadsX, hipKernelNodeParams, blockDim);
SAME(nodes::Hip, extra, hipKernelNodeParams, extra);
SAME(nodes::Hip, func, hipKernelNodeParams, func);
SAME(nodes::Hip, gridX, hipKernelNodeParams, gridDim);
SAME(nodes::Hip, kernelParams, hipKernelNodeParams, kernelParams);
SAME(nodes::Hip, sharedBytes, hipKernelNodeParams, sharedMemBytes);
#endif
