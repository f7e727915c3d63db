package dev.hearth.gpu;

import dev.hearth.conformance.Cases;
import dev.hearth.conformance.Operation;
import dev.hearth.conformance.OpsConformance;
import dev.hearth.tensor.DType;
import java.util.List;
import java.util.Set;

/** The kit's operations on a GPU: those that have kernels, to the bit; that all others are refused. */
public interface GpuOperations extends OpsConformance {
    /** Results that other backends' tests compute too. */
    Cases CASES = new Cases();

    /** What there are no kernels for. */
    Set<Operation> MISSING = Set.of(Operation.CONVOLVE, Operation.SCAN, Operation.DELTA, Operation.WKV);

    @Override
    default Cases cases() {
        return CASES;
    }

    @Override
    default List<Integer> threadCounts() {
        return List.of(1);
    }

    @Override
    default boolean supports(Operation operation, DType weight) {
        return !MISSING.contains(operation) && Support.WEIGHTS.contains(weight);
    }
}
