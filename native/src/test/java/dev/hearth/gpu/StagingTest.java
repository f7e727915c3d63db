package dev.hearth.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights arrive whole, however they lie over the parts, from memory that changes as soon as it has been handed over. */
class StagingTest {
    private static final int PART = 1024;

    private static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (31 * i + seed);
        }
        return bytes;
    }

    private static void checkUploads(FakeDriver fake, int size) {
        try (Arena arena = Arena.ofShared();
                Staging staging = new Staging(fake, PART)) {
            List<Long> weights = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                MemorySegment source = arena.allocate(Math.max(1, size)).asSlice(0, size);
                source.copyFrom(MemorySegment.ofArray(bytes(size, i)));
                weights.add(fake.allocate(size));
                staging.upload(weights.getLast(), source);
                source.fill((byte) 0);
            }
            staging.release();
            for (int i = 0; i < weights.size(); i++) {
                assertThat(fake.bytes(weights.get(i), size)).isEqualTo(bytes(size, i));
            }
        }
        assertThat(fake.pinned).isZero();
        assertThat(fake.marks).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 1000, 1023, 1024, 1025, 2048, 5000})
    void weights_arriveWhole(int size) {
        checkUploads(new FakeDriver(), size);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5000})
    void weights_arriveWithoutPinnedMemory(int size) {
        checkUploads(new FakeDriver().refusingPins(), size);
    }

    /** The queue is left to run: nobody waits for a part that has room. */
    @Test
    void smallWeights_areNotWaitedFor() {
        FakeDriver fake = new FakeDriver();
        try (Arena arena = Arena.ofShared();
                Staging staging = new Staging(fake, PART)) {
            for (int i = 0; i < 7; i++) {
                staging.upload(fake.allocate(256), arena.allocate(256));
            }
            assertThat(fake.taken()).hasSize(7).doesNotContain("synchronize");
            staging.release();
        }
    }

    /** Memory for small weights is too little for large ones. */
    @Test
    void weights_ofManySizesArriveWhole() {
        FakeDriver fake = new FakeDriver();
        int[] sizes = {3, 70_000, 100, 1 << 17, 200_000, 65_536, 1 << 18};
        long[] places = new long[sizes.length];
        try (Arena arena = Arena.ofShared();
                Staging staging = new Staging(fake, 1 << 17)) {
            for (int i = 0; i < sizes.length; i++) {
                MemorySegment source = arena.allocate(sizes[i]);
                source.copyFrom(MemorySegment.ofArray(bytes(sizes[i], i)));
                places[i] = fake.allocate(sizes[i]);
                staging.upload(places[i], source);
                source.fill((byte) 0);
                assertThat(fake.pinned).isPositive();
            }
            staging.release();
            for (int i = 0; i < sizes.length; i++) {
                assertThat(fake.bytes(places[i], sizes[i])).isEqualTo(bytes(sizes[i], i));
            }
        }
        assertThat(fake.pinned).isZero();
        assertThat(fake.marks).isZero();
    }

    @Test
    void memory_isTakenAgain() {
        FakeDriver fake = new FakeDriver();
        checkUploads(fake, 3000);
        checkUploads(fake, 3000);
    }
}
