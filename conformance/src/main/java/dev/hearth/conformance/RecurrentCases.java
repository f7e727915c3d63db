package dev.hearth.conformance;

import java.util.ArrayList;
import java.util.List;

/** Cases of the operations with a state of fixed size. */
final class RecurrentCases {
    private static final List<Integer> FEW_CHUNKS = List.of(1, 5);
    private static final int[] KERNELS = {4, 3, 1, 2, 5, 9};
    private static final ScanCase.Sizes[] SCANS = {
        new ScanCase.Sizes(1, 1, 1, 1),
        new ScanCase.Sizes(9, 1, 16, 1),
        new ScanCase.Sizes(16, 1, 8, 2),
        new ScanCase.Sizes(33, 1, 7, 3),
        new ScanCase.Sizes(4, 8, 16, 2),
        new ScanCase.Sizes(6, 5, 17, 3),
        new ScanCase.Sizes(3, 9, 33, 1),
        new ScanCase.Sizes(4, 16, 31, 4),
        new ScanCase.Sizes(8, 2, 24, 1),
        new ScanCase.Sizes(2, 7, 128, 1)
    };
    private static final DeltaCase.Sizes[] DELTAS = {
        new DeltaCase.Sizes(1, 1, 1, 1),
        new DeltaCase.Sizes(2, 4, 8, 8),
        new DeltaCase.Sizes(1, 3, 7, 9),
        new DeltaCase.Sizes(3, 3, 16, 33),
        new DeltaCase.Sizes(2, 6, 17, 7),
        new DeltaCase.Sizes(4, 4, 9, 15),
        new DeltaCase.Sizes(1, 2, 24, 40),
        new DeltaCase.Sizes(2, 2, 5, 100),
        new DeltaCase.Sizes(1, 1, 64, 17)
    };

    /** From the beginning and going on, longer and shorter than a kernel. */
    private static final Places MIXED = Places.of(
            new Places.Run(2, 0, 9), new Places.Run(0, 5, 1), new Places.Run(4, 0, 2), new Places.Run(1, 1, 8));

    /** One that goes on before one that begins; sequence 0 has no rows. */
    private static final Places LATE = Places.of(new Places.Run(3, 700, 6), new Places.Run(1, 0, 12));

    private static final Places ONE = Places.of(new Places.Run(0, 0, 1));

    /** Two rows of each of as many sequences as there are extremes, so that none spoils the others. */
    private static final Places PAIRS = pairs();

    private RecurrentCases() {}

    private static Places pairs() {
        Places.Run[] runs = new Places.Run[Draw.EXTREMES.length];
        java.util.Arrays.setAll(runs, s -> new Places.Run(s, s % 3, 2));
        return Places.of(runs);
    }

    static List<RowCase> of(Operation operation) {
        List<RowCase> cases = new ArrayList<>();
        switch (operation) {
            case CONVOLVE -> convolve(cases);
            case SCAN -> scan(cases);
            case DELTA -> delta(cases);
            case WKV -> wkv(cases);
            default -> throw new IllegalArgumentException("not recurrent: " + operation);
        }
        return cases;
    }

    /** Places for case i. */
    private static Places places(int i) {
        return i % 3 == 0 ? MIXED : i % 3 == 1 ? LATE : i % 2 == 0 ? ONE : MIXED;
    }

    private static void convolve(List<RowCase> cases) {
        Draw draw = new Draw(401);
        int next = 0;
        for (int kernel : KERNELS) {
            for (int channels : new int[] {1, 7, 8, 9, 16, 17, 33, 100}) {
                Places places = places(next++);
                var c = ConvolveCase.random(places.count(), channels, kernel, draw);
                cases.add(RecurrentCase.random(c, places, RowCase.ALL_CHUNKS, draw));
            }
        }
        for (Recurrence.Form form : Recurrence.Form.values()) {
            boolean silu = form == Recurrence.Form.APART;
            var x = new ConvolveCase(form, draw.extremeRows(17), draw.rows(17, 4, 1), draw.normals(17, 1), silu);
            cases.add(RecurrentCase.random(x, PAIRS, FEW_CHUNKS, draw).withExtremes(Draw.EXTREMES, draw));
            var filter = new ConvolveCase(form, draw.rows(44, 44, 1), draw.extremeRows(3), null, !silu);
            cases.add(RecurrentCase.random(filter, PAIRS, FEW_CHUNKS, draw));
        }
    }

    private static void scan(List<RowCase> cases) {
        Draw draw = new Draw(402);
        for (int i = 0; i < 3 * SCANS.length; i++) {
            Places places = places(i + i / SCANS.length);
            ScanCase.Sizes sizes = SCANS[i % SCANS.length];
            cases.add(RecurrentCase.random(ScanCase.random(places.count(), sizes, draw), places, FEW_CHUNKS, draw));
        }
        var sizes = new ScanCase.Sizes(6, 3, 9, 2);
        int rows = PAIRS.count();
        for (int input = 0; input < 4; input++) {
            var inputs = new ScanCase.Inputs(
                    input == 0 ? draw.extremeRows(18) : draw.rows(rows, 18, 1),
                    input == 1 ? draw.extremeRows(6) : draw.rows(rows, 6, 1),
                    input == 2 ? draw.extremeRows(18) : draw.rows(rows, 18, 1),
                    input == 3 ? draw.extremeRows(18) : draw.rows(rows, 18, 1));
            var form = input % 2 == 0 ? Recurrence.Form.APART : Recurrence.Form.IN_PLACE;
            RecurrentCase c = RecurrentCase.random(
                    new ScanCase(form, sizes, ScanCase.learnt(sizes, draw), inputs), PAIRS, FEW_CHUNKS, draw);
            cases.add(input == 0 ? c.withExtremes(Draw.EXTREMES, draw) : c);
        }
        int extremes = Draw.EXTREMES.length;
        var many = new ScanCase.Sizes(extremes, 1, 3, 1); // a head of each
        float[] skip = draw.normals(extremes, 1);
        float[][] slow = draw.rows(extremes, 1, 0.1);
        float[][] extreme = Slices.of(draw.extremeRows(3), 0, extremes);
        var rates = new ScanCase.Learnt(extreme, skip, null, 0, Float.POSITIVE_INFINITY);
        var steps = new ScanCase.Learnt(slow, skip, Draw.EXTREMES, 0.001f, 100);
        for (ScanCase.Learnt learnt : List.of(rates, steps)) {
            var inputs = ScanCase.Inputs.random(MIXED.count(), many, draw);
            var c = new ScanCase(Recurrence.Form.APART, many, learnt, inputs);
            cases.add(RecurrentCase.random(c, MIXED, FEW_CHUNKS, draw));
        }
        cases.add(RecurrentCase.random(sweep(draw), MIXED, FEW_CHUNKS, draw));
    }

    /** Steps closely from -110 to 110, which meets every part of softplus. */
    private static ScanCase sweep(Draw draw) {
        var sizes = new ScanCase.Sizes(1100, 1, 1, 1);
        var random = ScanCase.Inputs.random(MIXED.count(), sizes, draw);
        for (float[] row : random.steps()) {
            for (int h = 0; h < row.length; h++) {
                row[h] = -110 + 0.2f * (h + draw.between(0, 1));
            }
        }
        float[][] decay = new float[1100][1];
        for (float[] row : decay) {
            row[0] = -0.3f;
        }
        var learnt = new ScanCase.Learnt(decay, draw.normals(1100, 1), null, 0, Float.POSITIVE_INFINITY);
        return new ScanCase(Recurrence.Form.APART, sizes, learnt, random);
    }

    private static void delta(List<RowCase> cases) {
        Draw draw = new Draw(403);
        for (int i = 0; i < 2 * DELTAS.length; i++) {
            Places places = places(i + i / DELTAS.length);
            DeltaCase.Sizes neighbours = DELTAS[i % DELTAS.length];
            DeltaCase.Sizes sizes = i < DELTAS.length ? neighbours : neighbours.inTurns();
            cases.add(RecurrentCase.random(DeltaCase.random(places.count(), sizes, draw), places, FEW_CHUNKS, draw));
        }
        var large = DeltaCase.random(ONE.count(), new DeltaCase.Sizes(1, 2, 128, 128), draw);
        cases.add(RecurrentCase.random(large, ONE, FEW_CHUNKS, draw));
        var sizes = new DeltaCase.Sizes(2, 4, 5, 9);
        int rows = PAIRS.count();
        for (int input = 0; input < 5; input++) {
            var inputs = new DeltaCase.Inputs(
                    input == 0 ? draw.extremeRows(10) : draw.rows(rows, 10, 1),
                    input == 1 ? draw.extremeRows(10) : draw.rows(rows, 10, 1),
                    input == 2 ? draw.extremeRows(36) : draw.rows(rows, 36, 1),
                    input == 3 ? draw.extremeRows(4) : draw.rows(rows, 4, 1),
                    input == 4 ? draw.extremeRows(4) : draw.rows(rows, 4, 1));
            RecurrentCase c = RecurrentCase.random(new DeltaCase(sizes, inputs, draw), PAIRS, FEW_CHUNKS, draw);
            cases.add(input == 0 ? c.withExtremes(Draw.EXTREMES, draw) : c);
        }
    }

    private static void wkv(List<RowCase> cases) {
        Draw draw = new Draw(404);
        int next = 0;
        for (int channels : new int[] {1, 7, 8, 9, 16, 17, 33, 100}) {
            for (int i = 0; i < 3; i++) {
                Places places = places(next++);
                cases.add(
                        RecurrentCase.random(WkvCase.random(places.count(), channels, draw), places, FEW_CHUNKS, draw));
            }
        }
        int rows = PAIRS.count();
        for (Recurrence.Form form : Recurrence.Form.values()) {
            var keys = new WkvCase(form, draw.extremeRows(17), draw.rows(rows, 17, 1), draw);
            cases.add(RecurrentCase.random(keys, PAIRS, FEW_CHUNKS, draw));
            var values = new WkvCase(form, draw.rows(rows, 17, 1), draw.extremeRows(17), draw);
            cases.add(RecurrentCase.random(values, PAIRS, FEW_CHUNKS, draw).withExtremes(Draw.EXTREMES, draw));
        }
        var far = new WkvCase(
                Recurrence.Form.APART, draw.rows(MIXED.count(), 40, 100), draw.rows(MIXED.count(), 40, 1), draw);
        cases.add(RecurrentCase.random(far, MIXED, FEW_CHUNKS, draw)); // exponentials that vanish
    }
}
