package dev.hearth.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.InsufficientMemoryException;
import dev.hearth.Request;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Models that lie on the processor and on one or two emulated GPUs: the tokens of the processor alone, and nothing left behind. */
public interface GpuPlacement {
    /** Of so many layers: windows, chunks, experts. */
    int LAYERS = 4;

    /** The model. */
    Path MODEL = Emulation.repository().resolve("cpu-fallback/src/test/resources/oracles/llama4_text_odd");

    /** Much more than the weights; allocated as it fills. */
    long CACHE_BYTES = 4 << 20;

    /** The driver. */
    Emulation emulation();

    /** The backend's name. */
    String backend();

    /** Settings as they were. */
    @AfterEach
    default void reset() {
        emulation().set("reset", 0);
    }

    private EngineBuilder builder() {
        return Engine.builder(MODEL).contextLength(64).cacheBytes(CACHE_BYTES);
    }

    private List<Integer> generate(EngineBuilder builder, String place) {
        try (Engine engine = builder.load()) {
            emulation().set("memory", 1 << 30); // a step's values are as large as the model here
            assertThat(engine.backend()).contains(place);
            return engine.complete(Request.tokens(3, 14, 15, 9, 26, 5, 35, 8, 39, 7)
                            .maxTokens(24)
                            .temperature(0)
                            .ignoreEos()
                            .build())
                    .ids();
        }
    }

    /** However many layers are asked for. */
    @Test
    default void layers_onBothGiveTheProcessorsTokens() {
        List<Integer> expected = generate(builder().backend("cpu"), "cpu");
        for (int count = 0; count <= LAYERS + 1; count++) {
            String place = count == 0
                    ? "cpu"
                    : count < LAYERS
                            ? "layers 0 to " + (LAYERS - count - 1) + " on cpu, " + (LAYERS - count) + " to "
                                    + (LAYERS - 1) + " on " + backend() + ":0"
                            : backend() + ":0";
            assertThat(generate(builder().backend(backend()).deviceLayers(count), place))
                    .as("%s layers on the GPU", count)
                    .isEqualTo(expected);
            assertThat(emulation().count("allocations")).isZero();
        }
    }

    /** Without being asked. */
    @Test
    default void model_thatIsTooLargeForOneGpuTakesTwo() {
        List<Integer> expected = generate(builder().backend("cpu"), "cpu");
        emulation().set("devices", 2);
        emulation().set("memory", bytes() * 3 / 4);
        assertThat(generate(builder(), backend() + ":1")).isEqualTo(expected);
        assertThat(emulation().count("allocations")).isZero();
    }

    /** Without being asked. */
    @Test
    default void model_thatIsTooLargeForAllGpusLiesOnTheProcessorInPart() {
        List<Integer> expected = generate(builder().backend("cpu"), "cpu");
        emulation().set("memory", bytes() * 3 / 4);
        assertThat(generate(builder(), "on cpu, ")).isEqualTo(expected);
        assertThat(emulation().count("allocations")).isZero();
    }

    /** With the arithmetic. */
    @Test
    default void moreLayersThanFit_areRefused() {
        emulation().set("memory", bytes() / 4);
        assertThatExceptionOfType(InsufficientMemoryException.class)
                .isThrownBy(
                        () -> builder().backend(backend()).deviceLayers(LAYERS).load())
                .withMessageContaining("layers should go to the devices")
                .withMessageContaining(backend() + ":0");
        assertThat(emulation().count("allocations")).isZero();
    }

    /** Of weights and cache. */
    private static long bytes() {
        return MODEL.resolve("model.safetensors").toFile().length() + CACHE_BYTES;
    }
}
