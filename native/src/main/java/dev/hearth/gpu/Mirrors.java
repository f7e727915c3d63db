package dev.hearth.gpu;

import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Host memory from which operations take integers, on the device: copied when the first operation of a step asks for it, and again in the
 * next step; memory that no {@link #know} has named, at every call. Used by the queue's thread, but for {@link #know} and {@link #forget}.
 */
final class Mirrors implements AutoCloseable {
    private final GpuDriver driver;
    private final List<Mirror> mirrors = new ArrayList<>();
    private final Set<Long> known = new HashSet<>(); // addresses

    Mirrors(GpuDriver driver) {
        this.driver = driver;
    }

    /** One copy. */
    private static final class Mirror {
        final MemorySegment host;
        final long address;
        boolean current;

        Mirror(MemorySegment host, long address) {
            this.host = host;
            this.address = address;
        }
    }

    /** The device's address of the first element of a tensor in host memory. */
    synchronized long address(Tensor integers) {
        if (!(integers.buffer() instanceof HostBuffer buffer)) {
            throw new IllegalArgumentException(
                    "gpu: expected integers in host memory, see Device.allocateHost; found " + integers);
        }
        Mirror mirror = find(buffer.segment());
        if (!mirror.current) {
            driver.upload(mirror.address, mirror.host);
            mirror.current = known.contains(mirror.host.address());
        }
        return mirror.address + integers.offsetBytes();
    }

    private Mirror find(MemorySegment host) {
        for (int i = 0; i < mirrors.size(); i++) { // few
            Mirror mirror = mirrors.get(i);
            if (mirror.host.address() == host.address() && mirror.host.byteSize() == host.byteSize()) {
                return mirror;
            }
        }
        Mirror made = new Mirror(host, driver.allocate(Math.max(1, host.byteSize())));
        mirrors.add(made);
        return made;
    }

    /** This memory changes between steps alone. */
    synchronized void know(MemorySegment host) {
        known.add(host.address());
    }

    /** Every copy is out of date. */
    synchronized void endStep() {
        for (int i = 0; i < mirrors.size(); i++) {
            mirrors.get(i).current = false;
        }
    }

    /** Frees the copy of memory that is about to be freed. */
    synchronized void forget(MemorySegment host) {
        known.remove(host.address());
        mirrors.removeIf(mirror -> {
            boolean gone = mirror.host.address() == host.address();
            if (gone) {
                driver.free(mirror.address);
            }
            return gone;
        });
    }

    @Override
    public synchronized void close() {
        mirrors.forEach(mirror -> driver.free(mirror.address));
        mirrors.clear();
    }
}
