package dev.hearth.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Memory that threads add up, each its own part, by a loop that the JIT compiler turns into vector loads: the limit of whatever reads. */
@State(Scope.Benchmark)
public class MemoryReader {
    /** Size; far more than any cache. */
    @Param("512")
    public int readMebibytes;

    /** Threads; 0 for one a processor that the JVM sees. */
    @Param("0")
    public int readThreads;

    private final List<long[]> parts = new ArrayList<>();
    private ExecutorService threads = Executors.newFixedThreadPool(1);

    /** For JMH. */
    public MemoryReader() {}

    /** Allocates and touches the memory. */
    @Setup(Level.Trial)
    public void setUp() {
        int count = readThreads == 0 ? Runtime.getRuntime().availableProcessors() : readThreads;
        threads.shutdown();
        threads = Executors.newFixedThreadPool(count);
        for (int i = 0; i < count; i++) {
            long[] part = new long[Math.toIntExact(((long) readMebibytes << 20) / Long.BYTES / count)];
            Arrays.setAll(part, k -> k);
            parts.add(part);
        }
    }

    /** How much {@link #sum} reads. */
    long byteSize() {
        return parts.stream().mapToLong(part -> (long) part.length * Long.BYTES).sum();
    }

    /** Reads everything once. */
    long sum() {
        List<Future<Long>> sums = new ArrayList<>();
        for (long[] part : parts) {
            sums.add(threads.submit(() -> sum(part)));
        }
        long sum = 0;
        for (Future<Long> part : sums) {
            sum += join(part);
        }
        return sum;
    }

    private static long sum(long[] part) {
        long sum = 0;
        for (long value : part) {
            sum += value;
        }
        return sum;
    }

    private static long join(Future<Long> part) {
        try {
            return part.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading memory", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        threads.shutdown();
        parts.clear();
    }
}
