/* libamdhip64.so on the CPU: the calls of HIP's driver interface that the backend makes, and no others. */
#include <cstdio>

#include "graph.h"
#include "nodes.h"

using driver::device;
using driver::Function;
using driver::Module;
using driver::Stream;

namespace {
driver::NodeParameters parameters(const nodes::Hip* node) {
    return {static_cast<Function*>(node->func), node->gridX, node->gridY, node->gridZ, node->threadsX, node->threadsY, node->threadsZ, node->sharedBytes,
        node->kernelParams, node->extra};
}

void* key(std::uintptr_t number) { return reinterpret_cast<void*>(number); }
}  // namespace

#define HIP(name, ...)            \
    EXPORT int name(__VA_ARGS__); \
    EXPORT int name(__VA_ARGS__)

HIP(hipInit, unsigned) { return device().settings.devices > 0 ? driver::ok : driver::noDevice; }
HIP(hipDriverGetVersion, int* version) {
    *version = device().settings.version != 0 ? static_cast<int>(device().settings.version) : 60443484;
    return 0;
}
HIP(hipGetDeviceCount, int* count) {
    *count = static_cast<int>(device().settings.devices);
    return *count > 0 ? driver::ok : driver::noDevice;
}
HIP(hipSetDevice, int index) {
    if (index < 0 || index >= device().settings.devices) return driver::invalidDevice;
    driver::current = index;
    return 0;
}
HIP(hipDeviceGetName, char* name, int bytes, int) {
    std::snprintf(name, static_cast<std::size_t>(bytes), "emulated GPU");
    return 0;
}
EXPORT const char* hipGetErrorName(int error);
EXPORT const char* hipGetErrorName(int error) {
    switch (error) {
        case driver::ok: return "hipSuccess";
        case driver::invalidValue: return "hipErrorInvalidValue";
        case driver::outOfMemory: return "hipErrorOutOfMemory";
        case driver::noDevice: return "hipErrorNoDevice";
        case driver::invalidImage: return "hipErrorInvalidImage";
        case driver::invalidHandle: return "hipErrorInvalidHandle";
        case driver::notFound: return "hipErrorNotFound";
        case driver::notSupported: return "hipErrorNotSupported";
        case driver::launchFailed: return "hipErrorLaunchFailure";
        default: return "hipErrorUnknown";
    }
}
EXPORT const char* hipGetErrorString(int error);
EXPORT const char* hipGetErrorString(int error) { return error == driver::launchFailed ? device().message.c_str() : "emulated"; }
HIP(hipMemGetInfo, std::size_t* free, std::size_t* total) {
    *total = static_cast<std::size_t>(device().settings.memoryBytes);
    std::size_t used = device().memory.usedBytes();
    *free = used < *total ? *total - used : 0;
    return 0;
}
HIP(hipMalloc, void** out, std::size_t bytes) {
    return device().memory.allocate(out, bytes, static_cast<std::size_t>(device().settings.memoryBytes));
}
HIP(hipFree, void* start) {
    device().drain();
    return device().memory.free(start);
}
HIP(hipHostRegister, void* start, std::size_t bytes, unsigned) {
    std::lock_guard<std::mutex> guard(device().lock);
    device().pinned[reinterpret_cast<std::uintptr_t>(start)] = bytes;
    return 0;
}
HIP(hipHostUnregister, void* start) {
    device().drain();
    std::lock_guard<std::mutex> guard(device().lock);
    return device().pinned.erase(reinterpret_cast<std::uintptr_t>(start)) == 1 ? driver::ok : driver::invalidValue;
}
HIP(hipMemcpyAsync, void* to, const void* from, std::size_t bytes, int kind, Stream* stream) {  // 1 to, 2 from, 3 within the device
    if (kind < 1 || kind > 3) {
        return driver::invalidValue;
    }
    return device().copy(to, (kind & 1) != 0, from, (kind & 2) != 0, bytes, stream);
}
HIP(hipMemsetAsync, void* to, int value, std::size_t bytes, Stream* stream) { return device().fill(to, value, bytes, stream); }
HIP(hipModuleLoadData, Module** module, const void* image) { return driver::load(module, image); }
HIP(hipModuleUnload, Module* module) { return driver::unload(module); }
HIP(hipModuleGetFunction, Function** function, Module* module, const char* name) { return driver::find(function, module, name); }
HIP(hipModuleLaunchKernel, Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned threadsX, unsigned threadsY,
    unsigned threadsZ, unsigned sharedBytes, Stream* stream, void** parameters, void** extra) {
    const void* block = nullptr;
    std::size_t bytes = 0;
    for (void** e = extra; e != nullptr && *e != key(3); e += 2) {  // HIP_LAUNCH_PARAM_BUFFER_POINTER 1, _SIZE 2, _END 3
        if (e[0] == key(1)) {
            block = e[1];
        } else if (e[0] == key(2)) {
            bytes = *static_cast<std::size_t*>(e[1]);
        }
    }
    if (parameters != nullptr || block == nullptr || gridZ != 1 || threadsY != 1 || threadsZ != 1 || sharedBytes != 0) {
        return driver::invalidValue;
    }
    return device().launch(function, gridX, gridY, threadsX, stream, block, bytes);
}
HIP(hipStreamCreate, Stream** out) {
    *out = device().open();
    return 0;
}
HIP(hipStreamDestroy, Stream* stream) {
    device().close(stream);
    return 0;
}
HIP(hipStreamSynchronize, Stream* stream) {
    stream->drain();
    return device().status();
}
HIP(hipEventCreateWithFlags, driver::Event** out, unsigned) {
    *out = driver::enlist(new driver::Event);
    return 0;
}
HIP(hipEventRecord, driver::Event* event, Stream* stream) { return driver::record(event, stream); }
HIP(hipEventSynchronize, driver::Event* event) { return driver::await(event); }
HIP(hipEventDestroy, driver::Event* event) { return driver::destroy(event); }
HIP(hipGraphCreate, driver::Graph** out, unsigned) { return driver::createGraph(out); }
HIP(hipGraphAddKernelNode, driver::Node** out, driver::Graph* graph, driver::Node* const* before, std::size_t count, const nodes::Hip* node) {
    return driver::addKernel(out, graph, before, count, parameters(node));
}
HIP(hipGraphInstantiateWithFlags, driver::Executable** out, driver::Graph* graph, unsigned long long flags) {
    return driver::instantiate(out, graph, flags);
}
HIP(hipGraphExecKernelNodeSetParams, driver::Executable* executable, const driver::Node* at, const nodes::Hip* node) {
    return driver::setKernel(executable, at, parameters(node));
}
HIP(hipGraphLaunch, driver::Executable* executable, Stream* stream) { return driver::launch(executable, stream); }
HIP(hipGraphExecDestroy, driver::Executable* executable) { return driver::destroy(executable); }
HIP(hipGraphDestroy, driver::Graph* graph) { return driver::destroy(graph); }
