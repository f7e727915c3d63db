package dev.hearth.format.packed;

import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Unsigned codes of 1 to 8 bits in 32-bit words, from the lowest bit up; with some layouts one may go on in the next word. */
final class BitCodes {
    private BitCodes() {}

    /** Words for so many codes one after the other. */
    static long words(long count, int bits) {
        return (Math.multiplyExact(count, bits) + 31) / 32;
    }

    /**
     * One of the codes that stand one after the other.
     *
     * @param start where the first word is, in bytes
     * @param stride bytes from one word to the next
     */
    static int at(MemorySegment data, long start, long stride, long index, int bits) {
        long bit = index * bits;
        long word = start + (bit >> 5) * stride;
        int shift = (int) bit & 31;
        int code = data.get(Tensor.INT, word) >>> shift;
        if (shift + bits > 32) {
            code |= data.get(Tensor.INT, word + stride) << (32 - shift);
        }
        return code & (1 << bits) - 1;
    }

    /** The first codes, as {@link #at} has them. */
    static void read(MemorySegment data, long start, long stride, int bits, float[] codes) {
        int perWord = 32 / bits;
        int whole = 32 % bits == 0 ? codes.length / perWord : 0; // words whose codes all end in them
        int mask = (1 << bits) - 1;
        for (int w = 0; w < whole; w++) {
            int word = data.get(Tensor.INT, start + w * stride);
            for (int k = 0; k < perWord; k++) {
                codes[perWord * w + k] = word >>> bits * k & mask;
            }
        }
        for (int i = perWord * whole; i < codes.length; i++) {
            codes[i] = at(data, start, stride, i, bits);
        }
    }

    /** The first codes where as many whole ones as fit stand in each word. */
    static void readWhole(MemorySegment data, long start, int bits, float[] codes) {
        int perWord = 32 / bits;
        for (int i = 0; i < codes.length; i++) {
            codes[i] = at(data, start + 4L * (i / perWord), 4, i % perWord, bits);
        }
    }
}
