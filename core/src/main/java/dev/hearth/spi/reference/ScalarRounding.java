package dev.hearth.spi.reference;

import dev.hearth.tensor.Bfloat16;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Activations rounded to int8 or BF16; see {@link dev.hearth.spi.Ops#quantize}. */
final class ScalarRounding {
    private ScalarRounding() {}

    static void quantize(Tensor out, Tensor x, long from, long to) {
        if (out.type() == DType.BF16) {
            bfloats(out, x, from, to);
            return;
        }
        int size = out.type().blockSize();
        long width = x.width();
        MemorySegment memory = out.segment();
        for (long t = from; t < to; t++) {
            long row = t * out.rowBytes();
            for (long block = 0; block < width / size; block++) {
                float scale = block(memory, row + block * size, x, t, block * size, size);
                memory.set(Tensor.FLOAT, row + width + 4 * block, scale);
            }
            if (out.type() == DType.A8_256) {
                groupSums(memory, row, width);
            }
        }
    }

    private static void bfloats(Tensor out, Tensor x, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < x.width(); i++) {
                short bits = Bfloat16.of(x.getFloat(t, i));
                out.segment().set(Tensor.SHORT, t * out.rowBytes() + 2 * i, bits);
            }
        }
    }

    /** Rounds {@code size} elements of a row from {@code from} on, writes their codes and returns their scale. */
    static float block(MemorySegment memory, long at, Tensor x, long row, long from, int size) {
        int amaxBits = 0; // of |x|: compares like the float, and NaN above all
        for (int i = 0; i < size; i++) {
            amaxBits = Math.max(amaxBits, Float.floatToRawIntBits(x.getFloat(row, from + i)) & Integer.MAX_VALUE);
        }
        float amax = Float.intBitsToFloat(amaxBits);
        float scale = amax < 0x1p-100f ? 0 : amax <= Float.MAX_VALUE ? amax / 127 : Float.NaN;
        float inverse = scale > 0 ? 1 / scale : 0;
        for (int i = 0; i < size; i++) {
            int value = inverse == 0 ? 0 : (int) Math.rint(x.getFloat(row, from + i) * inverse);
            memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) value);
        }
        return scale;
    }

    private static void groupSums(MemorySegment memory, long row, long width) {
        long sums = row + width + width / 256 * 4;
        for (long group = 0; group < width / 32; group++) {
            int sum = 0;
            for (int i = 0; i < 32; i++) {
                sum += memory.get(ValueLayout.JAVA_BYTE, row + group * 32 + i);
            }
            memory.set(Tensor.SHORT, sums + 2 * group, (short) sum);
        }
    }
}
