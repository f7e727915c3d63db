package dev.hearth.bench;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Sizes of a model as published, or like such, for {@link RandomModel}.
 *
 * @param title what a person calls it
 * @param mlpSize of one expert where there are some
 */
record ModelShape(
        String title,
        String architecture,
        int vocabularySize,
        int layerCount,
        int hiddenSize,
        Heads heads,
        int mlpSize,
        Experts experts,
        Rotation rotation,
        float epsilon) {
    /** Query heads, key heads that they share, and elements of each. */
    record Heads(int count, int keyCount, int size) {}

    /** Experts of a layer, and how many a token takes. */
    record Experts(int count, int usedCount) {
        static final Experts NONE = new Experts(0, 0);
    }

    /** Positions that the model was made for, and the base of their rotation. */
    record Rotation(int contextLength, float base) {}

    /** Qwen/Qwen3-0.6B. */
    static final ModelShape QWEN3 = new ModelShape(
            "qwen3-0.6b",
            "qwen3",
            151936,
            28,
            1024,
            new Heads(16, 8, 128),
            3072,
            Experts.NONE,
            new Rotation(40960, 1e6f),
            1e-6f);

    /** meta-llama/Llama-3.2-1B, but for the stretched rotation. */
    static final ModelShape LLAMA = new ModelShape(
            "llama-3.2-1b",
            "llama",
            128256,
            16,
            2048,
            new Heads(32, 8, 64),
            8192,
            Experts.NONE,
            new Rotation(131072, 5e5f),
            1e-5f);

    /** Like Qwen/Qwen3-30B-A3B with fewer and narrower layers: 1.4 billion weights, 0.3 billion of them in a token's way. */
    static final ModelShape QWEN3_MOE = new ModelShape(
            "moe-1.4b",
            "qwen3moe",
            151936,
            8,
            1024,
            new Heads(16, 4, 128),
            768,
            new Experts(64, 8),
            new Rotation(40960, 1e6f),
            1e-6f);

    /** For tests. */
    static final ModelShape TOY = new ModelShape(
            "toy", "qwen3", 2048, 2, 256, new Heads(4, 2, 64), 512, Experts.NONE, new Rotation(1024, 1e6f), 1e-6f);

    /** For tests, with experts. */
    static final ModelShape TOY_MOE = new ModelShape(
            "toy-moe",
            "qwen3moe",
            512,
            2,
            256,
            new Heads(4, 2, 64),
            256,
            new Experts(8, 2),
            new Rotation(1024, 1e6f),
            1e-6f);

    private static final List<ModelShape> ALL = List.of(QWEN3, LLAMA, QWEN3_MOE, TOY, TOY_MOE);

    /** The shape of this title. @throws IllegalArgumentException that lists the titles, if it is none */
    static ModelShape titled(String title) {
        return ALL.stream()
                .filter(shape -> shape.title.equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("shape: expected one of "
                        + ALL.stream().map(ModelShape::title).collect(Collectors.joining(", ")) + ", found " + title));
    }
}
