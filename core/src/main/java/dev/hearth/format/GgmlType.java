package dev.hearth.format;

import dev.hearth.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Element types of GGUF files: id, elements a block, bytes a block (ggml.h {@code enum ggml_type}, ggml-common.h). Most
 * cannot be loaded, yet knowing their size lets the reader check that the file holds what it says.
 */
enum GgmlType {
    F32(0, 1, 4, DType.F32),
    F16(1, 1, 2, DType.F16),
    Q4_0(2, 32, 18, DType.Q4_0),
    Q4_1(3, 32, 20, DType.Q4_1),
    Q5_0(6, 32, 22, DType.Q5_0),
    Q5_1(7, 32, 24, DType.Q5_1),
    Q8_0(8, 32, 34, DType.Q8_0),
    Q8_1(9, 32, 36, null),
    Q2_K(10, 256, 84, DType.Q2_K),
    Q3_K(11, 256, 110, DType.Q3_K),
    Q4_K(12, 256, 144, DType.Q4_K),
    Q5_K(13, 256, 176, DType.Q5_K),
    Q6_K(14, 256, 210, DType.Q6_K),
    Q8_K(15, 256, 292, null),
    IQ2_XXS(16, 256, 66, DType.IQ2_XXS),
    IQ2_XS(17, 256, 74, DType.IQ2_XS),
    IQ3_XXS(18, 256, 98, DType.IQ3_XXS),
    IQ1_S(19, 256, 50, DType.IQ1_S),
    IQ4_NL(20, 32, 18, DType.IQ4_NL),
    IQ3_S(21, 256, 110, DType.IQ3_S),
    IQ2_S(22, 256, 82, DType.IQ2_S),
    IQ4_XS(23, 256, 136, DType.IQ4_XS),
    I8(24, 1, 1, null),
    I16(25, 1, 2, null),
    I32(26, 1, 4, DType.I32),
    I64(27, 1, 8, null),
    F64(28, 1, 8, null),
    IQ1_M(29, 256, 56, DType.IQ1_M),
    BF16(30, 1, 2, DType.BF16),
    // Q4_0 with rows interleaved, which llama.cpp now makes at load: removed from files, still met in old ones.
    Q4_0_4_4(31, 32, 18, null),
    Q4_0_4_8(32, 32, 18, null),
    Q4_0_8_8(33, 32, 18, null),
    TQ1_0(34, 256, 54, DType.TQ1_0),
    TQ2_0(35, 256, 66, DType.TQ2_0),
    MXFP4(39, 32, 17, DType.MXFP4),
    NVFP4(40, 64, 36, DType.NVFP4),
    Q1_0(41, 128, 18, null);

    /** The names of those that can be loaded, for messages. */
    static final String LOADABLE =
            Arrays.stream(values()).filter(t -> t.type != null).map(Enum::name).collect(Collectors.joining(", "));

    private static final Map<Integer, GgmlType> BY_ID =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(t -> t.id, Function.identity()));

    final int id;
    final int blockSize;
    final int blockBytes;
    private final @Nullable DType type;

    GgmlType(int id, int blockSize, int blockBytes, @Nullable DType type) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.type = type;
    }

    /** The type with this id, empty if it is none of these. */
    static Optional<GgmlType> of(int id) {
        return Optional.ofNullable(BY_ID.get(id));
    }

    /** The same as a type that can be loaded. */
    Optional<DType> loadable() {
        return Optional.ofNullable(type);
    }
}
