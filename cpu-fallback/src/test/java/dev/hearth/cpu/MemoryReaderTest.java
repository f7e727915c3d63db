package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every thread has a part of the memory. */
class MemoryReaderTest {
    @ParameterizedTest
    @CsvSource({"1, 1, 128", "1000, 1, 896", "8388608, 3, 8388480"})
    void reader_readsWholeLinesInEqualParts(long bytes, int threads, long read) {
        try (var reader = new MemoryReader(bytes, threads)) {
            assertThat(reader.byteSize()).isEqualTo(read);
            assertThat(reader.bestBytesPerSecond(2)).isPositive().isFinite();
        }
    }
}
