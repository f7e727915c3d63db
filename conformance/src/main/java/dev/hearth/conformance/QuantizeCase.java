package dev.hearth.conformance;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/** Rounding to int8. */
final class QuantizeCase implements RowCase {
    private final DType type;
    private final String name;
    private final float[][] x;

    QuantizeCase(DType type, String name, float[][] x) {
        this.type = type;
        this.name = name;
        this.x = x;
    }

    /** Values of which many lie in the middle between two codes: k + 0.5 with 127 the greatest. */
    static QuantizeCase ties(DType type, int width, Draw draw) {
        float[][] x = new float[17][width];
        for (float[] row : x) {
            for (int i = 0; i < width; i++) {
                row[i] = draw.from(-127, 126) + 0.5f;
            }
            for (int block = 0; block < width; block += type.blockSize()) {
                row[block + draw.below(type.blockSize())] = 127;
            }
        }
        return new QuantizeCase(type, "ties ", x);
    }

    @Override
    public Operation operation() {
        return Operation.QUANTIZE;
    }

    @Override
    public String name() {
        return name + type + " [" + x.length + ", " + x[0].length + "]";
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int width = x[0].length;
        Tensor out = bench.output(type, to - from, width);
        bench.ops().quantize(out, bench.input(Slices.of(x, from, to), width));
        byte[][] bytes = bench.rowBytes(out);
        float[][] rows = new float[bytes.length][];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = Rounded.parse(type, bytes[r], width);
        }
        return rows;
    }

    /** The rounding is the meaning: exact. A tolerance with a factor of 4 or more admits neighbouring codes. */
    @Override
    public Expected expected(int row) {
        float[] values = Rounded.of(type, x[row]).values();
        Expected e = Expected.of(values.length);
        int width = x[row].length;
        int scales = width / type.blockSize();
        for (int i = 0; i < values.length; i++) {
            boolean isScale = i >= width && i < width + scales;
            e.set(i, values[i], isScale ? Math.abs(values[i]) * Expected.U / 4 : 0.25);
        }
        return e;
    }
}
