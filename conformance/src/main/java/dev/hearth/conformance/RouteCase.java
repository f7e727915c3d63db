package dev.hearth.conformance;

import dev.hearth.spi.RoutingSpec;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The choice of experts; a row's results are the ids, then their weights. */
final class RouteCase implements RowCase {
    private final String name;
    private final float[][] logits;
    private final RoutingSpec spec;

    RouteCase(String name, float[][] logits, RoutingSpec spec) {
        this.name = name;
        this.logits = logits;
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
        return new RouteCase("", logits, spec);
    }

    @Override
    public Operation operation() {
        return Operation.ROUTE;
    }

    @Override
    public String name() {
        return name + spec.expertCount() + " of [" + logits.length + ", " + logits[0].length + "]"
                + (spec.normalised() ? " normalised" : "");
    }

    @Override
    public int rows() {
        return logits.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        Tensor experts = bench.output(DType.I32, to - from, spec.expertCount());
        Tensor weights = bench.output(to - from, spec.expertCount());
        bench.ops().route(experts, weights, bench.input(Slices.of(logits, from, to), logits[0].length), spec);
        return Slices.join(Slices.floats(bench.ints(experts)), bench.floats(weights));
    }

    @Override
    public Expected expected(int row) {
        float[] x = logits[row];
        int count = spec.expertCount();
        Expected e = Expected.of(2 * count);
        double max = IntStream.range(0, x.length).mapToDouble(i -> x[i]).max().orElseThrow();
        double all = IntStream.range(0, x.length)
                .mapToDouble(i -> Math.exp(x[i] - max))
                .sum();
        if (Double.isNaN(all) || IntStream.range(0, x.length).anyMatch(i -> x[i] - max < -80)) {
            return Expected.nothing(2 * count); // no order among NaN, nor among those that underflow
        }
        List<Integer> order = IntStream.range(0, x.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -x[i])) // stable: ties to the lower index
                .limit(count)
                .toList();
        double sum = spec.normalised()
                ? order.stream().mapToDouble(i -> Math.exp(x[i] - max)).sum()
                : all;
        for (int j = 0; j < count; j++) {
            e.set(j, order.get(j), 0);
            double weight = Math.exp(x[order.get(j)] - max) / sum;
            double relative = (2 * x.length + 30 + 2 * Math.abs(x[order.get(j)] - max)) * Expected.U;
            e.set(count + j, weight, weight * relative);
        }
        return e;
    }
}
