package dev.hearth.format.packed;

import dev.hearth.format.StoredTensor;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The elements of a stored tensor as F32 values. Thread-safe. */
final class Numbers {
    private static final int LEAST_EXPONENT = -100;
    private static final int GREATEST_EXPONENT = 100;

    private interface Element {
        float at(MemorySegment data, long index);
    }

    private final StoredTensor tensor;
    private final Element element;

    private Numbers(StoredTensor tensor, Element element) {
        this.tensor = tensor;
        this.element = element;
    }

    /** Floating-point numbers of any width. @throws dev.hearth.format.ModelFormatException if they are something else */
    static Numbers of(StoredTensor tensor) {
        return new Numbers(
                tensor,
                switch (tensor.typeName()) {
                    case "F32" -> (data, i) -> data.get(Tensor.FLOAT, 4 * i);
                    case "F16" -> (data, i) -> Float.float16ToFloat(data.get(Tensor.SHORT, 2 * i));
                    case "BF16" -> (data, i) -> Float.intBitsToFloat(data.get(Tensor.SHORT, 2 * i) << 16);
                    case "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0" -> bytes(tensor.typeName());
                    default -> throw Parts.wrong(tensor, "floating-point numbers");
                });
    }

    /** Powers of two by their exponents, in a byte each; else as {@link #of}. */
    static Numbers orExponents(StoredTensor tensor) {
        return tensor.typeName().equals("U8") ? new Numbers(tensor, bytes("F8_E8M0")) : of(tensor);
    }

    private static Element bytes(String type) {
        float[] values = Float8.values(type);
        return (data, i) -> values[data.get(ValueLayout.JAVA_BYTE, i) & 0xff];
    }

    /** The tensor they are in. */
    StoredTensor tensor() {
        return tensor;
    }

    /** How many there are. */
    long count() {
        return tensor.shape().elements();
    }

    /** One of them. */
    float at(long index) {
        return element.at(tensor.data(), index);
    }

    /** Whether F16 has each of them. */
    boolean areHalves() {
        long count = tensor.typeName().equals("F16") ? 0 : count();
        for (long i = 0; i < count; i++) {
            float x = at(i);
            if (Float.float16ToFloat(Float.floatToFloat16(x)) != x) {
                return false;
            }
        }
        return true;
    }

    /** Whether each is a power of two, and of a size that times any number of 8 bits it neither over- nor underflows. */
    boolean arePowersOfTwo() {
        long count = count();
        for (long i = 0; i < count; i++) {
            float x = at(i);
            int exponent = Math.getExponent(x);
            if (exponent < LEAST_EXPONENT || exponent > GREATEST_EXPONENT || Math.scalb(1f, exponent) != x) {
                return false;
            }
        }
        return true;
    }
}
