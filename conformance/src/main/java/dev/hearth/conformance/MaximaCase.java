package dev.hearth.conformance;

import dev.hearth.tensor.Tensor;

/** The greatest of each {@code size} neighbours. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MaximaCase(float[][] x, int size) implements RowCase {
    @Override
    public Operation operation() {
        return Operation.MAXIMA;
    }

    @Override
    public String name() {
        return "[" + x.length + ", " + x[0].length + "] by " + size;
    }

    @Override
    public int rows() {
        return x.length;
    }

    private int count() {
        return (x[0].length + size - 1) / size;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        Tensor out = bench.output(to - from, count());
        bench.ops().maxima(out, bench.input(Slices.of(x, from, to), x[0].length), size);
        return bench.floats(out);
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(count());
        for (int block = 0; block < count(); block++) {
            double most = Double.NEGATIVE_INFINITY;
            for (int i = block * size; i < Math.min(x[row].length, (block + 1) * size); i++) {
                most = Math.max(most, x[row][i]);
            }
            e.set(block, most, 0);
        }
        return e;
    }
}
