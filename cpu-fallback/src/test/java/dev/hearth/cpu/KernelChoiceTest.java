package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.reference.ScalarKernels;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {
    private static final KernelSource NONE =
            new KernelSource("fast", () -> new KernelSource.Missing("no such unit", "buy one"));
    private static final KernelSource SECOND =
            new KernelSource("second", () -> new KernelSource.Found(new ScalarKernels(), "second loops"));
    private static final KernelSource THIRD =
            new KernelSource("third", () -> new KernelSource.Found(new ScalarKernels(), "third loops"));
    private static final List<KernelSource> ALL = List.of(NONE, SECOND, THIRD);

    @Test
    void first_thatCanBeHad() {
        KernelChoice choice = KernelChoice.of(ALL, null);
        assertThat(choice.name()).isEqualTo("second");
        assertThat(choice.passedOver()).containsExactly("fast: no such unit; buy one");
        assertThat(KernelChoice.of(ALL, "").name()).isEqualTo("second");
    }

    @Test
    void named_isTakenWithoutWarning() {
        KernelChoice choice = KernelChoice.of(ALL, "third");
        assertThat(choice.description()).isEqualTo("third loops");
        assertThat(choice.reason()).isEqualTo("-Dhearth.cpu.kernels=third");
        assertThat(choice.passedOver()).isEmpty();
    }

    @Test
    void unknownOrMissing_saysWhatIsPossible() {
        assertThatThrownBy(() -> KernelChoice.of(ALL, "fastest"))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessage("cpu: -Dhearth.cpu.kernels: expected one of second, third, found fastest");
        assertThatThrownBy(() -> KernelChoice.of(ALL, "fast"))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessage("cpu: -Dhearth.cpu.kernels=fast: no such unit; buy one, or choose among second, third");
        assertThatThrownBy(() -> KernelChoice.of(List.of(NONE), null))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("no such unit");
    }
}
