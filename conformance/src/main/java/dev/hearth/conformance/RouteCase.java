package dev.hearth.conformance;

import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RoutingSpec.Groups;
import dev.hearth.spi.RoutingSpec.Rank;
import dev.hearth.spi.RoutingSpec.Scoring;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The choice of experts; a row's results are the ids, then their weights. */
final class RouteCase implements RowCase {
    private static final double CERTAIN = 1e-5; // scores nearer to each other than this may come out in either order

    private final String name;
    private final float[][] logits;
    private final float @Nullable [] bias;
    private final RoutingSpec spec;

    RouteCase(String name, float[][] logits, float @Nullable [] bias, RoutingSpec spec) {
        this.name = name;
        this.logits = logits;
        this.bias = bias;
        this.spec = spec;
    }

    /** Logits on a coarse grid: equal or far apart, so that the order is certain, and often equal. */
    static RouteCase random(int rows, int experts, RoutingSpec spec, Draw draw) {
        float[][] logits = new float[rows][experts];
        int steps = Math.max(2, experts / 2);
        for (float[] row : logits) {
            for (int i = 0; i < experts; i++) {
                row[i] = (draw.below(steps) - steps / 2f) * 8 / steps + 1 / 3f;
            }
        }
        return new RouteCase("", logits, null, spec);
    }

    /** The same with a bias, equal for many. */
    RouteCase withBias(Draw draw) {
        float[] biases = new float[logits[0].length];
        for (int i = 0; i < biases.length; i++) {
            biases[i] = draw.oneOf(new Float[] {-0.2871f, -0.1303f, 0f, 0.1117f});
        }
        return new RouteCase(name, logits, biases, spec);
    }

    /** Any way to choose among so many. */
    static RoutingSpec anySpec(int experts, Draw draw) {
        int count = draw.oneOf(IntStream.rangeClosed(1, Math.min(experts, 8))
                .filter(n -> experts % n == 0)
                .boxed()
                .toArray(Integer[]::new));
        int size = experts / count;
        int used = draw.from(1, count);
        var rank = size > 1 ? draw.oneOf(Rank.values()) : Rank.BEST;
        return new RoutingSpec(
                draw.from(1, Math.min(size * used, 12)),
                draw.oneOf(Scoring.values()),
                new Groups(count, used, rank),
                draw.below(2) == 0,
                draw.oneOf(new Float[] {0f, 1e-20f, 0.01f}),
                draw.oneOf(new Float[] {1f, 2.5f}));
    }

    @Override
    public Operation operation() {
        return Operation.ROUTE;
    }

    @Override
    public String name() {
        return name + "[" + logits.length + ", " + logits[0].length + "], " + spec + (bias == null ? "" : " with bias");
    }

    @Override
    public int rows() {
        return logits.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        Tensor experts = bench.output(DType.I32, to - from, spec.expertCount());
        Tensor weights = bench.output(to - from, spec.expertCount());
        Tensor x = bench.input(Slices.of(logits, from, to), logits[0].length);
        bench.ops().route(experts, weights, x, bias == null ? null : bench.vector(bias), spec);
        return Slices.join(Slices.floats(bench.ints(experts)), bench.floats(weights));
    }

    @Override
    public Expected expected(int row) {
        int count = spec.expertCount();
        double[] x = IntStream.range(0, logits[row].length)
                .mapToDouble(i -> logits[row][i])
                .toArray();
        double[] scores = switch (spec.scoring()) {
            case SOFTMAX -> softmax(x);
            case SIGMOID -> sigmoid(x);
            case LOGIT_THEN_SOFTMAX, LOGIT_THEN_SIGMOID -> x.clone();
        };
        double[] choice = scores.clone();
        for (int i = 0; bias != null && i < x.length; i++) {
            choice[i] += bias[i];
        }
        int @Nullable [] order = order(choice);
        if (order == null || Arrays.stream(x).anyMatch(Double::isInfinite)) {
            return Expected.nothing(2 * count);
        }
        double[] weights = weights(scores, order);
        double spread = Arrays.stream(x).map(Math::abs).max().orElseThrow();
        Expected e = Expected.of(2 * count);
        for (int j = 0; j < count; j++) {
            e.set(j, order[j], 0);
            double relative = (2 * x.length + 60 + 4 * spread) * Expected.U;
            e.set(count + j, weights[j], Math.abs(weights[j]) * relative);
        }
        return e;
    }

    /** The experts chosen, null where F32 may order them otherwise. */
    private int @Nullable [] order(double[] choice) {
        int size = choice.length / spec.groups().count();
        double[] ranks = IntStream.range(0, spec.groups().count())
                .mapToDouble(g -> {
                    double[] sorted = Arrays.stream(choice, g * size, (g + 1) * size)
                            .sorted()
                            .toArray();
                    return sorted[size - 1] + (spec.groups().rank() == Rank.BEST_TWO ? sorted[size - 2] : 0);
                })
                .toArray();
        // sums of biased scores that are equal in double precision may differ in F32
        boolean exact = bias == null || spec.groups().rank() == Rank.BEST;
        if (!certain(choice)
                || !certain(ranks)
                || !exact && Arrays.stream(ranks).distinct().count() < ranks.length) {
            return null;
        }
        int[] groups = greatest(ranks, spec.groups().used());
        double[] open = choice.clone();
        for (int e = 0; e < open.length; e++) {
            int group = e / size;
            open[e] = Arrays.stream(groups).anyMatch(g -> g == group) ? open[e] : Double.NEGATIVE_INFINITY;
        }
        return greatest(open, spec.expertCount());
    }

    private boolean certain(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        for (int i = 0; i < sorted.length; i++) {
            if (!Double.isFinite(sorted[i])) {
                return false;
            }
            double gap = i == 0 ? 0 : sorted[i] - sorted[i - 1];
            double size = i == 0 ? 0 : Math.max(Math.abs(sorted[i]), Math.abs(sorted[i - 1]));
            // what nearly vanishes in F32 is equal there
            if (gap > 0 && (gap < CERTAIN * (bias == null ? size : size + 1) || gap < 1e-30)) {
                return false;
            }
        }
        return true;
    }

    private static int[] greatest(double[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Double.compare(values[b], values[a])) // stable: ties to the lower index
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private double[] weights(double[] scores, int[] order) {
        double[] chosen = Arrays.stream(order).mapToDouble(i -> scores[i]).toArray();
        double[] weights = switch (spec.scoring()) {
            case SOFTMAX, SIGMOID -> chosen;
            case LOGIT_THEN_SOFTMAX -> softmax(chosen);
            case LOGIT_THEN_SIGMOID -> sigmoid(chosen);
        };
        double sum = spec.normalised() ? Arrays.stream(weights).sum() + spec.epsilon() : 1;
        return Arrays.stream(weights).map(w -> w / sum * spec.scale()).toArray();
    }

    private static double[] softmax(double[] x) {
        double max = Arrays.stream(x).max().orElseThrow();
        double sum = Arrays.stream(x).map(v -> Math.exp(v - max)).sum();
        return Arrays.stream(x).map(v -> Math.exp(v - max) / sum).toArray();
    }

    private static double[] sigmoid(double[] x) {
        return Arrays.stream(x).map(v -> 1 / (1 + Math.exp(-v))).toArray();
    }
}
