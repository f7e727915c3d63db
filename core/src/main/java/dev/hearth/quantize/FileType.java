package dev.hearth.quantize;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a file's types are called together, with llama.cpp's number for it ({@code general.file_type}, llama.h
 * {@code llama_ftype}). Most tensors get the base type; {@link TypePlan} says which get another.
 */
public enum FileType {
    /** Everything F32. */
    F32(0, BlockType.F32),
    /** Matrices F16. */
    F16(1, BlockType.F16),
    /** Matrices BF16. */
    BF16(32, BlockType.BF16),
    /** 8.5 bits a weight. */
    Q8_0(7, BlockType.Q8_0),
    /** 4.5 bits a weight. */
    Q4_0(2, BlockType.Q4_0),
    /** 5 bits a weight. */
    Q4_1(3, BlockType.Q4_1),
    /** 5.5 bits a weight. */
    Q5_0(8, BlockType.Q5_0),
    /** 6 bits a weight. */
    Q5_1(9, BlockType.Q5_1),
    /** About 3 bits a weight. */
    Q2_K(10, BlockType.Q2_K),
    /** 3.4 bits a weight. */
    Q3_K_S(11, BlockType.Q3_K),
    /** About 3.9 bits a weight. */
    Q3_K_M(12, BlockType.Q3_K),
    /** About 4.3 bits a weight. */
    Q3_K_L(13, BlockType.Q3_K),
    /** About 4.6 bits a weight. */
    Q4_K_S(14, BlockType.Q4_K),
    /** About 4.9 bits a weight: what to take if nothing speaks for another. */
    Q4_K_M(15, BlockType.Q4_K),
    /** 5.5 bits a weight. */
    Q5_K_S(16, BlockType.Q5_K),
    /** About 5.7 bits a weight. */
    Q5_K_M(17, BlockType.Q5_K),
    /** 6.6 bits a weight. */
    Q6_K(18, BlockType.Q6_K),
    /** 4.5 bits a weight, at levels that suit the distribution of weights. */
    IQ4_NL(25, BlockType.IQ4_NL),
    /** Experts MXFP4, other matrices Q8_0. */
    MXFP4_MOE(38, BlockType.MXFP4);

    private final int number;
    private final BlockType base;

    FileType(int number, BlockType base) {
        this.number = number;
        this.base = base;
    }

    /**
     * The type of this name, in capitals or not; Q3_K, Q4_K and Q5_K stand for their M mix.
     *
     * @throws IllegalArgumentException that lists the names, if it is none
     */
    public static FileType named(String name) {
        String wanted = name.toUpperCase(Locale.ROOT);
        String mix = List.of("Q3_K", "Q4_K", "Q5_K").contains(wanted) ? wanted + "_M" : wanted;
        return Arrays.stream(values())
                .filter(t -> t.name().equals(mix))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("type: expected one of " + names() + ", found " + name));
    }

    /** All names with commas between. */
    public static String names() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    /** {@code general.file_type}. */
    public int number() {
        return number;
    }

    /** The type of most matrices. */
    public BlockType base() {
        return base;
    }

    boolean isAny(FileType... types) {
        return List.of(types).contains(this);
    }
}
