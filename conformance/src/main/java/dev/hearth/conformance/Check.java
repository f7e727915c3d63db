package dev.hearth.conformance;

import dev.hearth.tensor.DType;
import java.util.List;

/**
 * One thing that a backend must do.
 *
 * @param name operation and sizes
 * @param types of the weights, F32 where there are none
 * @param body throws an AssertionError that says what was expected and what was found
 */
public record Check(Operation operation, String name, List<DType> types, Runnable body) {
    /** Without weights of other types than F32. */
    public Check(Operation operation, String name, Runnable body) {
        this(operation, name, List.of(DType.F32), body);
    }

    /** Tries it. @throws AssertionError if the backend fails */
    public void run() {
        body.run();
    }
}
