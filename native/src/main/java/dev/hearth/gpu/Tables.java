package dev.hearth.gpu;

import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import java.util.Map;

/** Numbers that don't change from step to step, on the device: cosines and sines, rows of distances. Used by the queue's thread. */
final class Tables implements AutoCloseable {
    private record Table(long hostAddress, long address) {}

    private final GpuDriver driver;
    private final Map<RopeSpec, Table> rotations = new IdentityHashMap<>();
    private final Map<RelativeTerms, Table> distances = new IdentityHashMap<>();

    Tables(GpuDriver driver) {
        this.driver = driver;
    }

    /** The address of a rotation's table, which is another one in host memory once it has grown. */
    long rotation(RopeSpec spec, Tensor table) {
        Table known = rotations.get(spec);
        if (known != null && known.hostAddress == table.address()) {
            return known.address;
        }
        if (known != null) {
            driver.free(known.address);
        }
        MemorySegment host = table.segment().asSlice(0, table.rows() * table.rowBytes());
        Table made = new Table(table.address(), upload(host));
        rotations.put(spec, made);
        return made.address;
    }

    /** The address of the vectors that stand for each distance. */
    long distances(RelativeTerms terms) {
        Table known = distances.get(terms);
        if (known == null) {
            try (Arena arena = Arena.ofConfined()) {
                known = new Table(0, upload(arena.allocateFrom(ValueLayout.JAVA_INT, terms.rows())));
                driver.synchronize();
            }
            distances.put(terms, known);
        }
        return known.address;
    }

    private long upload(MemorySegment host) {
        long address = driver.allocate(host.byteSize());
        driver.upload(address, host);
        driver.synchronize(); // the host's may be freed when it grows
        return address;
    }

    @Override
    public void close() {
        rotations.values().forEach(table -> driver.free(table.address));
        distances.values().forEach(table -> driver.free(table.address));
        rotations.clear();
        distances.clear();
    }
}
