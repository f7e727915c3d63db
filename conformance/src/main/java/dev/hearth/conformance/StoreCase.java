package dev.hearth.conformance;

import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Writing keys and values into pages: a row's results are its key and value as the pool has them, then their scales if
 * there are any, and no other byte changes. */
final class StoreCase implements RowCase {
    private final float[][] keys;
    private final float[][] values;
    private final Places places;
    private final Pages pages;

    /** Any keys and values that fit the layout. */
    static StoreCase random(KvLayout layout, int layer, Places places, Draw draw) {
        float[][] keys = draw.rows(places.count(), layout.headCount() * layout.headDim(), 1);
        boolean apart = layout.values() instanceof KvLayout.Values.Apart;
        float[][] values = draw.rows(places.count(), apart ? layout.headCount() * layout.valueDim() : 0, 1);
        return new StoreCase(layout, layer, places, keys, values, draw);
    }

    StoreCase(KvLayout layout, int layer, Places places, float[][] keys, float[][] values, Draw draw) {
        this.keys = keys;
        this.values = values;
        this.places = places;
        this.pages = new Pages(layout, layer, places, (own, end, position) -> position == own, draw);
    }

    @Override
    public Operation operation() {
        return Operation.STORE;
    }

    @Override
    public String name() {
        return keys.length + " rows into " + pages.layout();
    }

    @Override
    public int rows() {
        return keys.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int width = keys[0].length;
        int valueWidth = values[0].length;
        Buffer pool = bench.buffer(pages.pool());
        KvView view = pages.view(bench, pool, (s, page) -> reads(s, page, from, to));
        Tensor k = bench.input(Slices.of(keys, from, to), width);
        Tensor v = valueWidth == 0 ? null : bench.input(Slices.of(values, from, to), valueWidth);
        bench.ops().store(view, k, v, places.batch(bench, from, to));
        MemorySegment bytes = bench.bytes(pool);
        float[][] rows = new float[to - from][];
        for (int t = from; t < to; t++) {
            rows[t - from] = taken(bytes, places.sequences()[t], places.positions()[t]);
        }
        long at = bytes.mismatch(pages.pool());
        if (at >= 0) {
            throw new AssertionError("byte " + at + " of the pool, which belongs to no row, was changed");
        }
        return rows;
    }

    /** Reads what a row has written and makes it as it was. */
    private float[] taken(MemorySegment bytes, int sequence, int position) {
        KvLayout layout = pages.layout();
        float[] row = new float[resultWidth()];
        int next = 0;
        for (Pages.Kind kind : kinds()) {
            int width = layout.headCount() * (kind == Pages.Kind.KEY ? layout.headDim() : layout.valueDim());
            for (int i = 0; i < width; i++) {
                row[next++] = pages.stored(bytes, kind, sequence, position, i);
                pages.restore(bytes, kind, sequence, position, i);
            }
        }
        for (Pages.Kind kind : kinds()) {
            for (int head = 0; pages.hasScales() && head < layout.headCount(); head++) {
                row[next++] = pages.scale(bytes, kind, sequence, position, head);
                pages.restoreScale(bytes, kind, sequence, position, head);
            }
        }
        return row;
    }

    private List<Pages.Kind> kinds() {
        return values[0].length == 0 ? List.of(Pages.Kind.KEY) : List.of(Pages.Kind.KEY, Pages.Kind.VALUE);
    }

    private int resultWidth() {
        int scales = pages.hasScales() ? kinds().size() * pages.layout().headCount() : 0;
        return keys[0].length + values[0].length + scales;
    }

    private boolean reads(int sequence, int page, int from, int to) {
        for (int t = from; t < to; t++) {
            if (places.sequences()[t] == sequence
                    && places.positions()[t] / pages.layout().pageSize() == page) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(resultWidth());
        if (pages.hasScales()) {
            int scale = expectCodes(e, 0, keys[row], keys[row].length + values[row].length);
            expectCodes(e, keys[row].length, values[row], scale);
            return e;
        }
        int width = keys[row].length;
        for (int i = 0; i < width + values[row].length; i++) {
            double x = i < width ? keys[row][i] : values[row][i - width];
            e.set(
                    i,
                    switch (pages.layout().type()) {
                        case F16 -> half(x);
                        case BF16 -> Pages.bfloat16(x);
                        default -> x;
                    },
                    0);
        }
        return e;
    }

    /** The rounding is the meaning: exact. Returns where the next scale stands. */
    private int expectCodes(Expected e, int at, float[] x, int scaleAt) {
        int[] codes = new int[x.length];
        int heads = x.length == 0 ? 0 : pages.layout().headCount();
        for (int head = 0; head < heads; head++) {
            int dim = x.length / heads;
            float scale = Rounded.block(x, head * dim, (head + 1) * dim, codes);
            e.set(scaleAt + head, scale, Math.abs(scale) * Expected.U / 4);
        }
        for (int i = 0; i < x.length; i++) {
            e.set(at + i, codes[i], 0.25);
        }
        return scaleAt + heads;
    }

    /** The nearest binary16, ties to even: 11 significant bits, none below 2^-24, infinity from 65520. */
    static double half(double x) {
        if (x == 0 || Double.isNaN(x) || Double.isInfinite(x)) {
            return x;
        }
        double unit = Math.scalb(1.0, Math.max(Math.getExponent(x), -14) - 10);
        double rounded = Math.rint(x / unit) * unit;
        return Math.abs(rounded) > 65504 ? Math.copySign(Double.POSITIVE_INFINITY, x) : rounded;
    }
}
