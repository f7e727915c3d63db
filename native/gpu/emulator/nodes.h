/* What drivers are told of a kernel in a graph, typed from the makers' headers; GraphCalls.java fills the same, test/nodes_test.cpp compares. */
#pragma once

namespace nodes {

/** CUDA_KERNEL_NODE_PARAMS_v2 of cuda.h, since CUDA 12.0. */
struct Cuda {
    void* func;
    unsigned gridX, gridY, gridZ;
    unsigned threadsX, threadsY, threadsZ;
    unsigned sharedBytes;
    void** kernelParams;
    void** extra;
    void* kern;
    void* ctx;
};

/** hipKernelNodeParams of hip_runtime_api.h. */
struct Hip {
    unsigned threadsX, threadsY, threadsZ;
    void** extra;
    void* func;
    unsigned gridX, gridY, gridZ;
    void** kernelParams;
    unsigned sharedBytes;
};

}  // namespace nodes
