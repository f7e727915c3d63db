/*
 * Runs kernels on the CPU: a fiber for each thread of a block, one block after the other. Warps run in order up to a barrier, or
 * in reverse, and threads change only where they wait for each other: a barrier that is missing shows as a wrong result in one of the two
 * orders, and one that some threads don't reach is reported instead of hanging. Shared memory begins as NaN in every block.
 *
 * Not modelled: the order of memory between threads within a warp, bank conflicts, time. One launch at a time; see launch.
 */
#pragma once
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

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
constexpr std::size_t stackBytes = (64 << 10) + 1088;  // not a power of two: the tops of all stacks would share a few sets of the caches
constexpr std::size_t sharedBytes = 48 << 10;

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
    unsigned char turn = 0;  // of two places for what it gives to its warp
    const char* file = "";
    int line = 0;
    std::uint64_t given[2] = {};
    void* offered = nullptr;
};

/** Threads of a warp that haven't ended, and those of them that wait for it. */
struct Warp {
    int alive = 0;
    int waiting = 0;
};

struct Block {
    const Kernel* kernel = nullptr;
    const void* arguments = nullptr;
    int x = 0;
    int y = 0;
    int threads = 0;
    int step = 1;  // from one thread to the next: -1 in reverse
    Context scheduler;
    Fiber* current = nullptr;
    std::vector<Fiber> fibers;
    std::vector<Warp> warps;
    std::size_t poisoned = 0;  // bytes of the memory
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
    Block& b = block();
    if (b.poisoned < sizeof(T)) {  // the block's first thread
        std::memset(b.memory, 0xff, sizeof(T));
        b.poisoned = sizeof(T);
    }
    return *reinterpret_cast<T*>(b.memory);
}

#if defined(__x86_64__)
/** Keeps the registers that calls preserve on the stack, and goes on where `to` was left. */
__attribute__((naked, noinline)) inline void change(void** /* from: rdi */, void* /* to: rsi */) {
    asm("pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15;"
        "movq %rsp, (%rdi); movq %rsi, %rsp;"
        "popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp; popq %rcx; jmp *%rcx");  // ret would be mispredicted
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

/** Goes on with the next thread of the warp that may, or else with the scheduler. */
inline void yield(Fiber& fiber) {
    Block& b = block();
    int first = fiber.thread - fiber.lane;
    int count = first + warpSize < b.threads ? warpSize : b.threads - first;
    int lane = fiber.lane;
    for (int i = 1; i < count; i++) {
        lane += b.step;
        lane = lane < 0 ? count - 1 : lane == count ? 0 : lane;
        Fiber& next = b.fibers[static_cast<std::size_t>(first + lane)];
        if (next.state == State::ready) {
            b.current = &next;
            change(fiber.context, next.context);
            return;
        }
    }
    change(fiber.context, b.scheduler);
}

inline void wait(Fiber& fiber, State state, const char* file, int line) {
    fiber.state = state;
    fiber.file = file;
    fiber.line = line;
    yield(fiber);
}

inline void syncBlock(const char* file, int line) { wait(self(), State::atBlock, file, line); }

/** Lets go the threads of a warp if all that haven't ended wait for it. */
inline void releaseWarp(Block& b, const Fiber& one) {
    int first = one.thread - one.lane;
    Warp& warp = b.warps[static_cast<std::size_t>(first / warpSize)];
    if (warp.waiting < warp.alive) {
        return;
    }
    for (int i = first; warp.waiting > 0; i++) {
        Fiber& fiber = b.fibers[static_cast<std::size_t>(i)];
        if (fiber.state == State::atWarp) {
            fiber.state = State::ready;
            warp.waiting--;
        }
    }
}

/** The value that another lane of the warp gives; 0 of a lane that the block hasn't. */
template <class T>
T exchange(T value, int lane) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t), "a value of at most 8 bytes");
    Block& b = block();
    Fiber& fiber = self();
    int turn = fiber.turn;
    fiber.turn = static_cast<unsigned char>(1 - turn);  // a lane that goes on may give its next value before others have read this one
    std::memcpy(&fiber.given[turn], &value, sizeof(T));
    b.warps[static_cast<std::size_t>(fiber.thread / warpSize)].waiting++;
    fiber.state = State::atWarp;
    releaseWarp(b, fiber);
    if (fiber.state == State::atWarp) {
        wait(fiber, State::atWarp, "a shuffle of lane", fiber.lane);
    }
    T other{};
    int from = fiber.thread - fiber.lane + lane;
    if (from < b.threads) {
        std::memcpy(&other, &b.fibers[static_cast<std::size_t>(from)].given[turn], sizeof(T));
    }
    return other;
}

/** Does something once with what every lane of a full warp offers; all wait for it. */
template <class T, class F>
void together(T& mine, F all) {
    Block& b = block();
    Fiber& fiber = self();
    Warp& warp = b.warps[static_cast<std::size_t>(fiber.thread / warpSize)];
    fiber.offered = &mine;
    fiber.state = State::atWarp;
    if (++warp.waiting == warpSize) {
        T* lanes[warpSize];
        for (int i = 0; i < warpSize; i++) {
            lanes[i] = static_cast<T*>(b.fibers[static_cast<std::size_t>(fiber.thread - fiber.lane + i)].offered);
        }
        all(lanes);
        releaseWarp(b, fiber);
    } else {
        wait(fiber, State::atWarp, "a matrix of lane", fiber.lane);
    }
}

inline void fiberMain() {
    Block& b = block();
    b.kernel->body(b.arguments);
    Fiber& fiber = self();
    fiber.state = State::done;
    b.warps[static_cast<std::size_t>(fiber.thread / warpSize)].alive--;
    releaseWarp(b, fiber);
    yield(fiber);
    std::abort();
}

/** Lets go all threads if those that haven't ended wait at a barrier. */
inline bool releaseBlock(Block& b) {
    bool any = false;
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

inline bool runBlock(Block& b, unsigned char* stacks, char* error, std::size_t errorBytes) {
    b.poisoned = 0;
    b.warps.assign(static_cast<std::size_t>((b.threads + warpSize - 1) / warpSize), Warp());
    for (int i = 0; i < b.threads; i++) {
        Fiber& fiber = b.fibers[static_cast<std::size_t>(i)];
        fiber.thread = i;
        fiber.lane = i % warpSize;
        fiber.state = State::ready;
        fiber.turn = 0;
        b.warps[static_cast<std::size_t>(i / warpSize)].alive++;
        prepare(fiber.context, stacks + static_cast<std::size_t>(i) * stackBytes, fiberMain);
    }
    do {
        for (int i = b.step > 0 ? 0 : b.threads - 1; i >= 0 && i < b.threads; i += b.step) {
            Fiber& fiber = b.fibers[static_cast<std::size_t>(i)];
            if (fiber.state == State::ready) {
                b.current = &fiber;
                change(b.scheduler, fiber.context);
            }
        }
    } while (releaseBlock(b));
    for (const Fiber& fiber : b.fibers) {
        if (fiber.state != State::done) {
            std::snprintf(error, errorBytes, "%s: block (%d, %d) never ends: thread %d waits at %s:%d", b.kernel->name,
                b.x, b.y, fiber.thread, fiber.file, fiber.line);
            return false;
        }
    }
    return true;
}

/**
 * Where a launch goes on if a kernel touches memory that it may not. Signals of other threads go to whoever handled them before, a JVM
 * above all. Under AddressSanitizer, which says more, nothing is caught.
 */
class Trap {
public:
    sigjmp_buf resume;

    explicit Trap() {
#if !defined(__SANITIZE_ADDRESS__)
        static bool installed = false;
        if (!installed) {
            installed = true;
            for (int signal : {SIGSEGV, SIGBUS}) {
                struct sigaction action;
                sigaction(signal, nullptr, &before(signal));
                action = before(signal);
                action.sa_flags |= SA_SIGINFO;
                action.sa_sigaction = caught;
                sigaction(signal, &action, nullptr);
            }
        }
#endif
        owner() = pthread_self();
        current() = this;
    }
    ~Trap() { current() = nullptr; }
    Trap(const Trap&) = delete;
    Trap& operator=(const Trap&) = delete;

private:
    static Trap* volatile& current() {
        static Trap* volatile trap = nullptr;
        return trap;
    }
    static pthread_t& owner() {
        static pthread_t thread;
        return thread;
    }
    static struct sigaction& before(int signal) {
        static struct sigaction actions[2];
        return actions[signal == SIGSEGV];
    }
    static void caught(int signal, siginfo_t* info, void* context) {
        Trap* trap = current();
        if (trap != nullptr && pthread_equal(owner(), pthread_self())) {
            siglongjmp(trap->resume, 1);
        }
        const struct sigaction& old = before(signal);
        if ((old.sa_flags & SA_SIGINFO) != 0) {
            old.sa_sigaction(signal, info, context);
        } else if (old.sa_handler == SIG_DFL || old.sa_handler == SIG_IGN) {
            sigaction(signal, &old, nullptr);  // happens again, without us
        } else {
            old.sa_handler(signal);
        }
    }
};

/** Runs a kernel over gridX * gridY blocks. False if it cannot end, or touches what it may not; error then says why. */
inline bool launch(const Kernel& kernel, unsigned gridX, unsigned gridY, unsigned threads, const void* arguments, bool reverse,
    char* error, std::size_t errorBytes) {
    static std::mutex* oneAtATime = new std::mutex;
    std::lock_guard<std::mutex> guard(*oneAtATime);
    static unsigned char* stacks = static_cast<unsigned char*>(std::aligned_alloc(64, mostThreads * stackBytes));
    Block& b = block();
    b.kernel = &kernel;
    b.arguments = arguments;
    b.threads = static_cast<int>(threads);
    b.step = reverse ? -1 : 1;
    b.fibers.assign(threads, Fiber());
    Trap trap;
    if (sigsetjmp(trap.resume, 1) != 0) {
        std::snprintf(error, errorBytes, "%s: block (%d, %d): an illegal memory access", kernel.name, b.x, b.y);
        return false;
    }
    for (unsigned y = 0; y < gridY; y++) {
        for (unsigned x = 0; x < gridX; x++) {
            b.x = static_cast<int>(x);
            b.y = static_cast<int>(y);
            if (!runBlock(b, stacks, error, errorBytes)) {
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
