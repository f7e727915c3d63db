package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Loading;
import dev.hearth.model.Architectures;
import dev.hearth.model.Encoder;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Network;
import dev.hearth.model.Weights;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.Device;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Precision;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.spi.host.HostOps;
import dev.hearth.state.SequenceState;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is stated of scratch memory before any step, and what the largest step leaves. */
class ScratchBytesTest {
    private static final int SEQUENCES = 16;

    static Stream<Path> models() {
        return Stream.concat(Reference.folders().stream(), Reference.encoders().stream())
                .map(folder -> Files.exists(folder.resolve("config.json")) ? folder : Reference.gguf(folder));
    }

    @ParameterizedTest
    @MethodSource("models")
    void largestStep_takesNoMoreThanStated(Path model) {
        try (Backend backend = new CpuBackendProvider().open(new BackendOptions(OptionalInt.of(2)));
                ModelSource source = ModelSource.open(model, Loading.MAPPED)) {
            Device device = backend.devices().getFirst();
            ModelConfig config = source.config();
            try (Weights weights = new Weights(source.catalog(), config, device, part -> {})) {
                Network network = Architectures.build(config, weights);
                int context = Math.min(64, config.contextLength());
                for (Precision precision : Precision.values()) {
                    try (Runner runner =
                            new Runner(network, device, precision, precision.cache(), context, 256 << 20)) {
                        long stated = runner.largestScratchBytes();
                        assertThat(runner.scratchBytes()).isZero();
                        if (network instanceof Encoder) {
                            step(runner, network, 1, context);
                            step(runner, network, 1, 1);
                        } else {
                            step(runner, network, 2, 3); // a small one before
                            step(runner, network, SEQUENCES, EngineLoop.STEP_TOKENS / SEQUENCES);
                            step(runner, network, 1, 1);
                        }
                        long operations = ((HostOps) device.ops()).scratchBytes();
                        assertThat(runner.scratchBytes() + operations)
                                .as(precision.toString())
                                .isBetween(1L, stated);
                    }
                }
            }
        }
    }

    private static void step(Runner runner, Network network, int sequences, int tokens) {
        List<SequenceState> states = new ArrayList<>();
        try {
            List<Chunk> chunks = new ArrayList<>();
            for (int s = 0; s < sequences; s++) {
                states.add(runner.cache().admit());
                chunks.add(new Chunk(states.getLast(), new TokenList(new int[tokens]), 0, tokens, Chunk.Logits.ALL));
            }
            if (network instanceof Encoder encoder && !encoder.fillsMasks()) {
                runner.hidden(chunks);
            } else {
                runner.forward(chunks);
            }
        } finally {
            states.forEach(SequenceState::close);
        }
    }

    /** Rows so long that kernels take more than the least that a thread holds. */
    @Test
    void largeProduct_takesNoMoreThanMetered() {
        TestLibrary.cpu();
        try (Backend backend = new CpuBackend(KernelChoice.of(CpuKernels.sources(), "native"), 2);
                Arena arena = Arena.ofShared()) {
            Device device = backend.devices().getFirst();
            ScratchMeter meter = device.scratchMeter(1);
            long columns = 1 << 18;
            MemorySegment data = arena.allocate(64 * DType.Q8_0.bytes(columns));
            Weight weight = device.load(new WeightSource("large", DType.Q8_0, Shape.of(64, columns), data));
            Tensor x = Tensor.of(arena.allocate(4 * columns, 64), DType.F32, 1, columns);
            Tensor out = Tensor.of(arena.allocate(4 * 64, 64), DType.F32, 1, 64);
            meter.ops().linear(out, x, weight, Epilogue.NONE);
            device.ops().linear(out, x, weight, Epilogue.NONE);
            assertThat(((HostOps) device.ops()).scratchBytes()).isBetween(ThreadScratch.held(0) + 1, meter.bytes());
        }
    }

    @Test
    void threadScratch_holdsWhatItSays() {
        try (ThreadScratch scratch = new ThreadScratch()) {
            for (long bytes : new long[] {1, 65536, 65537, 100_000, 1 << 20}) {
                assertThat(scratch.take(bytes).byteSize()).isEqualTo(ThreadScratch.held(bytes));
            }
        }
    }
}
