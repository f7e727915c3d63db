package dev.hearth.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class HostStoreTest {
    /** Pieces of any size across the bounds of parts, written over one another. */
    @Property(tries = 200)
    void bytes_areThoseWrittenLast(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        int size = 1 + random.nextInt(500);
        byte[] expected = new byte[size];
        int written = 0;
        try (Arena arena = Arena.ofConfined();
                HostStore store = new HostStore(size, 1 + random.nextInt(100))) {
            assertThat(store.byteSize()).isEqualTo(size);
            for (int i = 0; i < 30; i++) {
                int offset = random.nextInt(Math.min(written + 1, size)); // from front to back, at first
                MemorySegment piece = arena.allocate(1 + random.nextInt(size - offset));
                for (long at = 0; at < piece.byteSize(); at++) {
                    byte value = (byte) random.nextInt();
                    piece.set(ValueLayout.JAVA_BYTE, at, value);
                    expected[(int) (offset + at)] = value;
                }
                store.write(offset, piece);
                written = Math.max(written, offset + (int) piece.byteSize());
            }
            MemorySegment all = arena.allocate(written);
            store.read(0, all);
            assertThat(all.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Arrays.copyOf(expected, written));
        }
    }
}
