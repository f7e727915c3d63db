/*
 * Graphs of launches, and events, of an emulated driver. A graph runs as the dependencies of its nodes say, and where they say nothing the node
 * added last runs first.
 */
#pragma once
#include <condition_variable>

#include "driver.h"

namespace driver {

/** A kernel of a graph with a copy of its parameters. */
struct Node {
    Function* function;
    unsigned gridX;
    unsigned gridY;
    std::vector<std::uint64_t> words;
    const Node* before;
};

struct Graph {
    std::vector<std::unique_ptr<Node>> nodes;
};

/** What can be launched: copies of nodes in the order in which they run, and of which nodes. */
struct Executable {
    std::vector<Node> nodes;
    std::map<const Node*, std::size_t> places;
};

/** What CUDA and HIP say of a kernel, in structs of their own. */
struct NodeParameters {
    Function* function;
    unsigned gridX, gridY, gridZ;
    unsigned threadsX, threadsY, threadsZ;
    unsigned sharedBytes;
    void** parameters;
    void** extra;
};

/** Something that was made and has to be destroyed. */
template <typename T>
T* enlist(T* made) {
    std::lock_guard<std::mutex> guard(device().lock);
    device().handles.insert(made);
    return made;
}

inline bool isAlive(const void* handle) {
    std::lock_guard<std::mutex> guard(device().lock);
    return device().handles.count(handle) == 1;
}

template <typename T>
Status destroy(T* handle) {
    {
        std::lock_guard<std::mutex> guard(device().lock);
        if (device().handles.erase(handle) == 0) {
            return invalidHandle;
        }
    }
    delete handle;
    return ok;
}

inline Status fill(Node& node, const NodeParameters& from) {
    if (from.function == nullptr || from.gridX == 0 || from.gridY == 0 || from.gridY > 65535 || from.gridZ != 1 || from.threadsX != 128
        || from.threadsY != 1 || from.threadsZ != 1 || from.sharedBytes != 0 || from.parameters == nullptr || from.extra != nullptr) {
        return invalidValue;
    }
    std::size_t bytes = from.function->kernel->argumentBytes;
    node.function = from.function;
    node.gridX = from.gridX;
    node.gridY = from.gridY;
    node.words.assign((bytes + 7) / 8, 0);
    std::memcpy(node.words.data(), from.parameters[0], bytes);
    return ok;
}

inline Status createGraph(Graph** out) {
    if (device().settings.noGraphs != 0) {
        return notSupported;
    }
    *out = enlist(new Graph);
    return device().status();
}

inline Status addKernel(Node** out, Graph* graph, Node* const* before, std::size_t count, const NodeParameters& from) {
    if (!isAlive(graph) || count > 1) {
        return invalidHandle;
    }
    auto node = std::make_unique<Node>();
    node->before = count == 0 ? nullptr : before[0];
    bool known = count == 0;
    for (const auto& other : graph->nodes) {
        known = known || other.get() == node->before;
    }
    Status status = known ? fill(*node, from) : invalidValue;
    if (status == ok) {
        *out = node.get();
        graph->nodes.push_back(std::move(node));
    }
    return status;
}

inline Status instantiate(Executable** out, Graph* graph, unsigned long long flags) {
    if (!isAlive(graph) || flags != 0) {
        return invalidHandle;
    }
    auto* made = new Executable;
    for (auto node = graph->nodes.rbegin(); node != graph->nodes.rend(); ++node) {
        std::vector<const Node*> due;
        for (const Node* next = node->get(); next != nullptr && made->places.count(next) == 0; next = next->before) {
            due.push_back(next);
        }
        for (auto next = due.rbegin(); next != due.rend(); ++next) {
            made->places[*next] = made->nodes.size();
            made->nodes.push_back(**next);
        }
    }
    *out = enlist(made);
    return device().status();
}

inline Status setKernel(Executable* executable, const Node* node, const NodeParameters& from) {
    if (!isAlive(executable) || executable->places.count(node) == 0) {
        return invalidHandle;
    }
    if (device().settings.failChange > 0 && --device().settings.failChange == 0) {
        return invalidValue;
    }
    Node& own = executable->nodes[executable->places[node]];
    device().graphChanges++;
    return own.function == from.function ? fill(own, from) : invalidValue;
}

inline Status launch(Executable* executable, Stream* stream) {
    if (!isAlive(executable)) {
        return invalidHandle;
    }
    device().graphLaunches++;
    Status status = device().status();
    for (std::size_t i = 0; i < executable->nodes.size() && status == ok && device().settings.idle == 0; i++) {
        const Node& node = executable->nodes[i];
        status = device().launch(node.function, node.gridX, node.gridY, 128, stream, node.words.data(), node.function->kernel->argumentBytes);
    }
    return status;
}

/** A place in a stream that was passed so many times. */
struct Event {
    struct Passed {
        std::mutex lock;
        std::condition_variable changed;
        long count = 0;
    };
    std::shared_ptr<Passed> passed = std::make_shared<Passed>();
    long recorded = 0;
};

inline Status record(Event* event, Stream* stream) {
    if (!isAlive(event)) {
        return invalidHandle;
    }
    long count = ++event->recorded;
    stream->add([passed = event->passed, count] {
        std::lock_guard<std::mutex> guard(passed->lock);
        passed->count = count;
        passed->changed.notify_all();
    });
    return device().status();
}

inline Status await(Event* event) {
    if (!isAlive(event)) {
        return invalidHandle;
    }
    std::unique_lock<std::mutex> guard(event->passed->lock);
    event->passed->changed.wait(guard, [event] { return event->passed->count >= event->recorded; });
    return device().status();
}

}  // namespace driver
