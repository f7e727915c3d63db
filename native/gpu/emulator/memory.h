/* What an emulated device has: memory whose ends are guarded, and queues with threads of their own. */
#pragma once
#include <sys/mman.h>

#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace driver {

/** Numbers that CUDA and HIP share. */
enum Status : int {
    ok = 0,
    invalidValue = 1,
    outOfMemory = 2,
    notInitialized = 3,
    noDevice = 100,
    invalidDevice = 101,
    invalidImage = 200,
    invalidContext = 201,
    invalidHandle = 400,
    notFound = 500,
    launchFailed = 719,
    notSupported = 801,
};

/** Memory of the device. */
class Memory {
public:
    Status allocate(void** out, std::size_t bytes, std::size_t limit) {
        std::lock_guard<std::mutex> guard(lock);
        if (bytes == 0) {
            return invalidValue;
        }
        if (bytes > limit || used > limit - bytes) {
            return outOfMemory;
        }
        std::size_t body = (bytes + 255) / 256 * 256;
        std::size_t mapped = (body + page - 1) / page * page + page;
        void* start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (start == MAP_FAILED) {
            return outOfMemory;
        }
        char* end = static_cast<char*>(start) + mapped - page;
        mprotect(end, page, PROT_NONE);
        std::memset(end - body, 0xff, bytes);
        *out = end - body;
        live[reinterpret_cast<std::uintptr_t>(*out)] = {bytes, start, mapped};
        used += bytes;
        return ok;
    }

    Status free(void* at) {
        std::lock_guard<std::mutex> guard(lock);
        auto found = live.find(reinterpret_cast<std::uintptr_t>(at));
        if (found == live.end()) {
            return at == nullptr ? ok : invalidValue;
        }
        used -= found->second.bytes;
        munmap(found->second.start, found->second.mapped);
        live.erase(found);
        return ok;
    }

    bool covers(const void* at, std::size_t bytes) {
        std::lock_guard<std::mutex> guard(lock);
        std::uintptr_t from = reinterpret_cast<std::uintptr_t>(at);
        auto next = live.upper_bound(from);
        if (next == live.begin()) {
            return false;
        }
        --next;
        return from - next->first <= next->second.bytes && bytes <= next->second.bytes - (from - next->first);
    }

    std::size_t usedBytes() {
        std::lock_guard<std::mutex> guard(lock);
        return used;
    }

    long count() {
        std::lock_guard<std::mutex> guard(lock);
        return static_cast<long>(live.size());
    }

private:
    struct Piece {
        std::size_t bytes;
        void* start;
        std::size_t mapped;
    };
    static constexpr std::size_t page = 4096;
    std::mutex lock;
    std::map<std::uintptr_t, Piece> live;
    std::size_t used = 0;
};

/** A queue with a thread of its own. */
class Stream {
public:
    Stream() : worker([this] { loop(); }) {}
    ~Stream() {
        {
            std::lock_guard<std::mutex> guard(lock);
            ended = true;
        }
        changed.notify_all();
        worker.join();
    }
    void add(std::function<void()> task) {
        {
            std::lock_guard<std::mutex> guard(lock);
            tasks.push_back(std::move(task));
        }
        changed.notify_all();
    }
    void drain() {
        std::unique_lock<std::mutex> guard(lock);
        changed.wait(guard, [this] { return tasks.empty() && !busy; });
    }

private:
    void loop() {
        std::unique_lock<std::mutex> guard(lock);
        for (;;) {
            changed.wait(guard, [this] { return ended || !tasks.empty(); });
            if (tasks.empty()) {
                return;
            }
            std::function<void()> task = std::move(tasks.front());
            tasks.pop_front();
            busy = true;
            guard.unlock();
            task();
            guard.lock();
            busy = false;
            changed.notify_all();
        }
    }
    std::mutex lock;
    std::condition_variable changed;
    std::deque<std::function<void()>> tasks;
    bool busy = false;
    bool ended = false;
    std::thread worker;
};

}  // namespace driver
