package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.ffi.LinuxSystem;
import dev.hearth.ffi.PosixMemory;
import dev.hearth.spi.host.HostAllocator;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HugePagesTest {
    @Test
    void choice_isTheOneInBrackets() {
        assertThat(HugePages.allows("always [madvise] never\n")).isTrue();
        assertThat(HugePages.allows("[always] madvise never\n")).isTrue();
        assertThat(HugePages.allows("always madvise [never]\n")).isFalse();
        assertThat(HugePages.allows("")).isFalse();
    }

    @Test
    void memory_isZeroedAndAlignedWhateverItsSize() {
        for (long bytes : new long[] {1, 4095, 4 << 20, (4 << 20) + 1, (9 << 20) - 7}) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment memory = HugePages.allocator().allocate(arena, bytes, 64);
                assertThat(memory.byteSize()).isEqualTo(bytes);
                assertThat(memory.address() % 64).isZero();
                assertThat(memory.get(ValueLayout.JAVA_BYTE, bytes - 1)).isZero();
                assertThat(memory.fill((byte) 1).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void hugeMemory_beginsWithAPage() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = LinuxSystem.open().orElseThrow().allocateHuge(5 << 20, arena);
            assertThat(memory.address() % (2 << 20)).isZero();
        }
    }

    static Stream<HostAllocator> growing() {
        return Stream.of(
                HugePages.allocator(), new GrowingSpace(PosixMemory.open().orElseThrow()));
    }

    @ParameterizedTest
    @MethodSource("growing")
    @EnabledOnOs(OS.LINUX)
    void reservedSpace_isZeroedAndTakesMemoryWhereItIsTouched(HostAllocator allocator) throws IOException {
        long bytes = 8L << 30;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment space = allocator.reserve(arena, bytes).orElseThrow();
            long before = residentPages();
            assertThat(space.byteSize()).isEqualTo(bytes);
            allocator.expect(space, 1 << 20, 8 << 20);
            for (long at = 0; at < bytes; at += 64 << 20) {
                assertThat(space.get(ValueLayout.JAVA_BYTE, at)).isZero();
                space.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
            }
            assertThat(residentPages() - before).isLessThan((bytes >> 12) / 16);
        }
    }

    private static long residentPages() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
    }
}
