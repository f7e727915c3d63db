/* libcuda.so.1 on the CPU: the calls of CUDA's driver interface that the backend makes, and no others. */
#include <cstdio>

#include "graph.h"
#include "nodes.h"

using driver::device;
using driver::Function;
using driver::Module;
using driver::Status;
using driver::Stream;

namespace {
thread_local void* context = nullptr;  // of the thread, as CUDA has it
char primary[driver::mostDevices];

void* at(std::uint64_t address) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address)); }

driver::NodeParameters parameters(const nodes::Cuda* node) {
    auto* function = node->kern == nullptr ? static_cast<Function*>(node->func) : nullptr;
    return {function, node->gridX, node->gridY, node->gridZ, node->threadsX, node->threadsY, node->threadsZ, node->sharedBytes,
        node->kernelParams, node->extra};
}

int inContext(int status) { return context == nullptr ? driver::invalidContext : status; }
}  // namespace

#define CUDA(name, ...)          \
    EXPORT int name(__VA_ARGS__); \
    EXPORT int name(__VA_ARGS__)

CUDA(cuInit, unsigned) { return device().settings.devices > 0 ? driver::ok : driver::noDevice; }
CUDA(cuDriverGetVersion, int* version) {
    *version = device().settings.version != 0 ? static_cast<int>(device().settings.version) : 12090;
    return 0;
}
CUDA(cuDeviceGetCount, int* count) {
    *count = static_cast<int>(device().settings.devices);
    return 0;
}
CUDA(cuDeviceGet, int* out, int index) {
    *out = index;
    return index >= 0 && index < device().settings.devices ? driver::ok : driver::invalidDevice;
}
CUDA(cuDeviceGetName, char* name, int bytes, int) {
    std::snprintf(name, static_cast<std::size_t>(bytes), "emulated GPU");
    return 0;
}
CUDA(cuDeviceGetAttribute, int* value, int attribute, int) {
    *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 1 : 0;  // compute capability 9.0, one multiprocessor
    return 0;
}
CUDA(cuDevicePrimaryCtxRetain, void** out, int device) {
    *out = &primary[device];
    return 0;
}
CUDA(cuDevicePrimaryCtxRelease_v2, int) { return 0; }
CUDA(cuCtxSetCurrent, void* next) {
    context = next;
    driver::current = next == nullptr ? 0 : static_cast<int>(static_cast<char*>(next) - primary);
    return 0;
}
CUDA(cuGetErrorName, int error, const char** name) {
    switch (error) {
        case driver::ok: *name = "CUDA_SUCCESS"; break;
        case driver::invalidValue: *name = "CUDA_ERROR_INVALID_VALUE"; break;
        case driver::outOfMemory: *name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
        case driver::noDevice: *name = "CUDA_ERROR_NO_DEVICE"; break;
        case driver::invalidImage: *name = "CUDA_ERROR_INVALID_IMAGE"; break;
        case driver::invalidContext: *name = "CUDA_ERROR_INVALID_CONTEXT"; break;
        case driver::invalidHandle: *name = "CUDA_ERROR_INVALID_HANDLE"; break;
        case driver::notFound: *name = "CUDA_ERROR_NOT_FOUND"; break;
        case driver::notSupported: *name = "CUDA_ERROR_NOT_SUPPORTED"; break;
        case driver::launchFailed: *name = "CUDA_ERROR_LAUNCH_FAILED"; break;
        default: *name = "CUDA_ERROR_UNKNOWN";
    }
    return 0;
}
CUDA(cuGetErrorString, int error, const char** text) {
    *text = error == driver::launchFailed ? device().message.c_str() : "emulated";
    return 0;
}
CUDA(cuMemGetInfo_v2, std::size_t* free, std::size_t* total) {
    *total = static_cast<std::size_t>(device().settings.memoryBytes);
    std::size_t used = device().memory.usedBytes();
    *free = used < *total ? *total - used : 0;
    return inContext(0);
}
CUDA(cuMemAlloc_v2, std::uint64_t* out, std::size_t bytes) {
    void* start = nullptr;
    int status = context == nullptr
        ? driver::invalidContext
        : device().memory.allocate(&start, bytes, static_cast<std::size_t>(device().settings.memoryBytes));
    *out = reinterpret_cast<std::uintptr_t>(start);
    return status;
}
CUDA(cuMemFree_v2, std::uint64_t address) {
    device().drain();
    return inContext(device().memory.free(at(address)));
}
CUDA(cuMemHostRegister_v2, void* start, std::size_t bytes, unsigned) {
    std::lock_guard<std::mutex> guard(device().lock);
    device().pinned[reinterpret_cast<std::uintptr_t>(start)] = bytes;
    return inContext(0);
}
CUDA(cuMemHostUnregister, void* start) {
    device().drain();
    std::lock_guard<std::mutex> guard(device().lock);
    return inContext(device().pinned.erase(reinterpret_cast<std::uintptr_t>(start)) == 1 ? driver::ok : driver::invalidValue);
}
CUDA(cuMemcpyHtoDAsync_v2, std::uint64_t to, const void* from, std::size_t bytes, Stream* stream) {
    return inContext(device().copy(at(to), true, from, false, bytes, stream));
}
CUDA(cuMemcpyDtoHAsync_v2, void* to, std::uint64_t from, std::size_t bytes, Stream* stream) {
    return inContext(device().copy(to, false, at(from), true, bytes, stream));
}
CUDA(cuMemcpyDtoDAsync_v2, std::uint64_t to, std::uint64_t from, std::size_t bytes, Stream* stream) {
    return inContext(device().copy(at(to), true, at(from), true, bytes, stream));
}
CUDA(cuMemsetD8Async, std::uint64_t to, unsigned char value, std::size_t bytes, Stream* stream) {
    return inContext(device().fill(at(to), value, bytes, stream));
}
CUDA(cuModuleLoadData, Module** module, const void* image) { return inContext(driver::load(module, image)); }
CUDA(cuModuleUnload, Module* module) { return driver::unload(module); }
CUDA(cuModuleGetFunction, Function** function, Module* module, const char* name) { return driver::find(function, module, name); }
CUDA(cuLaunchKernel, Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned threadsX, unsigned threadsY,
    unsigned threadsZ, unsigned sharedBytes, Stream* stream, void** parameters, void** extra) {
    const void* block = nullptr;
    std::size_t bytes = 0;
    for (void** e = extra; e != nullptr && *e != nullptr; e += 2) {  // CU_LAUNCH_PARAM_BUFFER_POINTER 1, _SIZE 2, _END 0
        if (e[0] == at(1)) {
            block = e[1];
        } else if (e[0] == at(2)) {
            bytes = *static_cast<std::size_t*>(e[1]);
        }
    }
    if (parameters != nullptr || block == nullptr || gridZ != 1 || threadsY != 1 || threadsZ != 1 || sharedBytes != 0) {
        return driver::invalidValue;
    }
    return inContext(device().launch(function, gridX, gridY, threadsX, stream, block, bytes));
}
CUDA(cuStreamCreate, Stream** out, unsigned) {
    *out = device().open();
    return inContext(0);
}
CUDA(cuStreamDestroy_v2, Stream* stream) {
    device().close(stream);
    return 0;
}
CUDA(cuStreamSynchronize, Stream* stream) {
    stream->drain();
    return inContext(device().status());
}
CUDA(cuEventCreate, driver::Event** out, unsigned) {
    *out = driver::enlist(new driver::Event);
    return inContext(0);
}
CUDA(cuEventRecord, driver::Event* event, Stream* stream) { return inContext(driver::record(event, stream)); }
CUDA(cuEventSynchronize, driver::Event* event) { return inContext(driver::await(event)); }
CUDA(cuEventDestroy_v2, driver::Event* event) { return driver::destroy(event); }
CUDA(cuGraphCreate, driver::Graph** out, unsigned) { return inContext(driver::createGraph(out)); }
CUDA(cuGraphAddKernelNode_v2, driver::Node** out, driver::Graph* graph, driver::Node* const* before, std::size_t count, const nodes::Cuda* node) {
    return inContext(driver::addKernel(out, graph, before, count, parameters(node)));
}
CUDA(cuGraphInstantiateWithFlags, driver::Executable** out, driver::Graph* graph, unsigned long long flags) {
    return inContext(driver::instantiate(out, graph, flags));
}
CUDA(cuGraphExecKernelNodeSetParams_v2, driver::Executable* executable, const driver::Node* at, const nodes::Cuda* node) {
    return inContext(driver::setKernel(executable, at, parameters(node)));
}
CUDA(cuGraphLaunch, driver::Executable* executable, Stream* stream) { return inContext(driver::launch(executable, stream)); }
CUDA(cuGraphExecDestroy, driver::Executable* executable) { return driver::destroy(executable); }
CUDA(cuGraphDestroy, driver::Graph* graph) { return driver::destroy(graph); }
