package dev.hearth.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageFileTest {
    @Test
    void file_givesBackWhatWasWrittenAndIsGoneAfterwards(@TempDir Path folder) throws IOException {
        try (Arena arena = Arena.ofConfined();
                PageFile file = PageFile.in(folder, 1 << 20)) {
            MemorySegment bytes = arena.allocate(1000).fill((byte) 7);
            file.write(5000, bytes);
            MemorySegment read = arena.allocate(1000);
            file.read(5000, read);
            assertThat(read.mismatch(bytes)).isEqualTo(-1);
            file.read(4500, read);
            assertThat(read.get(ValueLayout.JAVA_BYTE, 499)).isZero();
            assertThat(read.get(ValueLayout.JAVA_BYTE, 500)).isEqualTo((byte) 7);
            assertThatThrownBy(() -> file.read(5001, read)).isInstanceOf(EOFException.class);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }
}
