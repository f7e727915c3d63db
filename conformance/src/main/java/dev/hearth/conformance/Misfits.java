package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.Batch;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Gating;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.UnsupportedOnDeviceException;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls that must be refused with an IllegalArgumentException that names the operation, before anything is read or written. */
final class Misfits {
    /** A weight that no device has loaded. */
    private record Foreign(DType type, Shape shape) implements Weight {}

    private final Session session;
    private final Operation operation;
    private final List<Check> checks = new ArrayList<>();

    Misfits(Session session, Operation operation) {
        this.session = session;
        this.operation = operation;
    }

    static List<Check> of(Session session, Operation operation) {
        Misfits m = new Misfits(session, operation);
        switch (operation) {
            case EMBED -> m.embed();
            case NORM -> m.norm();
            case LAYER_NORM -> new LayerNormMisfits(m).layerNorm();
            case SCALE -> new LayerNormMisfits(m).scale();
            case MAP -> m.map();
            case MIX -> m.mix();
            case RESIZE -> m.resize();
            case MAXIMA -> m.maxima();
            case ACTIVATE -> new LayerNormMisfits(m).activate();
            case ADD -> m.add();
            case MULTIPLY -> m.multiply();
            case QUANTIZE -> m.quantize();
            case LINEAR -> m.linear();
            case ROTATE -> m.rotate();
            case STORE -> new CacheMisfits(m).store();
            case ATTEND -> new CacheMisfits(m).attend();
            case CONVOLVE -> new RecurrentMisfits(m).convolve();
            case SCAN -> new RecurrentMisfits(m).scan();
            case DELTA -> new RecurrentMisfits(m).delta();
            case WKV -> new RecurrentMisfits(m).wkv();
            case GATE -> m.gate();
            case ROUTE -> m.route();
            case EXPERTS -> new ExpertMisfits(m).add();
            case SOFTCAP -> m.softcap();
            case GATHER -> m.gather();
        }
        return m.checks;
    }

    /** Adds a call that must be refused. */
    void refuse(String what, Consumer<Bench> call) {
        refuse(what, operation.methodName(), call);
    }

    /** Adds a call that must be refused, at the latest by the operation, with a message that has this word. */
    void refuse(String what, String word, Consumer<Bench> call) {
        checks.add(new Check(operation, "refuses " + what, () -> {
            try (Bench bench = session.bench(Bench.Layout.DENSE)) {
                expectRefusal(what, word, call, bench);
            }
        }));
    }

    private void expectRefusal(String what, String word, Consumer<Bench> call, Bench bench) {
        String place = operation.methodName() + ": " + what;
        try {
            call.accept(bench);
            bench.ops().fence().await();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            if (!message.toLowerCase(Locale.ROOT).contains(word)) {
                throw new AssertionError(place + ": the message doesn't name " + word + ": " + message, e);
            }
            bench.assertUntouched();
            return;
        } catch (UnsupportedOnDeviceException e) {
            if (!session.lacks(operation)) {
                throw new AssertionError(place + ": expected an IllegalArgumentException, found " + e, e);
            }
            bench.assertUntouched();
            return;
        } catch (RuntimeException e) {
            throw new AssertionError(place + ": expected an IllegalArgumentException, found " + e, e);
        }
        throw new AssertionError(place + ": was not refused");
    }

    static Weight foreign(long... sizes) {
        return new Foreign(DType.F32, Shape.of(sizes));
    }

    private void map() {
        refuse("F16 rows", b -> b.ops().map(b.output(2, 8), half(b, 2, 8), new RowFunction.Clamp(1)));
        refuse("a bound of 0", b -> b.ops().map(b.output(2, 8), ones(b, 2, 8), new RowFunction.Clamp(0)));
        refuse("a least of 0", b -> b.ops().map(b.output(2, 8), ones(b, 2, 8), new RowFunction.Int8(0)));
        refuse(
                "an exponent bound above 0",
                b -> b.ops().map(b.output(2, 8), ones(b, 2, 8), new RowFunction.Xielu(1, 1, 1, 1)));
    }

    private void mix() {
        refuse("no streams", b -> b.ops().mix(b.output(2, 8), ones(b, 2, 8), ones(b, 2, 4), 0));
        refuse("a part of a stream", b -> b.ops().mix(b.output(2, 8), ones(b, 2, 9), ones(b, 2, 4), 2));
        refuse("results of a part", b -> b.ops().mix(b.output(2, 9), ones(b, 2, 8), ones(b, 2, 4), 2));
        refuse("too few weights", b -> b.ops().mix(b.output(2, 8), ones(b, 2, 8), ones(b, 2, 3), 2));
        refuse("weights of other rows", b -> b.ops().mix(b.output(2, 8), ones(b, 2, 8), ones(b, 3, 4), 2));
    }

    private void resize() {
        refuse("another width", b -> b.ops().resize(ones(b, 2, 8), ones(b, 2, 7), 1));
        refuse("a least of 0", b -> b.ops().resize(ones(b, 2, 8), ones(b, 2, 8), 0));
    }

    private void maxima() {
        refuse("a size of 0", b -> b.ops().maxima(b.output(2, 2), ones(b, 2, 8), 0));
        refuse("too many results", b -> b.ops().maxima(b.output(2, 3), ones(b, 2, 8), 4));
        refuse("too few results", b -> b.ops().maxima(b.output(2, 2), ones(b, 2, 9), 4));
        refuse("other rows", b -> b.ops().maxima(b.output(3, 2), ones(b, 2, 8), 4));
        refuse("F16 rows", b -> b.ops().maxima(b.output(2, 2), half(b, 2, 8), 4));
    }

    /** F32 [rows, width] of ones. */
    static Tensor ones(Bench bench, int rows, int width) {
        return bench.input(ones(rows, width), width);
    }

    static float[][] ones(int rows, int width) {
        float[][] x = new float[rows][width];
        for (float[] row : x) {
            java.util.Arrays.fill(row, 1);
        }
        return x;
    }

    static Weight weight(Bench bench, int rows, int columns) {
        return bench.weight(Matrix.floats(ones(rows, columns)));
    }

    /** A tensor of the right shape and another type. */
    static Tensor half(Bench bench, int rows, int width) {
        return bench.output(DType.F16, rows, width);
    }

    private void embed() {
        refuse("an id of -1", b -> b.ops().embed(b.output(2, 8), weight(b, 3, 8), b.column(0, -1), 1));
        refuse("an id beyond the table", b -> b.ops().embed(b.output(2, 8), weight(b, 3, 8), b.column(0, 3), 1));
        refuse("the greatest id", b -> b.ops().embed(b.output(1, 8), weight(b, 3, 8), b.column(Integer.MAX_VALUE), 1));
        refuse("a wider result", b -> b.ops().embed(b.output(2, 9), weight(b, 3, 8), b.column(0, 1), 1));
        refuse("fewer results than ids", b -> b.ops().embed(b.output(1, 8), weight(b, 3, 8), b.column(0, 1), 1));
        refuse("an F16 result", b -> b.ops().embed(half(b, 2, 8), weight(b, 3, 8), b.column(0, 1), 1));
        refuse("ids as F32", b -> b.ops().embed(b.output(1, 8), weight(b, 3, 8), b.input(new float[1][1], 1), 1));
        refuse("ids of no columns", b -> b.ops().embed(b.output(1, 8), weight(b, 3, 8), b.input(new int[1][0], 0), 1));
        refuse("a foreign table", b -> b.ops().embed(b.output(1, 8), foreign(3, 8), b.column(0), 1));
    }

    private void norm() {
        NormSpec eight = new NormSpec(8, 1e-6f);
        refuse(
                "a weight that is too short",
                b -> b.ops().norm(b.output(2, 8), ones(b, 2, 8), b.vector(new float[7]), eight));
        refuse(
                "groups that don't fill a row",
                b -> b.ops().norm(b.output(2, 12), ones(b, 2, 12), b.vector(new float[8]), eight));
        refuse("groups of none", b -> b.ops().norm(b.output(2, 8), ones(b, 2, 8), b.vector(), new NormSpec(0, 1e-6f)));
        refuse(
                "results of another shape",
                b -> b.ops().norm(b.output(3, 8), ones(b, 2, 8), b.vector(new float[8]), eight));
        refuse(
                "a delta of another shape",
                b -> b.ops()
                        .addNorm(
                                b.output(2, 8),
                                b.inOut(new float[2][8], 8),
                                ones(b, 2, 16),
                                b.vector(new float[8]),
                                eight));
        refuse("an F16 result", b -> b.ops().norm(half(b, 2, 8), ones(b, 2, 8), b.vector(new float[8]), eight));
        refuse(
                "an F16 weight",
                b -> b.ops()
                        .norm(
                                b.output(2, 8),
                                ones(b, 2, 8),
                                b.weight(Matrix.random(DType.F16, 1, 8, new Draw(1))),
                                eight));
        refuse("a foreign weight", b -> b.ops().norm(b.output(2, 8), ones(b, 2, 8), foreign(8), eight));
    }

    private void add() {
        refuse("another width", b -> b.ops().add(b.inOut(new float[2][8], 8), ones(b, 2, 7)));
        refuse("another number of rows", b -> b.ops().add(b.inOut(new float[2][8], 8), ones(b, 1, 8)));
        refuse("an F16 addend", b -> b.ops().add(b.inOut(new float[2][8], 8), half(b, 2, 8)));
    }

    private void multiply() {
        refuse("another width", b -> b.ops().multiply(b.inOut(new float[2][8], 8), ones(b, 2, 7)));
        refuse("another number of rows", b -> b.ops().multiply(b.inOut(new float[2][8], 8), ones(b, 1, 8)));
        refuse("an F16 factor", b -> b.ops().multiply(b.inOut(new float[2][8], 8), half(b, 2, 8)));
    }

    private void quantize() {
        refuse("another width", b -> b.ops().quantize(b.output(DType.A8_32, 2, 64), ones(b, 2, 32)));
        refuse("another number of rows", b -> b.ops().quantize(b.output(DType.A8_32, 2, 32), ones(b, 3, 32)));
        refuse("an F32 result", b -> b.ops().quantize(b.output(2, 32), ones(b, 2, 32)));
        refuse("a weight's type", b -> b.ops().quantize(b.output(DType.Q8_0, 2, 32), ones(b, 2, 32)));
        refuse("F16 input", b -> b.ops().quantize(b.output(DType.A8_32, 2, 32), half(b, 2, 32)));
    }

    private void linear() {
        refuse(
                "a weight of other columns",
                b -> b.ops().linear(b.output(2, 3), ones(b, 2, 8), weight(b, 3, 9), Epilogue.NONE));
        refuse(
                "a result of other rows",
                b -> b.ops().linear(b.output(2, 4), ones(b, 2, 8), weight(b, 3, 8), Epilogue.NONE));
        refuse(
                "more results than inputs",
                b -> b.ops().linear(b.output(3, 3), ones(b, 2, 8), weight(b, 3, 8), Epilogue.NONE));
        refuse("an F16 result", b -> b.ops().linear(half(b, 2, 3), ones(b, 2, 8), weight(b, 3, 8), Epilogue.NONE));
        refuse("F16 input", b -> b.ops().linear(b.output(2, 3), half(b, 2, 8), weight(b, 3, 8), Epilogue.NONE));
        refuse(
                "int8 input for an F32 weight",
                b -> b.ops().linear(b.output(2, 3), rounded(b, DType.A8_32, 32), weight(b, 3, 32), Epilogue.NONE));
        refuse(
                "int8 input of the wrong blocks",
                b -> b.ops()
                        .linear(
                                b.output(2, 3),
                                rounded(b, DType.A8_256, 256),
                                quantised(b, DType.Q8_0, 256),
                                Epilogue.NONE));
        refuse(
                "int8 input of the wrong blocks for Q4_K",
                b -> b.ops()
                        .linear(
                                b.output(2, 3),
                                rounded(b, DType.A8_32, 256),
                                quantised(b, DType.Q4_K, 256),
                                Epilogue.NONE));
        refuse(
                "a bias that is too short",
                b -> b.ops().linear(b.output(2, 3), ones(b, 2, 8), weight(b, 3, 8), new Epilogue(b.vector(1, 2))));
        refuse(
                "an F16 bias",
                b -> b.ops()
                        .linear(
                                b.output(2, 3),
                                ones(b, 2, 8),
                                weight(b, 3, 8),
                                new Epilogue(b.weight(Matrix.random(DType.F16, 1, 3, new Draw(1))))));
        refuse("a foreign weight", b -> b.ops().linear(b.output(2, 3), ones(b, 2, 8), foreign(3, 8), Epilogue.NONE));
        refuse(
                "I32 as a weight",
                b -> b.weight(new Matrix(DType.I32, 1, 1, new byte[4], new double[0][], new double[0][])));
        refuse("int8 activations as a weight", b -> {
            byte[] row = Rounded.of(DType.A8_32, new float[32]).bytes();
            b.weight(new Matrix(DType.A8_32, 1, 32, row, new double[0][], new double[0][]));
        });
        refuse(
                "a foreign bias",
                b -> b.ops().linear(b.output(2, 3), ones(b, 2, 8), weight(b, 3, 8), new Epilogue(foreign(3))));
    }

    private static Tensor rounded(Bench bench, DType type, int width) {
        byte[] row = Rounded.of(type, new float[width]).bytes();
        return bench.input(type, new byte[][] {row, row}, width);
    }

    private static Weight quantised(Bench bench, DType type, int columns) {
        return bench.weight(Matrix.random(type, 3, columns, new Draw(1)));
    }

    private void rotate() {
        RopeSpec spec = new RopeSpec(8, new float[] {1, 0.1f}, 1, RopeSpec.Pairing.HALVES);
        refuse("a width of half a head", b -> b.ops().rotate(b.inOut(new float[1][12], 12), b.column(0), spec));
        refuse("too few positions", b -> b.ops().rotate(b.inOut(new float[2][8], 8), b.column(0), spec));
        refuse("a position of -1", b -> b.ops().rotate(b.inOut(new float[1][8], 8), b.column(-1), spec));
        refuse(
                "a position that F32 cannot hold",
                b -> b.ops().rotate(b.inOut(new float[1][8], 8), b.column(Integer.MAX_VALUE), spec));
        refuse("F16 rows", b -> b.ops().rotate(half(b, 1, 8), b.column(0), spec));
        refuse("positions as F32", b -> b.ops().rotate(b.inOut(new float[1][8], 8), b.input(new float[1][1], 1), spec));
    }

    private void gate() {
        for (Activation activation : Activation.values()) {
            refuse(
                    "another width of up, " + activation,
                    b -> b.ops().gate(b.output(2, 8), ones(b, 2, 8), ones(b, 2, 9), activation));
            refuse(
                    "another width of gate, " + activation,
                    b -> b.ops().gate(b.output(2, 8), ones(b, 2, 7), ones(b, 2, 8), activation));
            refuse(
                    "F16 gates, " + activation,
                    b -> b.ops().gate(b.output(2, 8), half(b, 2, 8), ones(b, 2, 8), activation));
        }
        var clamped = new Gating.Clamped(1, 7);
        refuse(
                "another width of up, clamped",
                b -> b.ops().clampedGate(b.output(2, 8), ones(b, 2, 8), ones(b, 2, 9), clamped));
        refuse("F16 gates, clamped", b -> b.ops().clampedGate(b.output(2, 8), half(b, 2, 8), ones(b, 2, 8), clamped));
        refuse("a limit of 0", b -> new Gating.Clamped(1, 0));
    }

    private void route() {
        RoutingSpec two = new RoutingSpec(2, true);
        RoutingSpec three = two.withGroups(new RoutingSpec.Groups(3, 1, RoutingSpec.Rank.BEST));
        RoutingSpec four = two.withGroups(new RoutingSpec.Groups(4, 1, RoutingSpec.Rank.BEST));
        RoutingSpec pairs =
                new RoutingSpec(1, true).withGroups(new RoutingSpec.Groups(4, 1, RoutingSpec.Rank.BEST_TWO));
        refuse("more experts than there are", b -> route(b, 5, ones(b, 2, 4), null, new RoutingSpec(5, true)));
        refuse("room for another count", b -> route(b, 3, ones(b, 2, 4), null, two));
        refuse(
                "weights of another shape",
                b -> b.ops().route(b.output(DType.I32, 2, 2), b.output(2, 3), ones(b, 2, 4), null, two));
        refuse("another number of rows", b -> route(b, 2, ones(b, 3, 4), null, two));
        refuse("indices as F32", b -> b.ops().route(b.output(2, 2), b.output(2, 2), ones(b, 2, 4), null, two));
        refuse("F16 weights", b -> b.ops().route(b.output(DType.I32, 2, 2), half(b, 2, 2), ones(b, 2, 4), null, two));
        refuse("F16 logits", b -> route(b, 2, half(b, 2, 4), null, two));
        refuse("groups of unequal size", b -> route(b, 2, ones(b, 2, 4), null, three));
        refuse("more experts than the groups have", b -> route(b, 2, ones(b, 2, 4), null, four));
        refuse("groups ranked by more than they have", b -> route(b, 1, ones(b, 2, 4), null, pairs));
        refuse("a bias for fewer experts", b -> route(b, 2, ones(b, 2, 4), b.vector(1, 2, 3), two));
        refuse("a foreign bias", b -> route(b, 2, ones(b, 2, 4), foreign(1, 4), two));
    }

    private static void route(Bench b, int count, Tensor logits, @Nullable Weight bias, RoutingSpec spec) {
        b.ops().route(b.output(DType.I32, 2, count), b.output(2, count), logits, bias, spec);
    }

    private void softcap() {
        refuse("a cap of 0", b -> b.ops().softcap(b.inOut(new float[2][8], 8), 0));
        refuse("a negative cap", b -> b.ops().softcap(b.inOut(new float[2][8], 8), -30));
        refuse("NaN", b -> b.ops().softcap(b.inOut(new float[2][8], 8), Float.NaN));
        refuse("F16 rows", b -> b.ops().softcap(half(b, 2, 8), 30));
    }

    private void gather() {
        refuse("a row of -1", b -> b.ops().gather(b.output(2, 8), ones(b, 3, 8), b.column(0, -1)));
        refuse("a row beyond the last", b -> b.ops().gather(b.output(2, 8), ones(b, 3, 8), b.column(0, 3)));
        refuse("another width", b -> b.ops().gather(b.output(2, 9), ones(b, 3, 8), b.column(0, 1)));
        refuse("another type", b -> b.ops().gather(half(b, 2, 8), ones(b, 3, 8), b.column(0, 1)));
        refuse("fewer results than rows", b -> b.ops().gather(b.output(1, 8), ones(b, 3, 8), b.column(0, 1)));
        refuse(
                "neighbours of another width",
                "shift",
                b -> b.ops().shift(b.output(1, 8), ones(b, 1, 7), 1, new Batch(b.column(0), b.column(0))));
        refuse(
                "neighbours of more rows than tokens",
                "shift",
                b -> b.ops().shift(b.output(2, 8), ones(b, 2, 8), 1, new Batch(b.column(0), b.column(0))));
        refuse("rows as F32", b -> b.ops().gather(b.output(1, 8), ones(b, 3, 8), b.input(new float[1][1], 1)));
    }
}
