package dev.hearth.format;

import dev.hearth.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Element types of safetensors files (safetensors 0.6, {@code enum Dtype}) and their bits; few of them can be loaded. */
enum SafetensorsType {
    BOOL(8, null),
    F4(4, null),
    F6_E2M3(6, null),
    F6_E3M2(6, null),
    U8(8, null),
    I8(8, null),
    F8_E5M2(8, null),
    F8_E4M3(8, null),
    F8_E5M2FNUZ(8, null),
    F8_E4M3FNUZ(8, null),
    F8_E8M0(8, null),
    I16(16, null),
    U16(16, null),
    F16(16, DType.F16),
    BF16(16, DType.BF16),
    I32(32, DType.I32),
    U32(32, null),
    F32(32, DType.F32),
    C64(64, null),
    F64(64, null),
    I64(64, null),
    U64(64, null);

    /** The names of those that can be loaded, for messages. */
    static final String LOADABLE =
            Arrays.stream(values()).filter(t -> t.type != null).map(Enum::name).collect(Collectors.joining(", "));

    private static final Map<String, SafetensorsType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

    final int bits;
    private final @Nullable DType type;

    SafetensorsType(int bits, @Nullable DType type) {
        this.bits = bits;
        this.type = type;
    }

    /** The type with this name, empty if it is none of these. */
    static Optional<SafetensorsType> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** The same as a type that can be loaded. */
    Optional<DType> loadable() {
        return Optional.ofNullable(type);
    }
}
