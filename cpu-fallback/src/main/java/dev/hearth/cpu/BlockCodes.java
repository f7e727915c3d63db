package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.I;
import static dev.hearth.cpu.VectorMath.LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Takes blocks of quantised weights apart: {@code out = factor * code - offset} with the product rounded first. Layouts as
 * {@link dev.hearth.tensor.DType} gives them.
 */
final class BlockCodes {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    /** As many bytes as {@link VectorMath#F} has lanes, but eight at least: there are no shorter vectors. */
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

    /** Parts of LANES each that a vector of bytes widens to: two for 128 bits, else one. */
    private static final int PARTS = BYTES.length() / LANES;

    private BlockCodes() {}

    /** 32 signed bytes. */
    static void bytes(MemorySegment data, long at, float factor, float[] out, int outAt) {
        for (int i = 0; i < 32; i += BYTES.length()) {
            ByteVector codes = ByteVector.fromMemorySegment(BYTES, data, at + i, ORDER);
            for (int part = 0; part < PARTS; part++) {
                ((FloatVector) codes.convertShape(VectorOperators.B2F, F, part))
                        .mul(factor)
                        .intoArray(out, outAt + i + part * LANES);
            }
        }
    }

    /** {@code count} signed bytes, as they are. */
    static void int8(MemorySegment data, long at, int count, float[] out, int outAt) {
        int i = 0;
        for (; i + 32 <= count; i += 32) {
            bytes(data, at + i, 1, out, outAt + i);
        }
        for (; i < count; i++) {
            out[outAt + i] = data.get(ValueLayout.JAVA_BYTE, at + i);
        }
    }

    /** 32 nibbles less 8 in 16 bytes, the low ones first. */
    static void nibbles(MemorySegment data, long at, float factor, float[] out, int outAt) {
        for (int i = 0; i < 16; i += BYTES.length()) {
            ByteVector pairs = ByteVector.fromMemorySegment(BYTES, data, at + i, ORDER);
            for (int part = 0; part < PARTS; part++) {
                IntVector pair = widen(pairs, part);
                int to = outAt + i + part * LANES;
                floats(pair.and(15).sub(8)).mul(factor).intoArray(out, to);
                floats(pair.lanewise(VectorOperators.LSHR, 4).sub(8))
                        .mul(factor)
                        .intoArray(out, to + 16);
            }
        }
    }

    /**
     * 64 nibbles in 32 bytes, the low ones first, each half with a factor and an offset of its own.
     *
     * @param factors two from {@code group} on
     * @param offsets likewise
     */
    static void nibblesWithMinima(
            MemorySegment data, long at, float[] factors, float[] offsets, int group, float[] out, int outAt) {
        FloatVector low = FloatVector.broadcast(F, factors[group]);
        FloatVector high = FloatVector.broadcast(F, factors[group + 1]);
        FloatVector lowOffset = FloatVector.broadcast(F, offsets[group]);
        FloatVector highOffset = FloatVector.broadcast(F, offsets[group + 1]);
        for (int i = 0; i < 32; i += BYTES.length()) {
            ByteVector pairs = ByteVector.fromMemorySegment(BYTES, data, at + i, ORDER);
            for (int part = 0; part < PARTS; part++) {
                IntVector pair = widen(pairs, part);
                int to = outAt + i + part * LANES;
                floats(pair.and(15)).mul(low).sub(lowOffset).intoArray(out, to);
                floats(pair.lanewise(VectorOperators.LSHR, 4))
                        .mul(high)
                        .sub(highOffset)
                        .intoArray(out, to + 32);
            }
        }
    }

    /**
     * 32 six-bit codes less 32.
     *
     * @param low 32 bytes with the low nibbles
     * @param nibble bits to shift these down
     * @param high 32 bytes with the high bit pairs
     * @param pair bits to shift these down
     * @param factors two from {@code group} on, one for 16 codes
     */
    static void sixBits(
            MemorySegment data,
            long low,
            int nibble,
            long high,
            int pair,
            float[] factors,
            int group,
            float[] out,
            int outAt) {
        for (int i = 0; i < 32; i += BYTES.length()) {
            ByteVector nibbles = ByteVector.fromMemorySegment(BYTES, data, low + i, ORDER);
            ByteVector pairs = ByteVector.fromMemorySegment(BYTES, data, high + i, ORDER);
            for (int part = 0; part < PARTS; part++) {
                int column = i + part * LANES;
                IntVector a = widen(nibbles, part).lanewise(VectorOperators.LSHR, nibble);
                IntVector h = widen(pairs, part).lanewise(VectorOperators.LSHR, pair);
                IntVector code = h.and(3).lanewise(VectorOperators.LSHL, 4).or(a.and(15));
                floats(code.sub(32)).mul(factors[group + column / 16]).intoArray(out, outAt + column);
            }
        }
    }

    private static IntVector widen(ByteVector bytes, int part) {
        return (IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, I, part);
    }

    private static FloatVector floats(IntVector whole) {
        return (FloatVector) whole.convert(VectorOperators.I2F, 0);
    }

    /** Bfloat16 numbers, {@code count} of them. */
    static void bfloats(short[] in, int count, float[] out, int outAt) {
        int i = 0;
        for (; i + LANES <= count; i += LANES) {
            IntVector bits = (IntVector)
                    ShortVector.fromArray(SHORTS, in, i).convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
            bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, outAt + i);
        }
        for (; i < count; i++) {
            out[outAt + i] = Float.intBitsToFloat(in[i] << 16);
        }
    }

    /** Binary16 numbers, {@code count} of them; the compiler makes vectors of this loop (JDK 21 and later, F16C or NEON). */
    static void halves(short[] in, int count, float[] out, int outAt) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] = Float.float16ToFloat(in[i]);
        }
    }
}
