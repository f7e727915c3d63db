package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.util.zip.CRC32;

/** What a reader may do with a broken file: refuse it in its own words, or read it to the end; and allocate little. */
final class Hostile {
    private static final AllocationMeter METER = new AllocationMeter();

    private int refused;
    private int accepted;

    int refused() {
        return refused;
    }

    int accepted() {
        return accepted;
    }

    /** Runs {@code reading}; any exception but the reader's own, or more than {@code mostBytes} allocated, fails the test. */
    boolean accepts(String what, long mostBytes, Runnable reading) {
        long before = METER.bytes();
        boolean success = reads(what, reading);
        long allocated = METER.bytes() - before;
        if (allocated >= mostBytes) { // the first reading of all loads classes as well
            before = METER.bytes();
            reads(what, reading);
            allocated = METER.bytes() - before;
        }
        assertThat(allocated).as("%s: bytes allocated", what).isLessThan(mostBytes);
        if (success) {
            accepted++;
        } else {
            refused++;
        }
        return success;
    }

    private static boolean reads(String what, Runnable reading) {
        try {
            reading.run();
            return true;
        } catch (ModelFormatException e) {
            assertThat(e.getMessage()).as(what).contains(": ").hasSizeLessThan(2000);
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    /** Reads everything there is in a GGUF file. */
    static void readAll(byte[] file) {
        Gguf gguf = Gguf.read("hostile.gguf", MemorySegment.ofArray(file));
        for (String key : gguf.metadata().keys()) {
            refusedOrRead(() -> gguf.metadata().json(key));
            refusedOrRead(() -> gguf.metadata().strings(key));
            refusedOrRead(() -> gguf.metadata().integers(key));
            refusedOrRead(() -> gguf.metadata().floats(key));
            refusedOrRead(() -> gguf.metadata().flags(key));
            refusedOrRead(() -> gguf.metadata().string(key));
            refusedOrRead(() -> gguf.metadata().number(key));
            refusedOrRead(() -> gguf.metadata().flag(key, false));
        }
        readAll(gguf);
    }

    /** Reads every tensor to its end. */
    static void readAll(TensorCatalog catalog) {
        for (TensorEntry entry : catalog.entries()) {
            if (entry.type().isEmpty()) {
                refusedOrRead(() -> catalog.tensor(entry.name()));
                continue;
            }
            TensorInfo tensor = catalog.tensor(entry.name());
            assertThat(tensor.data().byteSize()).isEqualTo(entry.bytes());
            crc(tensor.data());
        }
    }

    static long crc(MemorySegment data) {
        CRC32 crc = new CRC32();
        crc.update(data.asByteBuffer());
        return crc.getValue();
    }

    private static void refusedOrRead(Runnable reading) {
        try {
            reading.run();
        } catch (ModelFormatException e) {
            assertThat(e.getMessage()).contains("expected");
        }
    }

    /** How much this thread has allocated. By reflection, since tests compile in a module that doesn't read jdk.management. */
    private static final class AllocationMeter {
        private final Object threads;
        private final Method allocated;

        AllocationMeter() {
            try {
                threads = Class.forName("java.lang.management.ManagementFactory")
                        .getMethod("getThreadMXBean")
                        .invoke(null);
                allocated =
                        Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        long bytes() {
            try {
                return (long) allocated.invoke(threads);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
