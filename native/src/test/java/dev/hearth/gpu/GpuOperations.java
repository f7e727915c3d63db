package dev.hearth.gpu;

import dev.hearth.conformance.Cases;
import dev.hearth.conformance.OpsConformance;
import java.util.List;

/** The kit's operations on a GPU. */
public interface GpuOperations extends OpsConformance, GpuExactness {
    /** Results that other backends' tests compute too. */
    Cases CASES = new Cases();

    @Override
    default Cases cases() {
        return CASES;
    }

    @Override
    default List<Integer> threadCounts() {
        return List.of(1);
    }
}
