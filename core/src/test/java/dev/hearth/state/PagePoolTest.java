package dev.hearth.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.spi.Device;
import dev.hearth.spi.host.HostAllocator;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.Parallel;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PagePoolTest {
    private static final int LIMIT = 100;
    private static final long[] PIECES = {24, 40, 8};
    private static final int PAGE_BYTES = 72;

    /** Memory that is reserved, and what of it was said to be written soon. */
    private static final class Reserved implements HostAllocator {
        final List<MemorySegment> expected = new ArrayList<>();

        @Override
        public MemorySegment allocate(Arena arena, long bytes, long alignment) {
            return arena.allocate(bytes, alignment);
        }

        @Override
        public Optional<MemorySegment> reserve(Arena arena, long bytes) {
            return Optional.of(arena.allocate(bytes));
        }

        @Override
        public void expect(MemorySegment space, long offset, long bytes) {
            expected.add(space.asSlice(offset, bytes));
        }
    }

    static List<HostAllocator> allocators() {
        return List.of(Arena::allocate, new Reserved());
    }

    @ParameterizedTest
    @MethodSource("allocators")
    void pages_keepWhatTheyHoldAsThePoolGrows(HostAllocator memory) {
        Device device = new HostDevice("test", new HostOps(new ScalarKernels(), Parallel.SERIAL), memory);
        try (Arena arena = Arena.ofConfined();
                PagePool pool = new PagePool(device, LIMIT, PIECES)) {
            MemorySegment bytes = arena.allocate(PAGE_BYTES);
            HostBuffer buffer = new HostBuffer(bytes);
            for (int i = 0; i < LIMIT; i++) {
                bytes.fill((byte) (i + 1));
                pool.write(pool.take(), buffer, 0);
            }
            pool.copy(7, 90);
            for (int page = 0; page < LIMIT; page++) {
                pool.read(page, buffer, 0);
                byte value = (byte) (page == 7 ? 91 : page + 1);
                assertThat(bytes.toArray(ValueLayout.JAVA_BYTE)).containsOnly(value);
            }
        }
    }

    @Test
    void reservedSpace_isToldOfPagesBeforeTheyAreWritten() {
        Reserved memory = new Reserved();
        Device device = new HostDevice("test", new HostOps(new ScalarKernels(), Parallel.SERIAL), memory);
        try (PagePool pool = new PagePool(device, LIMIT, PIECES)) {
            pool.take();
            assertThat(memory.expected.stream()
                            .mapToLong(MemorySegment::byteSize)
                            .sum())
                    .isEqualTo(16L * PAGE_BYTES);
            for (int i = 1; i < LIMIT; i++) {
                pool.take();
            }
            assertThat(memory.expected.subList(memory.expected.size() - 3, memory.expected.size()).stream()
                            .mapToLong(MemorySegment::byteSize)
                            .sum())
                    .isEqualTo((long) LIMIT * PAGE_BYTES);
        }
    }
}
