package dev.hearth.ffi;

import dev.hearth.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What hearth_cpu.h says of each function, in the plainest Java. */
final class ScalarStatement {
    private ScalarStatement() {}

    static void quantize(Rows out, Rows x, long tokens) {
        for (long t = 0; t < tokens; t++) {
            for (long block = 0; block < x.columns() / 32; block++) {
                float most = 0;
                for (long i = block * 32; i < block * 32 + 32; i++) {
                    most = Math.max(most, Math.abs(floatAt(x, t, i)));
                }
                float scale = Float.isFinite(most) ? most < 0x1p-100f ? 0 : most / 127 : Float.NaN;
                float inverse = scale > 0 ? 1 / scale : 0;
                long row = out.offsetBytes() + t * out.strideBytes();
                for (long i = block * 32; i < block * 32 + 32; i++) {
                    byte q = inverse > 0 ? (byte) Math.rint(floatAt(x, t, i) * inverse) : 0;
                    out.memory().set(ValueLayout.JAVA_BYTE, row + i, q);
                }
                out.memory().set(ValueLayout.JAVA_FLOAT_UNALIGNED, row + x.columns() + block * 4, scale);
            }
        }
    }

    static float dot(Rows weight, long row, Rows x, long token) {
        return weight.type() == DType.Q8_0 ? q80Dot(weight, row, x, token) : floatDot(weight, row, x, token);
    }

    private static float floatDot(Rows weight, long row, Rows x, long token) {
        var sums = new float[16];
        for (int i = 0; i < x.columns(); i++) {
            sums[i % 16] = Math.fma(floatAt(weight, row, i), floatAt(x, token, i), sums[i % 16]);
        }
        for (int step = 8; step > 0; step /= 2) {
            for (int i = 0; i < step; i++) {
                sums[i] += sums[i + step];
            }
        }
        return sums[0];
    }

    private static float q80Dot(Rows weight, long row, Rows x, long token) {
        MemorySegment w = weight.memory();
        MemorySegment a = x.memory();
        long wRow = weight.offsetBytes() + row * weight.strideBytes();
        long aRow = x.offsetBytes() + token * x.strideBytes();
        var p = new float[8];
        for (int b = 0; b < x.columns() / 32; b++) {
            int dot = 0;
            for (int i = 0; i < 32; i++) {
                dot += w.get(ValueLayout.JAVA_BYTE, wRow + 34L * b + 2 + i)
                        * a.get(ValueLayout.JAVA_BYTE, aRow + 32L * b + i);
            }
            float scale = Float.float16ToFloat(w.get(ValueLayout.JAVA_SHORT_UNALIGNED, wRow + 34L * b))
                    * a.get(ValueLayout.JAVA_FLOAT_UNALIGNED, aRow + x.columns() + 4L * b);
            p[b % 8] = Math.fma(scale, (float) dot, p[b % 8]);
        }
        return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
    }

    private static float floatAt(Rows rows, long row, long i) {
        long at = rows.offsetBytes() + row * rows.strideBytes();
        MemorySegment memory = rows.memory();
        return switch (rows.type()) {
            case F32 -> memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4 * i);
            case F16 -> Float.float16ToFloat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2 * i));
            case BF16 -> Float.intBitsToFloat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2 * i) << 16);
            case I32, Q8_0, Q4_0, Q4_K, Q6_K, A8_32, A8_256 -> throw new IllegalArgumentException("no floats: " + rows);
        };
    }
}
