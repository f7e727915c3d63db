package dev.hearth.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.spi.host.HostKernels;
import dev.hearth.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kit can fail: each defect is caught, and what only rounds otherwise passes where a tolerance is claimed. */
@Execution(ExecutionMode.CONCURRENT)
class MutantTest {
    private static final Cases CASES = new Cases();

    static Stream<Mutant> all() {
        List<Mutant> all = new ArrayList<>(PlainMutants.all());
        all.addAll(LayerNormMutants.all());
        all.addAll(WeightMutants.all());
        all.addAll(CacheMutants.all());
        all.addAll(RecurrentMutants.all());
        all.addAll(RowFunctionMutants.all());
        return all.stream();
    }

    static Stream<Mutant> wrongValues() {
        return all().filter(m -> m.harm() == Mutant.Harm.VALUES);
    }

    static Stream<Mutant> otherRounding() {
        return all().filter(m -> m.harm() == Mutant.Harm.ROUNDING);
    }

    @ParameterizedTest
    @MethodSource("all")
    void bits_catchEveryMutant(Mutant mutant) {
        assertThat(firstFailure(mutant, Exactness.BITS)).isPresent();
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void tolerance_catchesWrongValues(Mutant mutant) {
        assertThat(firstFailure(mutant, new Exactness.Within(1))).isPresent();
    }

    @ParameterizedTest
    @MethodSource("otherRounding")
    void tolerance_admitsOtherRounding(Mutant mutant) {
        assertThat(firstFailure(mutant, new Exactness.Within(2))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("otherRounding")
    void toleranceForBfloats_admitsOnlyTheirs(Mutant mutant) {
        Function<DType, Exactness> claimed =
                activations -> activations == DType.BF16 ? new Exactness.Within(2) : Exactness.BITS;
        assertThat(firstFailure(mutant, claimed).isEmpty())
                .isEqualTo(mutant.name().startsWith("BF16"));
    }

    @Test
    void mutants_meetEveryOperation() {
        assertThat(all().map(Mutant::operation)).contains(Operation.values());
    }

    /** Of the checks of the mutant's operation. */
    private static Optional<String> firstFailure(Mutant mutant, Exactness exactness) {
        return firstFailure(mutant, activations -> exactness);
    }

    private static Optional<String> firstFailure(Mutant mutant, Function<DType, Exactness> exactness) {
        HostKernelsConformance subject = new HostKernelsConformance() {
            @Override
            public HostKernels kernels() {
                return mutant.kernels();
            }

            @Override
            public Exactness exactness(Operation operation, DType activations) {
                return exactness.apply(activations);
            }
        };
        try (Kit kit = new Kit(subject, CASES)) {
            Stream<Check> results =
                    kit.resultChecks(mutant.operation()).stream(); // most are caught by these, in less time
            return Stream.concat(results, kit.checks(mutant.operation()).stream())
                    .flatMap(check -> failure(check).stream())
                    .findFirst();
        }
    }

    private static Optional<String> failure(Check check) {
        try {
            check.run();
            return Optional.empty();
        } catch (AssertionError e) {
            return Optional.of(check.name() + ": " + e.getMessage());
        }
    }
}
