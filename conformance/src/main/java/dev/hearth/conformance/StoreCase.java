package dev.hearth.conformance;

import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Writing keys and values into pages: a row's results are its key and value as the pool has them, and no other byte changes. */
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
        float[][] rows = new float[to - from][width + valueWidth];
        for (int t = from; t < to; t++) {
            for (int i = 0; i < width + valueWidth; i++) {
                Pages.Kind kind = i < width ? Pages.Kind.KEY : Pages.Kind.VALUE;
                int column = i < width ? i : i - width;
                rows[t - from][i] = pages.get(bytes, kind, places.sequences()[t], places.positions()[t], column);
                pages.restore(bytes, kind, places.sequences()[t], places.positions()[t], column);
            }
        }
        long at = bytes.mismatch(pages.pool());
        if (at >= 0) {
            throw new AssertionError("byte " + at + " of the pool, which belongs to no row, was changed");
        }
        return rows;
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
        int width = keys[row].length;
        Expected e = Expected.of(width + values[row].length);
        boolean half = pages.layout().type() == DType.F16;
        for (int i = 0; i < width + values[row].length; i++) {
            double x = i < width ? keys[row][i] : values[row][i - width];
            e.set(i, half ? half(x) : x, 0);
        }
        return e;
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
