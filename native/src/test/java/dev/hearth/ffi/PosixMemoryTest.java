package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Address space that takes memory as it is touched, as far as this system has it. */
class PosixMemoryTest {
    @ParameterizedTest
    @CsvSource({"Linux, 0x4022", "Mac OS X, 0x1002", "FreeBSD, 0x1002", "OpenBSD, 0x1002"})
    void flags_areEachSystems(String name, String flags) {
        assertThat(PosixMemory.flags(name)).hasValue(Integer.decode(flags));
    }

    @Test
    void flags_ofOthersAreUnknown() {
        assertThat(PosixMemory.flags("Windows 11")).isEmpty();
        assertThat(PosixMemory.flags("")).isEmpty();
    }

    @Test
    void space_isZeroAndTakesMemoryWhereItIsTouched() {
        boolean known = PosixMemory.flags(System.getProperty("os.name")).isPresent();
        assertThat(PosixMemory.open().isPresent()).isEqualTo(known);
        PosixMemory.open().ifPresent(posix -> {
            long bytes = 1L << 40; // more than any machine has that tests run on
            MemorySegment space;
            try (Arena arena = Arena.ofConfined()) {
                space = posix.reserve(bytes, arena);
                assertThat(space.byteSize()).isEqualTo(bytes);
                assertThat(space.address() % PosixMemory.ALIGNMENT).isZero();
                for (long at = 0; at < bytes; at += bytes / 16 + 8) {
                    assertThat(space.get(ValueLayout.JAVA_LONG, at)).isZero();
                    space.set(ValueLayout.JAVA_LONG, at, at + 1);
                    assertThat(space.get(ValueLayout.JAVA_LONG, at)).isEqualTo(at + 1);
                }
            }
            MemorySegment freed = space;
            assertThatThrownBy(() -> freed.get(ValueLayout.JAVA_LONG, 0)).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void spaceThatNoSystemHas_isAnError() {
        PosixMemory.open().ifPresent(posix -> {
            try (Arena arena = Arena.ofConfined()) {
                assertThatThrownBy(() -> posix.reserve(1L << 60, arena))
                        .isInstanceOf(OutOfMemoryError.class)
                        .hasMessageContaining("mmap of");
            }
        });
    }
}
