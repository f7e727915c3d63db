package dev.hearth.gpu;

import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.UnsupportedOnDeviceException;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the kernels of {@code native/gpu} can do.
 *
 * @param device its name, for the reason
 */
record Support(String device) {
    /** Types of weights with kernels that embed and multiply. */
    static final Set<DType> WEIGHTS = EnumSet.complementOf(EnumSet.of(DType.I32, DType.A8_32, DType.A8_256));

    /** Elements of a value: those that the threads of a block keep, four each. */
    static final int MOST_VALUE_DIM = 4 * GpuDriver.THREADS;

    /** Experts that a token can choose from. */
    static final int MOST_EXPERTS = 1024;

    /** Elements of a key of the delta rule: those that shared memory holds. */
    static final int MOST_KEY_DIM = 1024;

    /** That there is no such operation. */
    UnsupportedOnDeviceException lacks(String operation) {
        return new UnsupportedOnDeviceException(device + ": " + operation
                + ": no kernel for it yet; use the backend cpu, or leave the choice to the engine");
    }

    /** Checks that there are kernels for a weight of this type. */
    void requireWeight(DType type) {
        if (!WEIGHTS.contains(type)) {
            throw lacks("embed and linear: weights of " + type);
        }
    }

    /** Checks that there are kernels for all experts, one type for each of the products. */
    void requireExperts(ExpertWeights w) {
        for (List<Weight> weights : List.of(w.gate(), w.up(), w.down())) {
            for (Weight weight : weights) {
                requireWeight(weight.type());
                if (weight.type() != weights.getFirst().type()) {
                    throw lacks("experts: weights of " + weights.getFirst().type() + " and " + weight.type());
                }
            }
        }
    }

    /** Checks that so many experts can be ranked. */
    void requireRoute(long experts) {
        if (experts > MOST_EXPERTS) {
            throw lacks("route: " + experts + " experts, more than " + MOST_EXPERTS);
        }
    }

    /** Checks that threads hold a value. */
    void requireAttend(KvLayout layout) {
        if (layout.valueDim() > MOST_VALUE_DIM) {
            throw lacks("attend: values of " + layout.valueDim() + " elements, more than " + MOST_VALUE_DIM);
        }
    }

    /** Checks that shared memory holds a key. */
    void requireDelta(DeltaSpec spec) {
        if (spec.keyDim() > MOST_KEY_DIM) {
            throw lacks("delta: keys of " + spec.keyDim() + " elements, more than " + MOST_KEY_DIM);
        }
    }
}
