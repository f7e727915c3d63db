package dev.hearth.conformance;

import dev.hearth.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Activations rounded to int8: codes, a scale a block, the sums of every 32 codes where the type keeps them.
 *
 * @param codes [width]
 * @param scales [width / block size]
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Rounded(DType type, int[] codes, float[] scales) {
    /** Rounds a row as {@link dev.hearth.spi.Ops#quantize} says. */
    static Rounded of(DType type, float[] x) {
        int size = type.blockSize();
        Rounded rounded = new Rounded(type, new int[x.length], new float[x.length / size]);
        for (int b = 0; b < rounded.scales.length; b++) {
            rounded.scales[b] = block(x, b * size, (b + 1) * size, rounded.codes);
        }
        return rounded;
    }

    /** Rounds elements [from, to) as one block, puts their codes at the same places and returns their scale. */
    static float block(float[] x, int from, int to, int[] codes) {
        float greatest = 0;
        boolean finite = true;
        for (int i = from; i < to; i++) {
            finite &= Float.isFinite(x[i]);
            greatest = Math.max(greatest, Math.abs(x[i]));
        }
        float scale = !finite ? Float.NaN : greatest < 0x1p-100f ? 0 : greatest / 127;
        float inverse = scale > 0 ? 1 / scale : 0;
        for (int i = from; i < to; i++) {
            codes[i] = inverse == 0 ? 0 : (int) Math.rint(x[i] * inverse);
        }
        return scale;
    }

    /** Any codes and scales, as no rounding would give them. */
    static Rounded random(DType type, int width, Draw draw) {
        Rounded rounded = new Rounded(type, new int[width], draw.normals(width / type.blockSize(), 0.1));
        for (int i = 0; i < width; i++) {
            rounded.codes[i] = draw.from(-127, 127);
        }
        return rounded;
    }

    /** As {@link DType} lays a row out. */
    byte[] bytes() {
        ByteBuffer out =
                ByteBuffer.allocate(Math.toIntExact(type.bytes(codes.length))).order(ByteOrder.LITTLE_ENDIAN);
        for (int code : codes) {
            out.put((byte) code);
        }
        for (float scale : scales) {
            out.putFloat(scale);
        }
        for (int i = 0; out.hasRemaining(); i++) {
            out.putShort((short) groupSum(i));
        }
        return out.array();
    }

    /** What a row's bytes say: codes, scales, sums, as F32. */
    static float[] parse(DType type, byte[] row, int width) {
        ByteBuffer in = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
        int blocks = width / type.blockSize();
        float[] values = new float[width + blocks + (type == DType.A8_256 ? width / 32 : 0)];
        for (int i = 0; i < values.length; i++) {
            values[i] = i < width ? in.get() : i < width + blocks ? in.getFloat() : in.getShort();
        }
        return values;
    }

    /** As {@link #parse} gives it. */
    float[] values() {
        return parse(type, bytes(), codes.length);
    }

    /** Exact value of element i. */
    double value(int i) {
        return (double) scales[i / type.blockSize()] * codes[i];
    }

    private int groupSum(int group) {
        int sum = 0;
        for (int i = group * 32; i < group * 32 + 32; i++) {
            sum += codes[i];
        }
        return sum;
    }
}
