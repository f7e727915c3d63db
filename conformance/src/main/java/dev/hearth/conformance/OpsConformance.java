package dev.hearth.conformance;

import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Every operation of a backend against its meaning. A backend's test implements this and {@link #open}:
 * <pre>{@code
 * class CpuConformanceTest implements OpsConformance {
 *     @Override
 *     public Backend open(int threads) {
 *         return new CpuProvider().open(new BackendOptions(OptionalInt.of(threads)));
 *     }
 * }
 * }</pre>
 */
public interface OpsConformance extends Subject {
    /** Property that sets the seed of {@link #randomSizes()}. */
    String SEED_PROPERTY = "hearth.conformance.seed";

    /** Cases an operation gets from the seed. */
    int RANDOM_CASES = 10;

    /** The cases; what tries several backends returns the same ones for all, which saves computing their results anew. */
    default Cases cases() {
        return new Cases();
    }

    /** Each operation at sizes chosen to be awkward, at extremes, and with shapes that don't fit. */
    @TestFactory
    @Execution(ExecutionMode.SAME_THREAD)
    default Stream<DynamicNode> operations() {
        Kit kit = new Kit(this, cases());
        return Arrays.stream(Operation.values())
                .<DynamicNode>map(operation -> DynamicContainer.dynamicContainer(
                        operation.methodName(), kit.checks(operation).stream().map(OpsConformance::test)))
                .onClose(kit::close);
    }

    /** Each operation at sizes drawn from a seed: the same in every run unless {@value #SEED_PROPERTY} says otherwise. */
    @TestFactory
    @Execution(ExecutionMode.SAME_THREAD)
    default Stream<DynamicNode> randomSizes() {
        Kit kit = new Kit(this, cases());
        long seed = Long.getLong(SEED_PROPERTY, 1);
        return Arrays.stream(Operation.values())
                .<DynamicNode>map(operation -> DynamicContainer.dynamicContainer(
                        operation.methodName(),
                        LongStream.range(0, RANDOM_CASES)
                                .mapToObj(i -> test(kit.random(operation, seed * 1_000_003 + i)))))
                .onClose(kit::close);
    }

    private static DynamicNode test(Check check) {
        return DynamicTest.dynamicTest(check.name(), check::run);
    }
}
