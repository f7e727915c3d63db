package dev.hearth.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.spi.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a driver is asked, and in which order, where launches are recorded. */
class RecordedDriverTest {
    private static final List<GpuKernel> KERNELS =
            List.of(new GpuKernel("a", 1), new GpuKernel("b", 2), new GpuKernel("c", 3), new GpuKernel("d", 4));

    private final Arena arena = Arena.ofShared();
    private final FakeDriver fake = new FakeDriver();
    private final GpuDriver driver = RecordedDriver.of(fake);

    @AfterEach
    void close() {
        driver.close();
        assertThat(fake.graphs.alive).isEmpty();
        arena.close();
    }

    private void launch(GpuKernel kernel, int blocks, long parameter) {
        MemorySegment parameters = arena.allocateFrom(ValueLayout.JAVA_LONG, parameter, 7, 7);
        driver.launch(kernel, blocks, 1, parameters);
        parameters.fill((byte) -1); // the caller's again
    }

    /** The four kernels with parameters of their own. */
    private List<String> step(int blocks, long... parameters) {
        for (int i = 0; i < parameters.length; i++) {
            launch(KERNELS.get(i % KERNELS.size()), blocks, parameters[i]);
        }
        driver.synchronize();
        return fake.taken();
    }

    @Test
    void recording_thatComesTheThirdTimeIsAGraph() {
        for (int i = 0; i < 2; i++) {
            assertThat(step(1, 1, 2, 3, 4)).containsExactly("a(1)", "b(2)", "c(3)", "d(4)", "synchronize");
        }
        assertThat(step(1, 1, 2, 3, 4)).containsExactly("[a(1), b(2), c(3), d(4)]", "synchronize");
        assertThat(fake.graphs.changes).isZero();
    }

    @Test
    void parameters_areThoseOfTheLaunch() {
        for (int i = 0; i < 3; i++) {
            step(1, 1, 2, 3, 4);
        }
        assertThat(step(1, 1, 2, 3, 4)).containsExactly("[a(1), b(2), c(3), d(4)]", "synchronize");
        assertThat(step(1, 5, 2, 3, 6)).containsExactly("[a(5), b(2), c(3), d(6)]", "synchronize");
        assertThat(fake.graphs.changes).isEqualTo(2);
        assertThat(step(1, 5, 2, 3, 6)).containsExactly("[a(5), b(2), c(3), d(6)]", "synchronize");
        assertThat(fake.graphs.changes).isEqualTo(2);
        assertThat(step(1, 1, 9, 9, 1)).containsExactly("[a(1), b(9), c(9), d(1)]", "synchronize");
        assertThat(fake.graphs.changes).isEqualTo(6);
    }

    @Test
    void otherBlocks_areAnotherGraph() {
        for (int i = 0; i < 3; i++) {
            step(1, 1, 2, 3, 4);
        }
        assertThat(step(2, 1, 2, 3, 4)).startsWith("a(1)");
        assertThat(step(1, 1, 2, 3, 4, 5)).startsWith("a(1)");
        step(2, 1, 2, 3, 4);
        assertThat(step(2, 1, 2, 3, 5)).startsWith("[a(1), b(2), c(3), d(5)]");
        assertThat(step(1, 1, 2, 3, 4)).startsWith("[a(1), b(2), c(3), d(4)]");
        assertThat(fake.graphs.alive).hasSize(4); // each graph, and what was made of it
    }

    /** Where the device is busy for longer than the host needs. */
    @Test
    void manyBlocks_areLaunchedOneByOne() {
        for (int i = 0; i < 5; i++) {
            assertThat(step(5000, 1, 2, 3, 4)).startsWith("a(1)");
        }
    }

    private static List<Consumer<GpuDriver>> calls() {
        return List.of(
                d -> d.upload(8, MemorySegment.NULL),
                d -> d.download(MemorySegment.NULL, 8),
                d -> d.copy(8, 16, 1),
                d -> d.zero(8, 1),
                d -> d.free(8),
                GpuDriver::synchronize);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void launches_comeBeforeWhatFollows(Consumer<GpuDriver> call) {
        launch(KERNELS.getFirst(), 1, 1);
        launch(KERNELS.getLast(), 1, 2);
        assertThat(fake.taken()).isEmpty();
        call.accept(driver);
        assertThat(fake.taken()).startsWith("a(1)", "d(2)").hasSize(3);
    }

    @Test
    void marks_comeBehindLaunches() {
        try (GpuMark mark = driver.mark()) {
            launch(KERNELS.getFirst(), 1, 1);
            mark.set();
            assertThat(fake.taken()).containsExactly("a(1)");
        }
    }

    @Test
    void waiting_isLeftOutWhereNothingHasBeenEnqueued() {
        step(1, 1);
        driver.synchronize();
        assertThat(fake.taken()).isEmpty();
        driver.zero(8, 1);
        driver.synchronize();
        assertThat(fake.taken()).containsExactly("zero", "synchronize");
    }

    @Test
    void refusedChange_isToldAndTheGraphGoes() {
        for (int i = 0; i < 3; i++) {
            step(1, 1, 2, 3, 4);
        }
        fake.graphs.failsToChange = true;
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> step(1, 1, 2, 5, 4))
                .withMessageContaining("set of c");
        assertThat(fake.graphs.alive).isEmpty();
        assertThat(step(1, 1, 2, 5, 4)).startsWith("a(1)");
    }

    @Test
    void refusedChange_isToldLaterByWhatMayFail() {
        for (int i = 0; i < 3; i++) {
            step(1, 1, 2, 3, 4);
        }
        fake.graphs.failsToChange = true;
        for (int i = 0; i < KERNELS.size(); i++) {
            launch(KERNELS.get(i), 1, 9);
        }
        driver.free(8);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(driver::synchronize)
                .withMessageContaining("set of a");
    }

    @Test
    void refusedGraphs_areLaunchedOneByOne() {
        fake.refusingGraphs();
        for (int i = 0; i < 5; i++) {
            assertThat(step(1, 1, 2, 3, 4)).containsExactly("a(1)", "b(2)", "c(3)", "d(4)", "synchronize");
        }
    }

    /** HIP keeps the parameters of every change. */
    @Test
    void graph_isMadeAnewAfterManyChanges() {
        for (int i = 0; i < 3; i++) {
            step(1, 0, 0, 0, 0);
        }
        List<Long> first = List.copyOf(fake.graphs.alive.keySet());
        for (int i = 1; i < 2000; i++) {
            assertThat(step(1, i, i, i, i).getFirst()).startsWith("[a(" + i + ")");
        }
        assertThat(fake.graphs.alive).hasSize(2).doesNotContainKeys(first.toArray(Long[]::new));
    }

    @Test
    void graphs_areFewAndThoseUsedLast() {
        for (int blocks = 1; blocks <= 40; blocks++) {
            for (int i = 0; i < 3; i++) {
                step(blocks, 1, 2, 3, 4);
            }
        }
        assertThat(fake.graphs.alive).hasSize(2 * 32);
        assertThat(step(40, 1, 2, 3, 4)).startsWith("[a(1), b(2), c(3), d(4)]");
        assertThat(step(1, 1, 2, 3, 4)).startsWith("a(1)");
    }

    @Test
    void longRecordings_areSeveral() {
        long[] parameters = new long[5000];
        for (int i = 0; i < 3; i++) {
            assertThat(step(1, parameters)).hasSize(i < 2 ? 5001 : 3);
        }
    }
}
