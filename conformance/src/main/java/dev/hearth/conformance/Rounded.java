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
            float greatest = 0;
            boolean finite = true;
            for (int i = b * size; i < (b + 1) * size; i++) {
                finite &= Float.isFinite(x[i]);
                greatest = Math.max(greatest, Math.abs(x[i]));
            }
            if (!finite) {
                rounded.scales[b] = Float.NaN;
            } else if (greatest >= 0x1p-100f) {
                rounded.scales[b] = greatest / 127;
                float inverse = 1 / rounded.scales[b];
                for (int i = b * size; i < (b + 1) * size; i++) {
                    rounded.codes[i] = (int) Math.rint(x[i] * inverse);
                }
            }
        }
        return rounded;
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
