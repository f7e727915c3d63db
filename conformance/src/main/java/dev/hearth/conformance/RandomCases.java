package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** A case of an operation with everything drawn from a seed. */
final class RandomCases {
    private RandomCases() {}

    static RowCase of(Operation operation, long seed) {
        Draw draw = new Draw(seed * 31 + operation.name().hashCode());
        int tokens = draw.from(1, 40);
        int width = draw.from(1, 300);
        return switch (operation) {
            case EMBED -> embed(tokens, draw);
            case NORM -> {
                var form = draw.oneOf(NormCase.Form.values());
                yield NormCase.random(form, tokens, draw.from(1, 5), draw.from(1, 150), draw);
            }
            case LAYER_NORM -> {
                var form = draw.oneOf(LayerNormCase.Form.values());
                yield LayerNormCase.random(form, tokens, draw.from(1, 5), draw.from(1, 150), draw);
            }
            case SCALE ->
                draw.below(2) == 0
                        ? new ElementCase.Scale(draw.rows(tokens, width, 5), draw.between(-3, 3))
                        : new ElementCase.ScaleColumns(draw.rows(tokens, width, 5), draw.normals(width, 1));
            case MAP -> new RowFunctionCase(RowFunctionCases.any(draw), draw.rows(tokens, width, 2));
            case MIX -> StreamCase.Mix.random(tokens, draw.from(1, 6), draw.from(1, 6), draw.from(1, 60), draw);
            case RESIZE ->
                new StreamCase.Resize(
                        draw.rows(tokens, width, draw.below(3) == 0 ? 1e-4 : 2), draw.rows(tokens, width, 1), 1e-5f);
            case MAXIMA -> new MaximaCase(draw.rows(tokens, width, 2), draw.from(1, 200));
            case ACTIVATE -> {
                var activation = draw.oneOf(Activation.values());
                yield new ElementCase.Activate(activation, draw.rows(tokens, width, 5));
            }
            case ADD -> new PlainCase.Add(draw.rows(tokens, width, 1), draw.rows(tokens, width, 2));
            case MULTIPLY -> new PlainCase.Multiply(draw.rows(tokens, width, 1), draw.rows(tokens, width, 2));
            case QUANTIZE -> {
                if (draw.below(4) == 0) {
                    yield new BfloatCase.Round("", draw.rows(tokens, width, Math.exp(20 * draw.normal())));
                }
                DType type = draw.below(2) == 0 ? DType.A8_32 : DType.A8_256;
                double scale = Math.exp(20 * draw.normal());
                yield new QuantizeCase(type, "", draw.rows(tokens, type.blockSize() * draw.from(1, 6), scale));
            }
            case LINEAR -> linear(tokens, draw);
            case ROTATE -> {
                int dim = draw.from(2, 100);
                var pairing = draw.oneOf(RopeSpec.Pairing.values());
                yield RotateCase.random(pairing, tokens, draw.from(1, 5), dim, draw.from(1, dim / 2), draw);
            }
            case STORE -> store(draw);
            case ATTEND -> attend(draw);
            case CONVOLVE, SCAN, DELTA, WKV -> recurrent(operation, draw);
            case GATE -> {
                if (draw.below(4) == 0) {
                    var clamped = new Gating.Clamped(draw.between(0.5, 2), draw.between(1, 9));
                    yield new ClampedGateCase(clamped, draw.rows(tokens, width, 5), draw.rows(tokens, width, 5));
                }
                var activation = draw.oneOf(Activation.values());
                yield GateCase.apart(activation, draw.rows(tokens, width, 5), draw.rows(tokens, width, 1));
            }
            case ROUTE -> {
                int all = draw.from(1, 200);
                RouteCase route = RouteCase.random(tokens, all, RouteCase.anySpec(all, draw), draw);
                yield draw.below(2) == 0 ? route : route.withBias(draw);
            }
            case EXPERTS -> experts(draw);
            case SOFTCAP -> new PlainCase.Softcap(draw.rows(tokens, width, 50), draw.between(1, 60));
            case GATHER -> {
                int[] indices = new int[draw.from(1, 40)];
                Arrays.setAll(indices, i -> draw.below(tokens));
                yield new PlainCase.Gather(draw.rows(tokens, width, 1), indices);
            }
        };
    }

    private static DType type(Draw draw) {
        return WeightCases.TYPES.get(draw.below(WeightCases.TYPES.size()));
    }

    private static int columns(DType type, Draw draw) {
        return type.isQuantised() ? type.blockSize() * draw.from(1, 1024 / type.blockSize()) : draw.from(1, 500);
    }

    private static RowCase embed(int tokens, Draw draw) {
        DType type = type(draw);
        return EmbedCase.random(Matrix.random(type, draw.from(1, 50), columns(type, draw), draw), tokens, draw);
    }

    private static RowCase linear(int tokens, Draw draw) {
        DType type = type(draw);
        int columns = columns(type, draw);
        int rows = draw.from(1, 70);
        if (type == DType.BF16 && draw.below(2) == 0) {
            return BfloatCase.Linear.random(tokens, columns, rows, draw);
        }
        return type.isQuantised() && draw.below(2) == 0
                ? RoundedLinearCase.random(type, tokens, columns, rows, draw)
                : LinearCase.random(type, tokens, columns, rows, draw);
    }

    private static RowCase experts(Draw draw) {
        boolean plain = draw.below(2) == 0;
        int unit = plain ? 1 : 32;
        int all = draw.from(1, 10);
        int used = draw.from(1, all);
        var sizes = new ExpertsCase.Sizes(
                draw.from(1, 20),
                unit * draw.from(1, plain ? 60 : 3),
                unit * draw.from(1, plain ? 60 : 3),
                all,
                used,
                draw.from(1, Math.min(used, 4)));
        DType type = plain ? WeightCases.TYPES.get(draw.below(3)) : WeightCases.TYPES.get(3 + draw.below(2));
        var precision = draw.oneOf(Precision.values());
        var activation = draw.oneOf(Activation.values());
        return new ExpertsCase(sizes, new ExpertsCase.Types(type, type, type), activation, precision, draw);
    }

    private static KvLayout layout(Draw draw) {
        CacheType type = draw.oneOf(CacheType.values());
        var even = new KvLayout(draw.from(1, 3), draw.from(1, 4), draw.from(1, 70), draw.from(1, 40), type);
        return draw.below(2) == 0 ? even : CacheCases.uneven(even, draw.below(6), draw);
    }

    private static Places places(Draw draw) {
        int[] order = draw.permutation(draw.from(1, 4));
        Places.Run[] runs = new Places.Run[order.length];
        for (int i = 0; i < runs.length; i++) {
            int first = draw.below(4) == 0 ? draw.from(250, 515) : draw.below(60);
            runs[i] = new Places.Run(order[i], first, draw.from(1, 8));
        }
        return Places.of(runs);
    }

    private static RowCase store(Draw draw) {
        KvLayout layout = layout(draw);
        Places places = places(draw);
        return StoreCase.random(layout, draw.below(layout.layerCount()), places, draw);
    }

    private static RowCase attend(Draw draw) {
        KvLayout layout = layout(draw);
        int window = draw.below(2) == 0 ? AttentionSpec.NO_WINDOW : draw.from(1, 400);
        float softcap = draw.below(3) == 0 ? draw.between(1, 50) : 0;
        var spec = new AttentionSpec(layout.headCount() * draw.from(1, 5), draw.between(0.05, 0.5), softcap, window);
        var chunked = draw.below(3) == 0 ? spec.withChunk(draw.from(1, 400)) : spec;
        Places places = places(draw);
        if (draw.below(3) == 0) {
            chunked = draw.below(2) == 0 ? chunked.bothWays() : chunked.withAhead(draw.below(300));
            places = places.seeingBeyond(draw.below(40));
        }
        places = draw.below(3) == 0 ? places.sharing(draw.below(600)) : places;
        AttendCase c = AttendCase.random(layout, chunked, places, List.of(1, 5), draw);
        AttendCase leaning = draw.below(3) == 0 ? c.withSlopes(draw) : c;
        return draw.below(3) == 0 ? leaning.withSinks(draw) : leaning;
    }

    private static RowCase recurrent(Operation operation, Draw draw) {
        Places places = places(draw);
        int rows = places.count();
        int groups = draw.from(1, 3);
        int heads = groups * draw.from(1, 4);
        Recurrence recurrence = switch (operation) {
            case CONVOLVE -> ConvolveCase.random(rows, draw.from(1, 90), draw.from(1, 8), draw);
            case SCAN -> {
                var sizes = new ScanCase.Sizes(heads, draw.from(1, 20), draw.from(1, 70), groups);
                yield ScanCase.random(rows, sizes, draw);
            }
            case WKV -> WkvCase.random(rows, draw.from(1, 90), draw);
            default -> {
                var sizes = new DeltaCase.Sizes(groups, heads, draw.from(1, 40), draw.from(1, 70));
                yield DeltaCase.random(rows, draw.below(2) == 0 ? sizes : sizes.inTurns(), draw);
            }
        };
        return RecurrentCase.random(recurrence, places, List.of(1, 5), draw);
    }
}
