package dev.hearth.gpu;

import dev.hearth.spi.DeviceException;
import dev.hearth.spi.MemoryInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;

/**
 * A driver in Java whose queue runs only while somebody waits for it, so that what is read too late shows. Its memory is an array. It notes
 * what it is asked: launches as {@code name(parameter)}, those of a graph in brackets.
 */
final class FakeDriver implements GpuDriver {
    final List<String> calls = new ArrayList<>();
    final FakeGraphs graphs = new FakeGraphs();
    int marks;
    int pinned;
    private final MemorySegment memory = MemorySegment.ofArray(new byte[1 << 20]);
    private long used;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private boolean refusesPins;
    private boolean refusesGraphs;

    FakeDriver refusingPins() {
        refusesPins = true;
        return this;
    }

    FakeDriver refusingGraphs() {
        refusesGraphs = true;
        return this;
    }

    /** What lies at an address. */
    byte[] bytes(long address, long count) {
        return memory.asSlice(address, count).toArray(ValueLayout.JAVA_BYTE);
    }

    /** What was asked since the last time. */
    List<String> taken() {
        List<String> taken = List.copyOf(calls);
        calls.clear();
        return taken;
    }

    private static String text(GpuKernel kernel, MemorySegment parameters) {
        return kernel.name() + "(" + parameters.get(ValueLayout.JAVA_LONG, 0) + ")";
    }

    @Override
    public String name() {
        return "fake:0";
    }

    @Override
    public String description() {
        return "fake";
    }

    @Override
    public MemoryInfo memory() {
        return new MemoryInfo(1, 1);
    }

    @Override
    public long allocate(long bytes) {
        used += bytes;
        return used - bytes;
    }

    @Override
    public void free(long address) {
        calls.add("free");
    }

    @Override
    public void pin(MemorySegment memory) {
        if (refusesPins) {
            throw new DeviceException("pin on fake:0: refused");
        }
        pinned++;
    }

    @Override
    public void unpin(MemorySegment memory) {
        pinned--;
    }

    @Override
    public void zero(long address, long bytes) {
        calls.add("zero");
    }

    /** Reads when its turn comes. */
    @Override
    public void upload(long to, MemorySegment from) {
        calls.add("upload " + from.byteSize());
        queue.add(() -> MemorySegment.copy(from, 0, memory, to, from.byteSize()));
    }

    @Override
    public void download(MemorySegment to, long from) {
        calls.add("download");
    }

    @Override
    public void copy(long to, long from, long bytes) {
        calls.add("copy");
    }

    @Override
    public long kernel(String name) {
        return name.hashCode();
    }

    @Override
    public void launch(GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
        calls.add(text(kernel, parameters));
    }

    @Override
    public GpuMark mark() {
        marks++;
        return new GpuMark() {
            private boolean reached = true;

            @Override
            public void set() {
                reached = false;
                queue.add(() -> reached = true);
            }

            @Override
            public void await() {
                while (!reached) {
                    queue.remove().run();
                }
            }

            @Override
            public void close() {
                marks--;
            }
        };
    }

    @Override
    public Optional<GpuGraphs> graphs() {
        return Optional.of(graphs);
    }

    @Override
    public void synchronize() {
        calls.add("synchronize");
        while (!queue.isEmpty()) {
            queue.remove().run();
        }
    }

    @Override
    public void close() {
        calls.add("close");
    }

    /** Graphs that note what they launch. */
    final class FakeGraphs implements GpuGraphs {
        /** Kernels and parameters of each graph and of what was made of it. */
        final Map<Long, List<String>> alive = new HashMap<>();

        int changes;
        boolean failsToChange;
        private long last;

        @Override
        public long create() {
            if (refusesGraphs) {
                throw new DeviceException("create on fake:0: refused");
            }
            alive.put(++last, new ArrayList<>());
            return last;
        }

        private List<String> nodes(long handle) {
            return Objects.requireNonNull(alive.get(handle));
        }

        /** Nodes count from 1. */
        @Override
        public long add(long graph, long before, GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
            List<String> nodes = nodes(graph);
            if (before != nodes.size()) {
                throw new AssertionError("expected the last node, found " + before);
            }
            nodes.add(text(kernel, parameters));
            return nodes.size();
        }

        @Override
        public long instantiate(long graph) {
            alive.put(++last, new ArrayList<>(nodes(graph)));
            return last;
        }

        @Override
        public void set(long executable, long node, GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
            if (failsToChange) {
                throw new DeviceException("set of " + kernel.name() + " on fake:0: refused");
            }
            changes++;
            nodes(executable).set((int) node - 1, text(kernel, parameters));
        }

        @Override
        public void launch(long executable) {
            calls.add(nodes(executable).toString());
        }

        @Override
        public void destroyExecutable(long executable) {
            alive.remove(executable);
        }

        @Override
        public void destroy(long graph) {
            alive.remove(graph);
        }
    }
}
