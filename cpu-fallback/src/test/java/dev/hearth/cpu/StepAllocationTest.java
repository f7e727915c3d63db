package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.hearth.format.Loading;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.model.Architectures;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Weights;
import dev.hearth.quantize.BlockType;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.Terms;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Precision;
import dev.hearth.state.StateCache;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much heap a step of the loop takes, decoding with as many layers as a small model has. */
final class StepAllocationTest {
    private static final long MOST_BYTES = 16 << 10;
    private static final int LAYERS = 28;
    private static final int WARM_UP = 160; // some call sites are compiled anew at their 128th call
    private static final int MEASURED = 64;
    private static final int POSITIONS = WARM_UP + MEASURED + 8;

    @TempDir
    Path folder;

    @Test
    void step_allocatesLittle() throws IOException {
        deepen(Reference.resource("oracles/qwen3"));
        var kernels = new NativeKernels(TestLibrary.cpu().best());
        try (var backend = new CpuBackend(new KernelChoice("native", kernels, "C", "under test", List.of()), 2);
                var source = ModelSource.open(folder, Loading.MAPPED).quantised(BlockType.Q8_0)) {
            var device = backend.devices().getFirst();
            var config = source.config();
            try (var weights = new Weights(new Repeated(source.catalog()), config, device, part -> {})) {
                var decoder = Architectures.build(config, weights);
                long cacheBytes = StateCache.bytes(decoder.states(), CacheType.F16, POSITIONS);
                var runner = new Runner(decoder, device, Precision.FAST, CacheType.F16, POSITIONS, cacheBytes);
                try (var loop =
                        new EngineLoop(runner, EngineLoop.Limits.DEFAULT, "loop-under-test", System::nanoTime)) {
                    Meter meter = new Meter();
                    loop.submit(meter.tokens, POSITIONS, Terms.DEFAULT, meter);
                    assertThat(meter.ended.join()).isEqualTo(Sequence.End.DONE);
                    assertThat(meter.bytesPerStep()).allMatch(bytes -> bytes <= MOST_BYTES);
                }
            }
        }
    }

    /** The model with two layers as one with {@value #LAYERS}. */
    private void deepen(Path model) throws IOException {
        Files.copy(model.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        String types = String.join(",", Collections.nCopies(LAYERS, "\"full_attention\""));
        Files.writeString(
                folder.resolve("config.json"),
                Files.readString(model.resolve("config.json"))
                        .replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": " + LAYERS)
                        .replaceFirst("(?s)\"layer_types\": \\[.*?]", "\"layer_types\": [" + types + "]"));
    }

    /** Tensors of two layers as those of any number. */
    private record Repeated(TensorCatalog two) implements TensorCatalog {
        private static String stored(String name) {
            String[] parts = name.split("\\.", 3);
            return parts[0].equals("blk") ? "blk." + Integer.parseInt(parts[1]) % 2 + "." + parts[2] : name;
        }

        @Override
        public String place() {
            return two.place();
        }

        @Override
        public List<TensorEntry> entries() {
            return two.entries();
        }

        @Override
        public Optional<TensorEntry> entry(String name) {
            return two.entry(stored(name));
        }

        @Override
        public TensorInfo tensor(String name) {
            return two.tensor(stored(name));
        }

        @Override
        public TensorInfo tensor(String name, Arena memory) {
            return two.tensor(stored(name), memory);
        }

        @Override
        public List<TensorInfo> parts(String name, Arena memory) {
            return two.parts(stored(name), memory);
        }

        @Override
        public void close() {
            two.close();
        }
    }

    /** Appends the same token again and again, and notes what the loop's thread has allocated so far. */
    private static final class Meter implements Sequence.Listener {
        final TokenList tokens = new TokenList(1);
        final CompletableFuture<Sequence.End> ended = new CompletableFuture<>();
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final long[] allocated = new long[WARM_UP + MEASURED + 1];
        private int steps;

        List<Long> bytesPerStep() {
            return LongStream.range(WARM_UP, WARM_UP + MEASURED)
                    .map(i -> allocated[(int) i + 1] - allocated[(int) i])
                    .boxed()
                    .toList();
        }

        @Override
        public Chunk.Logits wanted(boolean last) {
            return Chunk.Logits.LAST;
        }

        @Override
        public int chunkLimit() {
            return 1;
        }

        @Override
        public void accept(Results results, int row, int count, int position) {
            allocated[steps++] =
                    threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
            if (steps < allocated.length) {
                tokens.add(1);
            }
        }

        @Override
        public void ended(Sequence.End end, @Nullable Throwable failure) {
            ended.complete(end);
        }
    }
}
