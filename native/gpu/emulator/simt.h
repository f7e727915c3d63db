/*
 * Runs kernels on the CPU: a fiber for each thread of a block, one block after the other. Fibers run in the order of their threads, or
 * in reverse, and change only where threads wait for each other: a barrier that is missing shows as a wrong result in one of the two
 * orders, and one that some threads don't reach is reported instead of hanging. Shared memory begins as NaN in every block.
 *
 * Not modelled: the order of memory between threads within a warp, bank conflicts, time. One launch at a time; see launch.
 */
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#ifndef SIMT_WARP
#define SIMT_WARP 32
#endif

namespace simt {

constexpr int warpSize = SIMT_WARP;
constexpr int mostThreads = 1024;
constexpr std::size_t stackBytes = 64 << 10;
constexpr std::size_t sharedBytes = 16 << 10;

/** What a module says about a kernel; the emulated drivers look for simt_kernel_NAME. */
struct Kernel {
    const char* name;
    std::size_t argumentBytes;
    int warp;
    void (*body)(const void* arguments);
};

enum class State : unsigned char { ready, atWarp, atBlock, done };

/** One saved flow of control. */
struct Context {
#if defined(__x86_64__)
    void* stack = nullptr;
#else
    ucontext_t registers;
#endif
};

struct Fiber {
    Context context;
    int thread = 0;
    int lane = 0;
    State state = State::ready;
    const char* file = "";
    int line = 0;
};

struct Block {
    const Kernel* kernel = nullptr;
    const void* arguments = nullptr;
    int x = 0;
    int y = 0;
    int threads = 0;
    Context scheduler;
    Fiber* current = nullptr;
    std::vector<Fiber> fibers;
    std::vector<std::uint64_t> staged;     // of each thread, until its warp is complete
    std::vector<std::uint64_t> published;  // what the warp exchanged last
    alignas(64) unsigned char memory[sharedBytes] = {};
};

/** The block that runs; launches hold a lock. */
inline Block& block() {
    static Block* running = new Block;
    return *running;
}

inline Fiber& self() { return *block().current; }

template <class T>
T& shared() {
    static_assert(sizeof(T) <= sharedBytes, "more shared memory than the emulation has");
    return *reinterpret_cast<T*>(block().memory);
}

#if defined(__x86_64__)
/** Keeps the registers that calls preserve on the stack, and goes on where `to` was left. */
__attribute__((naked, noinline)) inline void change(void** /* from: rdi */, void* /* to: rsi */) {
    asm("pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15;"
        "movq %rsp, (%rdi); movq %rsi, %rsp;"
        "popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp; ret");
}
inline void change(Context& from, Context& to) { change(&from.stack, to.stack); }
inline void prepare(Context& context, unsigned char* stack, void (*entry)()) {
    void** top = reinterpret_cast<void**>(stack + stackBytes) - 8;
    std::memset(top, 0, 8 * sizeof(void*));
    top[6] = reinterpret_cast<void*>(entry);  // above six registers; the stack is then as after a call
    context.stack = top;
}
#else
inline void change(Context& from, Context& to) { swapcontext(&from.registers, &to.registers); }
inline void prepare(Context& context, unsigned char* stack, void (*entry)()) {
    getcontext(&context.registers);
    context.registers.uc_stack.ss_sp = stack;
    context.registers.uc_stack.ss_size = stackBytes;
    context.registers.uc_link = nullptr;
    makecontext(&context.registers, entry, 0);
}
#endif

inline void wait(State state, const char* file, int line) {
    Fiber& fiber = self();
    fiber.state = state;
    fiber.file = file;
    fiber.line = line;
    change(fiber.context, block().scheduler);
}

inline void syncBlock(const char* file, int line) { wait(State::atBlock, file, line); }

/** The value that another lane of the warp gives; 0 of a lane that the block hasn't. */
template <class T>
T exchange(T value, int lane) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t), "a value of at most 8 bytes");
    Block& b = block();
    int mine = self().thread;
    std::memcpy(&b.staged[static_cast<std::size_t>(mine)], &value, sizeof(T));
    wait(State::atWarp, "a shuffle of lane", self().lane);
    T other{};
    int from = mine - mine % warpSize + lane;
    if (from < b.threads) {
        std::memcpy(&other, &b.published[static_cast<std::size_t>(from)], sizeof(T));
    }
    return other;
}

inline void fiberMain() {
    Block& b = block();
    b.kernel->body(b.arguments);
    wait(State::done, "", 0);
    std::abort();
}

/** Lets go the threads of a warp that all wait for it. */
inline bool releaseWarp(Block& b, int first) {
    int end = first + warpSize < b.threads ? first + warpSize : b.threads;
    bool any = false;
    for (int i = first; i < end; i++) {
        State state = b.fibers[static_cast<std::size_t>(i)].state;
        if (state != State::atWarp && state != State::done) {
            return false;
        }
        any |= state == State::atWarp;
    }
    for (int i = first; any && i < end; i++) {
        std::size_t at = static_cast<std::size_t>(i);
        b.published[at] = b.staged[at];
        if (b.fibers[at].state == State::atWarp) {
            b.fibers[at].state = State::ready;
        }
    }
    return any;
}

inline bool release(Block& b) {
    bool any = false;
    for (int first = 0; first < b.threads; first += warpSize) {
        any |= releaseWarp(b, first);
    }
    if (any) {
        return true;
    }
    for (Fiber& fiber : b.fibers) {
        if (fiber.state != State::atBlock && fiber.state != State::done) {
            return false;
        }
        any |= fiber.state == State::atBlock;
    }
    for (Fiber& fiber : b.fibers) {
        if (fiber.state == State::atBlock) {
            fiber.state = State::ready;
        }
    }
    return any;
}

inline bool runBlock(Block& b, unsigned char* stacks, bool reverse, char* error, std::size_t errorBytes) {
    std::memset(b.memory, 0xff, sharedBytes);
    for (int i = 0; i < b.threads; i++) {
        Fiber& fiber = b.fibers[static_cast<std::size_t>(i)];
        fiber.thread = i;
        fiber.lane = i % warpSize;
        fiber.state = State::ready;
        prepare(fiber.context, stacks + static_cast<std::size_t>(i) * stackBytes, fiberMain);
    }
    do {
        for (int i = 0; i < b.threads; i++) {
            Fiber& fiber = b.fibers[static_cast<std::size_t>(reverse ? b.threads - 1 - i : i)];
            if (fiber.state == State::ready) {
                b.current = &fiber;
                change(b.scheduler, fiber.context);
            }
        }
    } while (release(b));
    for (const Fiber& fiber : b.fibers) {
        if (fiber.state != State::done) {
            std::snprintf(error, errorBytes, "%s: block (%d, %d) never ends: thread %d waits at %s:%d", b.kernel->name,
                b.x, b.y, fiber.thread, fiber.file, fiber.line);
            return false;
        }
    }
    return true;
}

/** Runs a kernel over gridX * gridY blocks. False if it cannot end; error then says why. */
inline bool launch(const Kernel& kernel, unsigned gridX, unsigned gridY, unsigned threads, const void* arguments, bool reverse,
    char* error, std::size_t errorBytes) {
    static std::mutex* oneAtATime = new std::mutex;
    std::lock_guard<std::mutex> guard(*oneAtATime);
    static unsigned char* stacks = static_cast<unsigned char*>(std::aligned_alloc(4096, mostThreads * stackBytes));
    Block& b = block();
    b.kernel = &kernel;
    b.arguments = arguments;
    b.threads = static_cast<int>(threads);
    b.fibers.assign(threads, Fiber());
    b.staged.assign(threads, 0);
    b.published.assign(threads, 0);
    for (unsigned y = 0; y < gridY; y++) {
        for (unsigned x = 0; x < gridX; x++) {
            b.x = static_cast<int>(x);
            b.y = static_cast<int>(y);
            if (!runBlock(b, stacks, reverse, error, errorBytes)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace simt

/** What the emulated drivers call in a module. */
extern "C" __attribute__((visibility("default"), weak)) bool simt_launch(const simt::Kernel* kernel, unsigned gridX, unsigned gridY,
    unsigned threads, const void* arguments, bool reverse, char* error, std::size_t errorBytes) {
    return simt::launch(*kernel, gridX, gridY, threads, arguments, reverse, error, errorBytes);
}
