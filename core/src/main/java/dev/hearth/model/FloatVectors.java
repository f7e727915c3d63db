package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Vectors of a model as operations want them: F32, in memory of their own. */
final class FloatVectors {
    private FloatVectors() {}

    /** Of one number. */
    interface Function {
        float of(float x);
    }

    /** The elements plus {@code offset}. @throws ModelFormatException if they are quantised */
    static WeightSource of(WeightSource source, float offset, Arena arena) {
        return of(source, x -> x + offset, arena);
    }

    /** A function of each element. @throws ModelFormatException if they are quantised */
    static WeightSource of(WeightSource source, Function function, Arena arena) {
        int size = (int) source.shape().elements();
        MemorySegment values = arena.allocate(4L * size, 64);
        for (int i = 0; i < size; i++) {
            values.set(Tensor.FLOAT, 4L * i, function.of(element(source, i)));
        }
        return new WeightSource(source.name(), DType.F32, source.shape(), values.asReadOnly());
    }

    /** [n, 2]: of each of n elements what it lacks of 1, then itself. @throws ModelFormatException if they are quantised */
    static WeightSource withComplements(WeightSource source, Arena arena) {
        int size = (int) source.shape().elements();
        MemorySegment values = arena.allocate(8L * size, 64);
        for (int i = 0; i < size; i++) {
            values.set(Tensor.FLOAT, 8L * i, 1 - element(source, i));
            values.set(Tensor.FLOAT, 8L * i + 4, element(source, i));
        }
        return new WeightSource(source.name(), DType.F32, Shape.of(size, 2), values.asReadOnly());
    }

    /** Ones. */
    static WeightSource ones(String name, int size, Arena arena) {
        float[] values = new float[size];
        Arrays.fill(values, 1);
        return of(name, Shape.of(size), values, arena);
    }

    /** These numbers. */
    static WeightSource of(String name, Shape shape, float[] numbers, Arena arena) {
        MemorySegment values = arena.allocate(4L * numbers.length, 64);
        MemorySegment.copy(numbers, 0, values, Tensor.FLOAT, 0, numbers.length);
        return new WeightSource(name, DType.F32, shape, values.asReadOnly());
    }

    private static float element(WeightSource source, int i) {
        return switch (source.type()) {
            case F32 -> source.data().get(Tensor.FLOAT, 4L * i);
            case F16 -> Float.float16ToFloat(source.data().get(Tensor.SHORT, 2L * i));
            case BF16 -> Float.intBitsToFloat(source.data().get(Tensor.SHORT, 2L * i) << 16);
            default ->
                throw new ModelFormatException(
                        source.name(), "expected a vector of F32, F16 or BF16, found " + source.type());
        };
    }
}
