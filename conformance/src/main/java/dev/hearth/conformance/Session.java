package dev.hearth.conformance;

import dev.hearth.spi.Backend;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.reference.ScalarKernels;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The subject, opened once for each number of threads, and the specification beside it. One thread at a time. */
final class Session implements AutoCloseable {
    private final Subject subject;
    private final Map<Integer, Backend> opened = new TreeMap<>();
    private final HostDevice specification = new HostDevice("specification", ScalarKernels.ops());

    Session(Subject subject) {
        this.subject = subject;
    }

    /** A bench on the subject with the first of its thread counts. */
    Bench bench(Bench.Layout layout) {
        return bench(subject.threadCounts().getFirst(), layout);
    }

    /** A bench on the subject. */
    Bench bench(int threads, Bench.Layout layout) {
        Backend backend = opened.computeIfAbsent(threads, subject::open);
        return new Bench(backend.devices().getFirst(), subject.memory(), layout);
    }

    /** A bench on the specification. */
    Bench specification() {
        return new Bench(specification, DeviceMemory.HOST, Bench.Layout.DENSE);
    }

    /** The thread counts beyond the first. */
    List<Integer> otherThreadCounts() {
        List<Integer> counts = subject.threadCounts();
        return counts.subList(1, counts.size());
    }

    Exactness exactness(Operation operation) {
        return subject.exactness(operation);
    }

    @Override
    public void close() {
        opened.values().forEach(Backend::close);
        opened.clear();
        specification.close();
    }
}
