/*
 * A GPU's driver on the CPU: memory, modules, streams, launches. What CUDA and HIP call it is in cuda.cpp and hip.cpp. Every allocation
 * ends at a page that may not be touched and begins as NaN; streams are threads, so that a wait that is missing shows. Nothing here says
 * anything about speed.
 */
#pragma once
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "memory.h"

namespace driver {

/** As in simt.h. */
struct Kernel {
    const char* name;
    std::size_t argumentBytes;
    int warp;
    void (*body)(const void* arguments);
};
using Launch = bool (*)(const Kernel*, unsigned, unsigned, unsigned, const void*, bool, char*, std::size_t);

/** What a test may turn; see control. */
struct Settings {
    long memoryBytes = 1L << 30;
    long devices = 1;
    long version = 0;      // 0: the one that the front thinks right
    long reverse = 0;      // threads run last first
    long failLaunch = 0;   // the n-th launch from now fails, as one that touches what it may not
    std::string hidden;    // a kernel that no module has
    long noGraphs = 0;     // graphs are refused
    long failChange = 0;   // the n-th change of a graph from now is refused
    long copyMicros = 0;   // that a copy waits before it begins
    long idle = 0;         // launches do nothing
};

struct Module;

struct Function {
    const Kernel* kernel;
    Launch launch;
};

struct Module {
    void* library = nullptr;
    Launch launch = nullptr;
    std::map<std::string, std::unique_ptr<Function>> functions;
};

/** The device and everything on it. */
class Device {
public:
    Settings settings;
    Memory memory;
    std::mutex lock;
    std::set<Stream*> streams;
    std::map<std::uintptr_t, std::size_t> pinned;  // host memory that copies may read when their turn comes
    std::set<const void*> handles;  // of graphs and events; see graph.h
    long launches = 0;
    long graphLaunches = 0;
    long graphChanges = 0;
    int failure = 0;  // stays, as on a device
    std::string message;

    Status status() {
        std::lock_guard<std::mutex> guard(lock);
        return static_cast<Status>(failure);
    }

    void fail(const std::string& why) {
        std::lock_guard<std::mutex> guard(lock);
        if (failure == 0) {
            failure = launchFailed;
            message = why;
        }
    }

    Stream* open() {
        Stream* stream = new Stream;
        std::lock_guard<std::mutex> guard(lock);
        streams.insert(stream);
        return stream;
    }

    void close(Stream* stream) {
        stream->drain();
        {
            std::lock_guard<std::mutex> guard(lock);
            streams.erase(stream);
        }
        delete stream;
    }

    void drain() {
        std::set<Stream*> all;
        {
            std::lock_guard<std::mutex> guard(lock);
            all = streams;
        }
        for (Stream* stream : all) {
            stream->drain();
        }
    }

    bool isPinned(const void* at, std::size_t bytes) {
        std::lock_guard<std::mutex> guard(lock);
        std::uintptr_t from = reinterpret_cast<std::uintptr_t>(at);
        auto next = pinned.upper_bound(from);
        return next != pinned.begin() && from + bytes <= std::prev(next)->first + std::prev(next)->second;
    }

    /** Copies; memory of the host that isn't pinned is read at once, as a driver does. */
    Status copy(void* to, bool toDevice, const void* from, bool fromDevice, std::size_t bytes, Stream* stream) {
        if ((toDevice && !memory.covers(to, bytes)) || (fromDevice && !memory.covers(from, bytes))) {
            return invalidValue;
        }
        if (stream == nullptr) {
            drain();
            std::memmove(to, from, bytes);
        } else if (fromDevice || isPinned(from, bytes)) {
            stream->add([to, from, bytes, micros = settings.copyMicros] {
                usleep(static_cast<unsigned>(micros));
                std::memmove(to, from, bytes);
            });
        } else {
            const char* start = static_cast<const char*>(from);
            auto staged = std::make_shared<std::vector<char>>(start, start + bytes);
            stream->add([to, staged] { std::memcpy(to, staged->data(), staged->size()); });
        }
        return status();
    }

    Status fill(void* at, int value, std::size_t bytes, Stream* stream) {
        if (!memory.covers(at, bytes)) {
            return invalidValue;
        }
        if (stream == nullptr) {
            drain();
            std::memset(at, value, bytes);
        } else {
            stream->add([at, value, bytes] { std::memset(at, value, bytes); });
        }
        return status();
    }

    /** Arguments come as one block of bytes, whose size must be the kernel's. */
    Status launch(Function* function, unsigned gridX, unsigned gridY, unsigned threads, Stream* stream, const void* arguments,
        std::size_t argumentBytes) {
        if (function == nullptr || gridX == 0 || gridY == 0 || gridY > 65535 || threads != 128
            || argumentBytes != function->kernel->argumentBytes) {
            return invalidValue;
        }
        if (settings.idle != 0) {
            return status();
        }
        const char* start = static_cast<const char*>(arguments);
        auto words = std::make_shared<std::vector<std::uint64_t>>((argumentBytes + 7) / 8);
        std::memcpy(words->data(), start, argumentBytes);
        auto task = [this, function, gridX, gridY, threads, words] {
            char error[400] = "";
            if (isDue()) {
                fail(std::string(function->kernel->name) + ": an illegal memory access was asked for");
            } else if (status() == ok
                && !function->launch(function->kernel, gridX, gridY, threads, words->data(), settings.reverse != 0, error, sizeof error)) {
                fail(error);
            }
        };
        if (stream == nullptr) {
            drain();
            task();
        } else {
            stream->add(task);
        }
        return status();
    }

private:
    /** Counts a launch; whether it is the one that a test wants to fail. */
    bool isDue() {
        std::lock_guard<std::mutex> guard(lock);
        launches++;
        return settings.failLaunch > 0 && --settings.failLaunch == 0;
    }
};

constexpr int mostDevices = 4;

inline std::array<Device, mostDevices>& devices() {
    static auto* all = new std::array<Device, mostDevices>;
    return *all;
}

inline thread_local int current = 0;

/** The one on which the calling thread is. */
inline Device& device() { return devices()[static_cast<std::size_t>(current)]; }

/** An image as a library, null if it is none. It stays for the process: a handler of signals may be in it. */
inline void* open(const std::string& image) {
    static auto* opened = new std::map<std::string, void*>;
    static auto* lock = new std::mutex;
    std::lock_guard<std::mutex> guard(*lock);
    void*& library = (*opened)[image];
    int file = library == nullptr ? memfd_create("hearth-kernels", 0) : -1;
    if (file >= 0) {
        if (write(file, image.data(), image.size()) == static_cast<ssize_t>(image.size())) {
            library = dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
        }
        close(file);
    }
    return library;
}

/** Loads an image: a shared library that g++ made of the kernels. */
inline Status load(Module** out, const void* image) {
    const unsigned char* bytes = static_cast<const unsigned char*>(image);
    std::uint16_t machine = 0;
    std::uint64_t sectionsAt = 0;
    std::uint16_t sectionBytes = 0;
    std::uint16_t sections = 0;
    std::memcpy(&machine, bytes + 18, 2);
    if (std::memcmp(bytes, "\177ELF", 4) != 0 || (machine != 62 && machine != 183)) {
        return invalidImage;
    }
    std::memcpy(&sectionsAt, bytes + 40, 8);
    std::memcpy(&sectionBytes, bytes + 58, 2);
    std::memcpy(&sections, bytes + 60, 2);
    std::size_t size = sectionsAt + static_cast<std::size_t>(sectionBytes) * sections;
    auto module = std::make_unique<Module>();
    module->library = open(std::string(reinterpret_cast<const char*>(bytes), size));
    if (module->library == nullptr) {
        return invalidImage;
    }
    module->launch = reinterpret_cast<Launch>(dlsym(module->library, "simt_launch"));
    if (module->launch == nullptr) {
        return invalidImage;
    }
    *out = module.release();
    return ok;
}

inline Status unload(Module* module) {
    device().drain();
    delete module;
    return ok;
}

inline Status find(Function** out, Module* module, const char* name) {
    void* kernel = dlsym(module->library, (std::string("simt_kernel_") + name).c_str());
    if (kernel == nullptr || device().settings.hidden == name) {
        return notFound;
    }
    std::unique_ptr<Function>& function = module->functions[name];
    if (!function) {
        function = std::make_unique<Function>(Function{static_cast<const Kernel*>(kernel), module->launch});
    }
    *out = function.get();
    return ok;
}

/** Turns a setting of one device, or reads a count of it. */
inline long control(Device& d, const std::string& name, long value) {
    d.drain();
    std::lock_guard<std::mutex> guard(d.lock);
    if (name == "reset") {
        d.settings = Settings();
        d.failure = 0;
        d.message.clear();
    } else if (name == "memory") {
        d.settings.memoryBytes = value;
    } else if (name == "spare") {
        d.settings.memoryBytes = static_cast<long>(d.memory.usedBytes()) + value;
    } else if (name == "devices") {
        d.settings.devices = value < mostDevices ? value : mostDevices;
    } else if (name == "version") {
        d.settings.version = value;
    } else if (name == "reverse") {
        d.settings.reverse = value;
    } else if (name == "fail-launch") {
        d.settings.failLaunch = value;
    } else if (name == "no-graphs") {
        d.settings.noGraphs = value;
    } else if (name == "fail-graph-change") {
        d.settings.failChange = value;
    } else if (name == "copy-micros") {
        d.settings.copyMicros = value;
    } else if (name == "idle") {
        d.settings.idle = value;
    } else if (name == "handles") {
        return static_cast<long>(d.handles.size());
    } else if (name == "graph-launches") {
        return d.graphLaunches;
    } else if (name == "graph-changes") {
        return d.graphChanges;
    } else if (name == "allocations") {
        return d.memory.count();
    } else if (name == "launches") {
        return d.launches;
    } else if (name.rfind("hide:", 0) == 0) {
        d.settings.hidden = name.substr(5);
    } else {
        return -1;
    }
    return 0;
}

/** Turns a setting of every device, or with a negative value reads the sum of their counts. For tests; the only function that no driver has. */
inline long control(const char* what, long value) {
    long sum = 0;
    for (Device& d : devices()) {
        sum += control(d, what, value);
    }
    return sum < 0 ? -1 : sum;
}

}  // namespace driver

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT long hearth_emulator(const char* what, long value);
EXPORT long hearth_emulator(const char* what, long value) { return driver::control(what, value); }
