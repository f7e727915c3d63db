package dev.hearth.conformance;

import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.Parallel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Host kernels whose calls are split into ranges in one of four ways. */
final class SplitBackend implements Backend {
    /** Whole, by one, by five on threads, by seventeen. */
    static final List<Integer> WAYS = List.of(1, 2, 3, 4);

    private final int way;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            4, Thread.ofPlatform().daemon().name("conformance-", 0).factory());
    private final HostDevice device;

    SplitBackend(HostKernels kernels, int way) {
        this.way = way;
        Parallel parallel = switch (way) {
            case 1 -> Parallel.SERIAL;
            case 2 -> (count, grain, range) -> backwards(count, 1, range);
            case 3 -> (count, grain, range) -> onThreads(count, 5, range);
            case 4 -> (count, grain, range) -> backwards(count, 17, range);
            default -> throw new IllegalArgumentException("split: no way " + way);
        };
        device = new HostDevice("split " + way, new HostOps(kernels, parallel));
    }

    private static void backwards(long count, long size, Parallel.Range range) {
        for (long part = (count + size - 1) / size - 1; part >= 0; part--) {
            range.run(part * size, Math.min(count, (part + 1) * size));
        }
    }

    private void onThreads(long count, long size, Parallel.Range range) {
        List<Future<?>> parts = new ArrayList<>();
        for (long from = 0; from < count; from += size) {
            long start = from;
            parts.add(threads.submit(() -> range.run(start, Math.min(count, start + size))));
        }
        for (Future<?> part : parts) {
            try {
                part.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a range failed: " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    @Override
    public String description() {
        return "host kernels, split in way " + way;
    }

    @Override
    public List<Device> devices() {
        return List.of(device);
    }

    @Override
    public void close() {
        device.close();
        threads.close();
    }
}
