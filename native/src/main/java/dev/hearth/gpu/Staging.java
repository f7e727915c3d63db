package dev.hearth.gpu;

import dev.hearth.spi.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pinned host memory on the way of weights to a device: one part is filled while the device copies from the other, so that reading a file and
 * the bus overlap. Thread-safe.
 */
final class Staging implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Staging.class);
    private static final long MOST_BYTES = 32 << 20; // of a part
    private static final long LEAST_BYTES = 64 << 10;
    private static final int PARTS = 2;
    private static final long PAGE = 4096;
    private static final long ALIGNMENT = 256;

    private final GpuDriver driver;
    private final long mostBytes;
    private final List<Part> parts = new ArrayList<>(); // none until something is uploaded
    private long
            partBytes; // as many as the largest weight so far, within bounds: taking and pinning memory takes its time
    private int next; // part that is being filled
    private boolean refused;

    Staging(GpuDriver driver) {
        this(driver, MOST_BYTES);
    }

    /** Parts of up to so many bytes, a multiple of {@value #ALIGNMENT}. */
    Staging(GpuDriver driver, long mostBytes) {
        this.driver = driver;
        this.mostBytes = mostBytes;
    }

    /** Host memory that copies are made from. */
    private final class Part implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment memory;
        private final GpuMark mark;
        private long used;

        Part() {
            try {
                memory = arena.allocate(partBytes, PAGE);
                mark = driver.mark();
            } catch (RuntimeException | Error e) {
                arena.close();
                throw e;
            }
            try {
                driver.pin(memory);
            } catch (RuntimeException | Error e) {
                mark.close();
                arena.close();
                throw e;
            }
        }

        /** Copies as much as there is room for; returns how many bytes. */
        long upload(long to, MemorySegment from, long at) {
            long bytes = Math.min(from.byteSize() - at, partBytes - used);
            MemorySegment.copy(from, at, memory, used, bytes);
            driver.upload(to + at, memory.asSlice(used, bytes));
            used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            return bytes;
        }

        @Override
        public void close() {
            try {
                mark.set();
                mark.await();
            } catch (DeviceException e) {
                LOG.debug("{}: a device that has failed reads nothing any more", driver.name(), e);
            }
            mark.close();
            driver.unpin(memory);
            arena.close();
        }
    }

    /** Enqueues a copy of host memory, which may change or go as soon as this returns. */
    synchronized void upload(long to, MemorySegment from) {
        long wanted = Math.clamp(Long.highestOneBit(from.byteSize()) << 1, Math.min(LEAST_BYTES, mostBytes), mostBytes);
        if (!refused && (parts.isEmpty() || partBytes < wanted)) {
            release();
            open(wanted);
        }
        if (parts.isEmpty()) {
            driver.upload(to, from);
            driver.synchronize(); // a driver that reads later than it should would find nothing there
            return;
        }
        for (long at = 0; at < from.byteSize(); ) {
            Part part = parts.get(next);
            at += part.upload(to, from, at);
            if (part.used == partBytes) {
                part.mark.set();
                next = (next + 1) % PARTS;
                parts.get(next).mark.await();
                parts.get(next).used = 0;
            }
        }
    }

    private void open(long bytes) {
        partBytes = bytes;
        try {
            while (parts.size() < PARTS) {
                parts.add(new Part());
            }
        } catch (DeviceException | OutOfMemoryError e) {
            refused = true;
            release();
            LOG.info("{}: weights are copied without pinned memory: {}", driver.name(), e.getMessage());
        }
    }

    /** Frees the memory once the queue has read it; the next upload takes some again. */
    synchronized void release() {
        if (!parts.isEmpty()) {
            parts.forEach(Part::close);
            parts.clear();
            next = 0;
        }
    }

    @Override
    public void close() {
        release();
    }
}
