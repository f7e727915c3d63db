package dev.hearth.cli;

import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.quantize.BlockType;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Precision;
import dev.hearth.tinymodel.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The model and how to load it: what every command that computes takes. */
final class EngineOptions {
    private static final long QUIET_NANOS = 500_000_000; // a load this short needs no progress

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description =
                    "A model folder, a .gguf file, or org/name in the Hugging Face cache; without it the embedded model.")
    @Nullable
    private Path model;

    @Option(
            names = "--precision",
            paramLabel = "exact|fast",
            description = "How to round; by default what suits the weights.")
    @Nullable
    private String precision;

    @Option(
            names = "--cache-type",
            paramLabel = "f32|f16|bf16|int8",
            description = "How keys and values are kept; by default f32 with exact and f16 with fast precision.")
    @Nullable
    private String cacheType;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute; by default one a core.")
    @Nullable
    private Integer threads;

    @Option(names = "--pin", description = "Keep each thread that computes on a core of its own (Linux).")
    private boolean pin;

    @Option(names = "--context", paramLabel = "N", description = "Most tokens, prompt and answer together.")
    @Nullable
    private Integer context;

    @Option(names = "--backend", paramLabel = "NAME", description = "The backend; by default the best there is.")
    @Nullable
    private String backend;

    @Option(
            names = {"--gpu-layers", "-ngl"},
            paramLabel = "N",
            description = "How many of the last layers run on the GPU, the others on the CPU; by default all that fit.")
    @Nullable
    private Integer gpuLayers;

    @Option(
            names = "--adapter",
            paramLabel = "FOLDER",
            description = "A low-rank adapter in PEFT's layout to merge into the weights; may be given several times.")
    private List<Path> adapters = List.of();

    @Option(
            names = "--weights",
            paramLabel = "TYPE",
            description = "A type of blocks, Q8_0 for one, that plain weights are encoded in as they load.")
    @Nullable
    private String weights;

    /** Most positions that were asked for. */
    OptionalInt context() {
        return context == null ? OptionalInt.empty() : OptionalInt.of(context);
    }

    /** How keys and values shall be kept. */
    Optional<CacheType> cacheType() {
        return cacheType == null ? Optional.empty() : Optional.of(parsedCacheType(cacheType));
    }

    /** Where the model is. */
    Path path() {
        return model == null ? TinyModel.folder() : model;
    }

    /** Threads that were asked for. */
    OptionalInt threads() {
        return threads == null ? OptionalInt.empty() : OptionalInt.of(threads);
    }

    /** These options as a command line has them. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        add(arguments, "--precision", precision);
        add(arguments, "--cache-type", cacheType);
        add(arguments, "--threads", threads);
        add(arguments, "--context", context);
        add(arguments, "--backend", backend);
        add(arguments, "--gpu-layers", gpuLayers);
        add(arguments, "--weights", weights);
        adapters.forEach(adapter -> add(arguments, "--adapter", adapter));
        if (pin) {
            arguments.add("--pin");
        }
        if (model != null) {
            arguments.add(model.toString());
        }
        return arguments;
    }

    private static void add(List<String> arguments, String name, @Nullable Object value) {
        if (value != null) {
            arguments.addAll(List.of(name, value.toString()));
        }
    }

    /** Loads it, with progress on a terminal. */
    Engine load() {
        return load(EngineBuilder::load);
    }

    /** The same by another way of loading, which may set what no option has set. */
    <T> T load(Function<EngineBuilder, T> way) {
        EngineBuilder builder = Engine.builder(path());
        if (precision != null) {
            builder.precision(parsedPrecision(precision));
        }
        cacheType().ifPresent(builder::cacheType);
        if (threads != null) {
            builder.threads(threads);
        }
        if (pin) {
            builder.pinThreads();
        }
        if (context != null) {
            builder.contextLength(context);
        }
        if (backend != null) {
            builder.backend(backend);
        }
        if (gpuLayers != null) {
            builder.deviceLayers(gpuLayers);
        }
        adapters.forEach(builder::adapter);
        if (weights != null) {
            builder.weights(blockType(weights));
        }
        boolean terminal = Terminal.isThere();
        long start = System.nanoTime();
        boolean[] shown = {false};
        if (terminal) {
            builder.onProgress(part -> {
                if (System.nanoTime() - start > QUIET_NANOS) {
                    System.err.printf(Locale.ROOT, "\rloading %3.0f %%", part * 100);
                    shown[0] = true;
                }
            });
        }
        T loaded = way.apply(builder);
        if (shown[0]) {
            System.err.print("\r              \r");
        }
        return loaded;
    }

    private static BlockType blockType(String name) {
        return BlockType.named(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "--weights: expected a type of blocks such as Q8_0, found " + name));
    }

    private static CacheType parsedCacheType(String name) {
        for (CacheType type : CacheType.values()) {
            if (type.name().equalsIgnoreCase(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("--cache-type: expected f32, f16, bf16 or int8, found " + name);
    }

    private static Precision parsedPrecision(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "exact" -> Precision.EXACT;
            case "fast" -> Precision.FAST;
            default -> throw new IllegalArgumentException("--precision: expected exact or fast, found " + name);
        };
    }
}
