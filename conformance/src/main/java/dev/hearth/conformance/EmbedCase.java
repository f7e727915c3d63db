package dev.hearth.conformance;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;

/** Rows of a table, scaled. */
final class EmbedCase implements RowCase {
    private final Matrix table;
    private final int[] ids;
    private final float scale;

    EmbedCase(Matrix table, int[] ids, float scale) {
        this.table = table;
        this.ids = ids;
        this.scale = scale;
    }

    /** Ids with repetitions, the first and the last row among them. */
    static EmbedCase random(Matrix table, int tokens, Draw draw) {
        int[] ids = new int[tokens];
        for (int t = 0; t < tokens; t++) {
            ids[t] = t == 0 ? table.rows() - 1 : t == 1 ? 0 : draw.below(table.rows());
        }
        return new EmbedCase(table, ids, draw.below(2) == 0 ? 1 : draw.between(-30, 30));
    }

    @Override
    public Operation operation() {
        return Operation.EMBED;
    }

    @Override
    public String name() {
        return ids.length + " rows of " + table.type() + " [" + table.rows() + ", " + table.columns() + "] times "
                + scale;
    }

    @Override
    public List<DType> types() {
        return List.of(table.type());
    }

    @Override
    public int rows() {
        return ids.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        Tensor out = bench.output(to - from, table.columns());
        bench.ops().embed(out, bench.weight(table), bench.column(Slices.of(ids, from, to)), scale);
        return bench.floats(out);
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(table.columns());
        for (int i = 0; i < table.columns(); i++) {
            double value = table.values()[ids[row]][i];
            double magnitude = table.magnitudes()[ids[row]][i] * Math.abs(scale);
            int roundings = (table.type().isQuantised() ? 4 : 0) + (scale == 1 ? 0 : 1);
            e.set(i, value * scale, roundings * Expected.U * magnitude + (roundings == 0 ? 0 : Expected.TINY));
        }
        return e;
    }
}
