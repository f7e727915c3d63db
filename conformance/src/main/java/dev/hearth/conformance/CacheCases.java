package dev.hearth.conformance;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import java.util.ArrayList;
import java.util.List;

/** Cases of the operations on pages of keys and values. */
final class CacheCases {
    private static final int[] HEAD_DIMS = {8, 16, 24, 64, 80, 128};
    private static final int[] KEY_HEADS = {1, 2, 4, 8};
    private static final int[] GROUPS = {1, 2, 4, 7};
    private static final int[] PAGE_SIZES = {1, 16, 32};
    private static final int[] WINDOWS = {1, 5, 256, 300, AttentionSpec.NO_WINDOW};
    private static final CacheType[] TYPES = {CacheType.F16, CacheType.F32, CacheType.INT8, CacheType.BF16};
    private static final List<Relative.Kind> KINDS = List.of(Relative.Kind.values());
    private static final List<Integer> FEW_CHUNKS = List.of(1, 9);

    /** Short ones, all at once. */
    private static final Places SHORT = Places.of(
            new Places.Run(2, 0, 17), new Places.Run(0, 5, 1), new Places.Run(1, 30, 9), new Places.Run(3, 15, 6));

    /** At and over the ends of segments; a single late row stands before an early one. */
    private static final Places LONG = Places.of(
            new Places.Run(1, 254, 4), new Places.Run(0, 509, 5), new Places.Run(3, 600, 1), new Places.Run(2, 0, 2));

    private CacheCases() {}

    static List<RowCase> of(Operation operation) {
        List<RowCase> cases = new ArrayList<>();
        if (operation == Operation.STORE) {
            store(cases);
        } else {
            attend(cases);
        }
        return cases;
    }

    private static void store(List<RowCase> cases) {
        Draw draw = new Draw(301);
        int next = 0;
        for (CacheType type : CacheType.values()) {
            for (int dim : HEAD_DIMS) {
                for (int layers = 1; layers < 4; layers += 2, next++) {
                    KvLayout layout = new KvLayout(layers, KEY_HEADS[next % 4], dim, PAGE_SIZES[next % 3], type);
                    cases.add(StoreCase.random(layout, draw.below(layers), next % 2 == 0 ? SHORT : LONG, draw));
                    KvLayout uneven = uneven(layout, next, draw);
                    cases.add(StoreCase.random(uneven, draw.below(layers), next % 2 == 0 ? LONG : SHORT, draw));
                }
            }
            float[][] extremes = draw.extremeRows(16);
            Places places = Places.of(new Places.Run(0, 3, extremes.length));
            KvLayout layout = new KvLayout(2, 2, 8, 16, type);
            cases.add(new StoreCase(layout, 1, places, extremes, roundings(type, extremes.length, 16), draw));
        }
    }

    /** The same with values of another size, apart or in the keys. */
    static KvLayout uneven(KvLayout l, int choice, Draw draw) {
        int dim = draw.from(1, l.headDim());
        KvLayout.Values values = choice % 2 == 0
                ? new KvLayout.Values.Apart(dim + choice % 3 * 20)
                : new KvLayout.Values.InKey(draw.from(0, l.headDim() - dim), dim);
        return new KvLayout(l.layerCount(), l.headCount(), l.headDim(), values, l.pageSize(), l.type());
    }

    /** Values about the middle between two that the type has. */
    private static float[][] roundings(CacheType type, int rows, int width) {
        return switch (type) {
            case F32, F16 -> aboutMiddles(rows, width, 1024);
            case BF16 -> aboutMiddles(rows, width, 128);
            case INT8 -> { // with 127 the greatest of each head, codes are the integers
                float[][] x = new float[rows][width];
                for (int i = 0; i < rows * width; i++) {
                    x[i / width][i % width] = i % 8 == 0 ? 127 : i * 37 % 254 - 127 + 0.5f;
                }
                yield x;
            }
        };
    }

    /** Values about the middle between two of so many in a binade, of normal and of denormal binary16, and about the greatest. */
    private static float[][] aboutMiddles(int rows, int width, int count) {
        float[][] x = new float[rows][width];
        for (int i = 0; i < rows * width; i++) {
            double unit = Math.scalb(1.0, -24 + i % 40); // spacing in some binade
            double middle = (count + i * 7 % count + 0.5) * unit;
            double value =
                    i % 3 == 0 ? middle : i % 3 == 1 ? Math.nextUp((float) middle) : Math.nextDown((float) middle);
            x[i / width][i % width] = (float) (i % 5 == 0 ? -value * 0x1p-9 : value);
        }
        x[0][0] = 65519.99f;
        x[0][1] = 65520f;
        return x;
    }

    private static void attend(List<RowCase> cases) {
        Draw draw = new Draw(302);
        for (int i = 0; i < 36; i++) { // each list at its own pace, so that every pair of neighbours in them meets
            int dim = HEAD_DIMS[i % 6];
            int group = GROUPS[(i + i / 6) % 4];
            CacheType type = TYPES[(i + i / 6) % 4];
            KvLayout layout = new KvLayout(1 + i % 3, KEY_HEADS[i / 2 % 4], dim, PAGE_SIZES[(i + i / 3) % 3], type);
            float softcap = i % 7 == 4 ? 20 : 0;
            var spec = new AttentionSpec(
                    layout.headCount() * group, (float) (1 / Math.sqrt(dim)), softcap, WINDOWS[i * 3 % 5]);
            boolean large = (long) spec.headCount() * dim > 512;
            cases.add(AttendCase.random(layout, spec, SHORT, large ? FEW_CHUNKS : RowCase.ALL_CHUNKS, draw));
            if (!large) {
                KvLayout uneven = uneven(layout, i, draw);
                var chunked = i % 3 == 0 ? spec.withChunk(1 + 3 * i) : spec;
                AttendCase c = AttendCase.random(uneven, chunked, SHORT, FEW_CHUNKS, draw);
                AttendCase leaning = i % 3 == 1 ? c.withSlopes(draw) : c;
                cases.add(i % 4 < 2 ? leaning : leaning.withSinks(draw));
            }
        }
        for (int i = 0; i < 15; i++) {
            CacheType type = TYPES[(i + i / 4) % 4];
            KvLayout layout = new KvLayout(1, 1 + i % 2, HEAD_DIMS[i % 4], PAGE_SIZES[i % 3], type);
            var spec = new AttentionSpec(
                    layout.headCount() * GROUPS[(i + i / 4) % 4], 0.3f, i % 4 == 1 ? 5 : 0, WINDOWS[i % 5]);
            AttendCase plain = AttendCase.random(layout, spec, LONG, FEW_CHUNKS, draw);
            cases.add(i % 2 == 0 ? plain : plain.withSlopes(draw));
            var chunked = i % 2 == 0 ? spec.withChunk(100 + 70 * i) : spec;
            cases.add(AttendCase.random(uneven(layout, i, draw), chunked, LONG, FEW_CHUNKS, draw)
                    .withSinks(draw));
        }
        inCommon(cases, draw);
        bothWays(cases, draw);
        distances(cases, draw);
        KvLayout layout = new KvLayout(1, 2, 16, 16, CacheType.F32);
        var sharp = new AttentionSpec(4, 30, 0, AttentionSpec.NO_WINDOW); // one position takes all, some weights vanish
        cases.add(AttendCase.random(layout, sharp, LONG, FEW_CHUNKS, draw));
        cases.add(extremes(new AttentionSpec(4, 0.25f, 0, AttentionSpec.NO_WINDOW), CacheType.F32, draw));
        cases.add(extremes(new AttentionSpec(4, 0.25f, 30, 300), CacheType.F16, draw));
        cases.add(extremes(new AttentionSpec(4, 0.25f, 0, 400), CacheType.BF16, draw));
        cases.add(extremes(new AttentionSpec(4, 0.25f, 30, AttentionSpec.NO_WINDOW), CacheType.INT8, draw));
    }

    /** Sequences that begin in the same pages: one token each, several, in sight or not. */
    private static void inCommon(List<RowCase> cases, Draw draw) {
        for (int i = 0; i < 10; i++) {
            KvLayout layout = new KvLayout(1, 1 + i % 2, HEAD_DIMS[i % 4], PAGE_SIZES[i % 3], TYPES[i % 4]);
            var spec = new AttentionSpec(
                    layout.headCount() * GROUPS[i % 4],
                    0.3f,
                    i % 4 == 1 ? 5 : 0,
                    i < 7 ? AttentionSpec.NO_WINDOW : 600);
            Places.Run[] runs = new Places.Run[3 + i % 6];
            for (int s = 0; s < runs.length; s++) {
                runs[s] = new Places.Run(s, 530 + draw.below(300), s % 4 == 3 ? 3 : 1);
            }
            AttendCase c = AttendCase.random(layout, spec, Places.of(runs).sharing(300 + 60 * i), FEW_CHUNKS, draw);
            AttendCase leaning = i % 3 == 1 ? c.withSlopes(draw) : c;
            cases.add(i % 3 == 2 ? leaning.withSinks(draw) : leaning);
        }
    }

    /** Rows that see later positions: all of them, a window on both sides, a few, within chunks; ends within and beyond the rows. */
    private static void bothWays(List<RowCase> cases, Draw draw) {
        for (int i = 0; i < 24; i++) {
            CacheType type = TYPES[(i + i / 4) % 4];
            KvLayout even = new KvLayout(1 + i % 2, 1 + i % 3, HEAD_DIMS[i % 4], PAGE_SIZES[i % 3], type);
            KvLayout layout = i % 4 == 3 ? uneven(even, i, draw) : even;
            var causal = new AttentionSpec(
                    layout.headCount() * GROUPS[(i + i / 4) % 3], 0.3f, i % 5 == 1 ? 5 : 0, WINDOWS[(i + i / 5) % 5]);
            AttentionSpec spec = switch (i % 4) {
                case 0, 3 -> causal.bothWays();
                case 1 -> causal.withAhead(3 + i);
                default -> causal.bothWays().withChunk(30 + 20 * i);
            };
            Places places = (i % 2 == 0 ? SHORT : LONG).seeingBeyond(i % 3 * 7);
            AttendCase c = AttendCase.random(layout, spec, places, FEW_CHUNKS, draw);
            cases.add(i % 6 == 5 ? c.withSinks(draw) : c);
        }
        cases.add(AttendCase.random( // causal: later positions are there, and not seen
                new KvLayout(1, 2, 16, 16, CacheType.F32),
                new AttentionSpec(4, 0.25f, 0, AttentionSpec.NO_WINDOW),
                SHORT.seeingBeyond(5),
                FEW_CHUNKS,
                draw));
    }

    /** Scores that go by distance: with either term and both, few vectors and many, near and far; heads of any size. */
    private static void distances(List<RowCase> cases, Draw draw) {
        int[] dims = {8, 20, 64, 7, 24};
        int[] reaches = {0, 3, 40, 300};
        for (int i = 0; i < 24; i++) {
            CacheType type = TYPES[(i + i / 4) % 4];
            KvLayout layout = new KvLayout(1 + i % 2, 1 + i % 3, dims[i % 5], PAGE_SIZES[i / 2 % 3], type);
            var causal = new AttentionSpec(
                    layout.headCount() * GROUPS[(i + i / 4) % 3], 0.3f, i % 5 == 1 ? 5 : 0, WINDOWS[(i + i / 5) % 5]);
            Places places = (i % 3 == 0 ? LONG : SHORT).seeingBeyond(i % 3 * 5);
            AttendCase c = AttendCase.random(layout, i % 4 < 3 ? causal.bothWays() : causal, places, FEW_CHUNKS, draw);
            Relative relative = Relative.random(
                    KINDS.get(i % 3),
                    causal.headCount(),
                    layout.headDim(),
                    reaches[(i + i / 4) % 4],
                    draw.from(1, 64),
                    draw);
            cases.add((i % 6 == 5 ? c.withSlopes(draw) : c).withRelative(relative));
        }
    }

    /** Rows with extreme queries of sequences with an extreme key or value at one position. */
    private static RowCase extremes(AttentionSpec spec, CacheType type, Draw draw) {
        Places.Run[] runs = new Places.Run[Draw.EXTREMES.length];
        java.util.Arrays.setAll(runs, s -> new Places.Run(s, 255 + s % 3, 2));
        Places places = Places.of(runs);
        KvLayout layout = new KvLayout(1, 2, 8, 16, type);
        AttendCase c = AttendCase.random(layout, spec, places, FEW_CHUNKS, draw);
        for (int s = 0; s < runs.length; s++) {
            int position = draw.from(s % 3 + 1, 255);
            Pages.Kind kind = s % 2 == 0 ? Pages.Kind.KEY : Pages.Kind.VALUE;
            if (type == CacheType.INT8) {
                c.pages().setScale(kind, s, position, draw.below(2), Draw.EXTREMES[s]);
            } else {
                c.pages().set(kind, s, position, draw.below(16), Draw.EXTREMES[s]);
            }
        }
        return c;
    }
}
