package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.ffi.Isa;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The loops on registers count every thread's operations. */
class ArithmeticPeakTest {
    @ParameterizedTest
    @EnumSource
    void peak_countsWhatEveryThreadDoes(ArithmeticPeak.Numbers numbers) {
        long alone = operations(1, numbers);
        assertThat(operations(3, numbers)).isEqualTo(3 * alone);
        assertThat(alone > 0).isEqualTo(TestLibrary.cpu().best().isa() != Isa.PLAIN);
    }

    private static long operations(int threads, ArithmeticPeak.Numbers numbers) {
        Optional<ArithmeticPeak> found = ArithmeticPeak.of(threads);
        long operations = found.map(peak -> peak.compute(numbers)).orElse(0L);
        found.ifPresent(ArithmeticPeak::close);
        return operations;
    }
}
