package dev.hearth.spi.reference;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Takes one block of a type apart into the arrays of a {@link BlockRow}. Layouts are those of ggml-common.h. Stateless. */
@FunctionalInterface
interface BlockDecoder {
    /** Reads the block at byte {@code at} as block {@code b} of the row. */
    void decode(MemorySegment data, long at, BlockRow row, int b);

    /** The decoder of a weight's type; for a plain type one that refuses. */
    static BlockDecoder of(HostWeight weight) {
        return switch (weight.type()) {
            case Q8_0 -> SmallBlocks::q8;
            case Q4_0 -> SmallBlocks::q4;
            case Q4_1 -> SmallBlocks::q4WithMinimum;
            case Q5_0 -> SmallBlocks::q5;
            case Q5_1 -> SmallBlocks::q5WithMinimum;
            case IQ4_NL -> SmallBlocks::iq4;
            case MXFP4 -> SmallBlocks::mxfp4;
            case NVFP4 -> SmallBlocks::nvfp4;
            case Q2_K -> SuperBlocks::q2;
            case Q3_K -> SuperBlocks::q3;
            case Q4_K -> SuperBlocks::q4;
            case Q5_K -> SuperBlocks::q5;
            case Q6_K -> SuperBlocks::q6;
            case IQ4_XS -> SuperBlocks::iq4;
            case TQ1_0 -> SuperBlocks::tq1;
            case TQ2_0 -> SuperBlocks::tq2;
            case IQ2_XXS -> GridBlocks::iq2xxs;
            case IQ2_XS -> GridBlocks::iq2xs;
            case IQ2_S -> GridBlocks::iq2s;
            case IQ3_XXS -> GridBlocks::iq3xxs;
            case IQ3_S -> GridBlocks::iq3s;
            case IQ1_S -> GridBlocks::iq1s;
            case IQ1_M -> GridBlocks::iq1m;
            case F32, F16, BF16, I32, A8_32, A8_256 ->
                (data, at, row, b) -> {
                    throw new IllegalArgumentException(weight.name() + ": no blocks in " + weight.type());
                };
        };
    }

    /** The binary16 number at a byte. */
    static float half(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(Tensor.SHORT, at));
    }

    /** The byte there, 0 to 255. */
    static int unsigned(MemorySegment data, long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 255;
    }

    /** The 16 bits there, 0 to 65535. */
    static int unsigned16(MemorySegment data, long at) {
        return data.get(Tensor.SHORT, at) & 0xffff;
    }
}
