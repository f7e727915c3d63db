package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.ScanSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** The sizes of a model's Mamba layers, all alike, of the first version or the second: kept as settings under GGUF's names. */
public final class MambaConfig {
    private static final String KERNEL = "ssm.conv_kernel";
    private static final String INNER = "ssm.inner_size";
    private static final String STATE = "ssm.state_size";
    private static final String RANK = "ssm.time_step_rank";
    private static final String GROUPS = "ssm.group_count";
    private static final String HEADS = "ssm.head_count";
    private static final String NORM_EPSILON = "ssm.dt_b_c_rms_epsilon";
    private static final String LIMITS = "time_step_limit";
    private static final long LARGEST = 1 << 24; // beyond any model; keeps every sum of sizes within an int

    private static final Json AUTO = new Json.Str("auto");

    private MambaConfig() {}

    /** Of the first version, where each channel is a head; {@code rank} is that of the product that makes steps. */
    public static void first(ModelConfigBuilder c, long inner, int state, int kernel, int rank) {
        size(c, RANK, rank);
        sizes(c, inner, inner, 1, state, kernel);
    }

    /** Of the first version, as a GGUF file has them. */
    public static void first(ModelConfigBuilder c, GgufKeys file) {
        first(c, file.required(INNER), file.required(STATE), file.required(KERNEL), file.required(RANK));
    }

    /** Of the second version. */
    public static void second(ModelConfigBuilder c, long inner, int heads, int groups, int state, int kernel) {
        sizes(c, inner, heads, groups, state, kernel);
    }

    /** Of the second version, as a GGUF file has them, which calls the number of heads a rank. */
    public static void second(ModelConfigBuilder c, GgufKeys file) {
        second(
                c,
                file.required(INNER),
                file.required(RANK),
                file.integer(GROUPS, 1),
                file.required(STATE),
                file.required(KERNEL));
    }

    /**
     * Of the second version, under the keys that hybrids have in common.
     *
     * @param inner channels; a multiple of the hidden size where the file gives none
     */
    public static void hybrid(ModelConfigBuilder c, Fields file, OptionalInt inner) {
        long channels = inner.isPresent()
                ? inner.getAsInt()
                : (long) file.integer("mamba_expand").orElse(2) * c.hiddenSize();
        int heads = file.integer("mamba_n_heads").orElse(128);
        boolean auto = file.get("mamba_d_head").map(v -> v.equals(AUTO)).orElse(true);
        if (!auto && (long) file.requiredInteger("mamba_d_head") * heads != channels) {
            throw new ModelFormatException(
                    file.at("mamba_d_head"),
                    "expected " + heads + " heads of together " + channels + " channels, found "
                            + file.requiredInteger("mamba_d_head") + " each");
        }
        second(
                c,
                channels,
                heads,
                file.integer("mamba_n_groups").orElse(1),
                file.integer("mamba_d_state").orElse(256),
                file.integer("mamba_d_conv").orElse(4));
        limits(c, file, "time_step_limit");
    }

    private static void sizes(ModelConfigBuilder c, long inner, long heads, long groups, long state, long kernel) {
        size(c, INNER, inner);
        size(c, HEADS, heads);
        size(c, GROUPS, groups);
        size(c, STATE, state);
        size(c, KERNEL, kernel);
        if (inner % heads != 0 || heads % groups != 0 || groups * state > LARGEST) {
            throw new ModelFormatException(
                    c.place(),
                    "expected " + INNER + " in equal heads and those in equal groups, found " + inner + ", " + heads
                            + " and " + groups);
        }
        double convolved = inner + 2.0 * groups * state;
        c.setting(LayerPlan.RECURRENT_SIZE, convolved * (kernel - 1) + (double) inner * state);
    }

    private static void size(ModelConfigBuilder c, String name, long value) {
        if (value < 1 || value > LARGEST) {
            throw new ModelFormatException(
                    c.place(), "expected a " + name + " of at least 1 and at most 2^24, found " + value);
        }
        c.setting(name, (double) value);
    }

    /** The least and greatest step, which a config.json may give under this key. */
    public static void limits(ModelConfigBuilder c, Fields file, String key) {
        Optional<List<Double>> limits = file.numbers(key);
        if (limits.isEmpty()) {
            return;
        }
        if (limits.get().size() != 2 || !(limits.get().get(0) <= limits.get().get(1))) {
            throw new ModelFormatException(
                    file.at(key), "expected the least step and the greatest, found " + limits.get());
        }
        c.setting(LIMITS, limits.get());
    }

    /** Bounds steps from below. */
    public static void leastStep(ModelConfigBuilder c, double least) {
        c.setting(LIMITS, List.of(least, Double.POSITIVE_INFINITY));
    }

    /**
     * How each layer mixes positions, as a config.json calls it in any spelling; all by their states if it doesn't say.
     *
     * @param known what the family has
     * @throws ModelFormatException for another name, or another number of layers
     */
    public static void mixers(ModelConfigBuilder c, Fields file, Set<ModelConfig.Mixer> known) {
        List<String> names = HuggingFaceConfig.layerNames(file);
        String key = Stream.of("layers_block_type", "layer_types")
                .filter(file::has)
                .findFirst()
                .orElse("hybrid_override_pattern");
        if (!names.isEmpty() && names.size() != c.layerCount()) {
            throw new ModelFormatException(
                    file.at(key), "expected " + c.layerCount() + " layers, found " + names.size());
        }
        c.layers((layer, i) -> layer.withMixer(
                names.isEmpty()
                        ? ModelConfig.Mixer.RECURRENT
                        : mixer(names.get(i))
                                .filter(known::contains)
                                .orElseThrow(() -> new ModelFormatException(
                                        file.at(key), "no such layer is supported here: " + names.get(i)))));
    }

    private static Optional<ModelConfig.Mixer> mixer(String name) {
        return switch (name) {
            case "mamba", "linear_attention", "M" -> Optional.of(ModelConfig.Mixer.RECURRENT);
            case "attention", "full_attention", "*" -> Optional.of(ModelConfig.Mixer.ATTENTION);
            case "mlp", "moe", "-", "E" -> Optional.of(ModelConfig.Mixer.NONE);
            default -> Optional.empty();
        };
    }

    /** The first version norms steps, b and c without weights. */
    public static void plainNorms(ModelConfigBuilder c, double epsilon) {
        c.setting(NORM_EPSILON, epsilon);
    }

    /** Epsilon of norms without weights, empty if there are none. */
    static Optional<Float> plainNormEpsilon(ModelConfig c) {
        return c.has(NORM_EPSILON) ? Optional.of((float) c.setting(NORM_EPSILON)) : Optional.empty();
    }

    /** Refuses an activation that is not SiLU. */
    public static void requireSilu(Fields file, String key) {
        String name = file.string(key).orElse("silu");
        if (!name.equals("silu") && !name.equals("swish")) {
            throw new ModelFormatException(file.at(key), "expected silu, found " + name);
        }
    }

    /** The rank that a config.json gives under this key; where it says auto, or nothing, a sixteenth of the hidden size. */
    public static int rank(Fields file, String key, int hiddenSize) {
        boolean auto = file.get(key).map(v -> v.equals(new Json.Str("auto"))).orElse(true);
        return auto ? Math.ceilDiv(hiddenSize, 16) : file.requiredInteger(key);
    }

    static int rank(ModelConfig c) {
        return c.size(RANK);
    }

    static ConvolutionSpec convolution(ModelConfig c) {
        return new ConvolutionSpec(c.size(KERNEL), true, 0);
    }

    static ScanSpec scan(ModelConfig c) {
        int inner = c.size(INNER);
        int heads = c.size(HEADS);
        int groups = c.size(GROUPS);
        int state = c.size(STATE);
        List<Double> limits = c.has(LIMITS) ? c.numbers(LIMITS) : List.of(0.0, Double.POSITIVE_INFINITY);
        return new ScanSpec(
                heads,
                inner / heads,
                state,
                groups,
                limits.get(0).floatValue(),
                limits.get(1).floatValue(),
                (inner + 2 * groups * state) * (c.size(KERNEL) - 1));
    }
}
