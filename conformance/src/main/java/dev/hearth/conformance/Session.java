package dev.hearth.conformance;

import dev.hearth.spi.Backend;
import dev.hearth.spi.UnsupportedOnDeviceException;
import dev.hearth.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The subject, opened once for each number of threads. One thread at a time. */
final class Session implements AutoCloseable {
    private final Subject subject;
    private final Map<Integer, Backend> opened = new TreeMap<>();
    private final Map<Integer, BenchMemory> memories = new TreeMap<>();

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
        BenchMemory memory = memories.computeIfAbsent(
                threads, t -> new BenchMemory(backend.devices().getFirst()));
        return new Bench(memory, layout);
    }

    /** The thread counts beyond the first. */
    List<Integer> otherThreadCounts() {
        List<Integer> counts = subject.threadCounts();
        return counts.subList(1, counts.size());
    }

    /** The check, or that its operation is refused where the subject hasn't it. */
    Check orRefusal(Check check) {
        if (check.types().stream().allMatch(type -> subject.supports(check.operation(), type))) {
            return check;
        }
        String name = "refuses " + check.name();
        return new Check(check.operation(), name, check.types(), () -> expectUnsupported(check));
    }

    private static void expectUnsupported(Check check) {
        try {
            check.run();
        } catch (RuntimeException | AssertionError e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof UnsupportedOnDeviceException) {
                    return;
                }
            }
            throw e;
        }
        throw new AssertionError(check.operation().methodName() + " " + check.name()
                + ": expected an UnsupportedOnDeviceException, as the subject says, found that it works");
    }

    /** Whether the subject hasn't an operation for some type. */
    boolean lacks(Operation operation) {
        return !Arrays.stream(DType.values()).allMatch(type -> subject.supports(operation, type));
    }

    /** The least near of what the subject claims for a case. */
    Exactness exactness(RowCase rowCase) {
        return rowCase.activations().stream()
                .map(activations -> subject.exactness(rowCase.operation(), activations))
                .reduce(Exactness.BITS, Exactness::lesser);
    }

    @Override
    public void close() {
        memories.values().forEach(BenchMemory::close);
        memories.clear();
        opened.values().forEach(Backend::close);
        opened.clear();
    }
}
