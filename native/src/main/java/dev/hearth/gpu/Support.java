package dev.hearth.gpu;

import dev.hearth.spi.KvLayout;
import dev.hearth.spi.UnsupportedOnDeviceException;
import dev.hearth.tensor.DType;
import java.util.EnumSet;
import java.util.Set;

/**
 * What the kernels of {@code native/gpu} can do.
 *
 * @param device its name, for the reason
 */
record Support(String device) {
    /** Types of weights with kernels that embed and multiply. */
    static final Set<DType> WEIGHTS = EnumSet.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0);

    /** Elements of a value: those that the threads of a block keep, four each. */
    static final int MOST_VALUE_DIM = 4 * GpuDriver.THREADS;

    /** That there is no such operation. */
    UnsupportedOnDeviceException lacks(String operation) {
        return new UnsupportedOnDeviceException(
                device + ": " + operation + ": no kernel for it yet; use the backend cpu, or leave the choice to the engine");
    }

    /** Checks that there are kernels for a weight of this type. */
    void requireWeight(DType type) {
        if (!WEIGHTS.contains(type)) {
            throw lacks("embed and linear: weights of " + type);
        }
    }

    /** Checks that threads hold a value. */
    void requireAttend(KvLayout layout) {
        if (layout.valueDim() > MOST_VALUE_DIM) {
            throw lacks("attend: values of " + layout.valueDim() + " elements, more than " + MOST_VALUE_DIM);
        }
    }
}
