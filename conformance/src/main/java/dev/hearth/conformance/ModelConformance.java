package dev.hearth.conformance;

import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Whole models on a backend: the logits and tokens of other implementations, the same bits in every chunk and batch, and the
 * specification's own logits, in both precisions.
 */
public interface ModelConformance extends Subject {
    /** How a model is loaded: as Hearth does unless said otherwise. */
    default TokenModel.Loader loader() {
        return HearthModel::load;
    }

    /** The folders with an oracle to try, see {@link OracleFiles#read}. */
    List<Path> folders();

    /** Every folder. */
    @TestFactory
    @Execution(ExecutionMode.SAME_THREAD)
    default Stream<DynamicNode> models() {
        return folders().stream()
                .map(folder -> DynamicContainer.dynamicContainer(
                        String.valueOf(folder.getFileName()),
                        checks(OracleFiles.read(folder)).stream()
                                .map(check -> DynamicTest.dynamicTest(check.name(), check.body()::run))));
    }

    /** Those checks of one model that hold it against the other implementation. */
    default List<ModelCheck> oracleChecks(OracleFiles oracle) {
        List<ModelCheck> checks = new ArrayList<>();
        ModelChecks exact = new ModelChecks(oracle, loader(), Precision.EXACT);
        add(checks, "EXACT logits", exact::agreesWithOracle);
        add(checks, "EXACT greedy tokens", exact::choosesGreedyTokens);
        return checks;
    }

    /** The specification's logits; what tries several backends with one loader returns the same for all. */
    default SpecifiedLogits specifiedLogits() {
        return new SpecifiedLogits();
    }

    /** Those that hold it against the specification, in both precisions. */
    default List<ModelCheck> specificationChecks(OracleFiles oracle) {
        List<ModelCheck> checks = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            ModelChecks of = new ModelChecks(oracle, loader(), precision);
            add(checks, precision + " as specified", device -> {
                of.agreesWithSpecification(
                        specifiedLogits(), device, activations -> exactness(Operation.LINEAR, activations));
            });
        }
        return checks;
    }

    /** Those that hold sequences in chunks against whole ones. */
    default List<ModelCheck> chunkChecks(OracleFiles oracle) {
        List<ModelCheck> checks = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            ModelChecks of = new ModelChecks(oracle, loader(), precision);
            add(checks, precision + " in chunks", of::chunksAgree);
        }
        return checks;
    }

    /** Those that hold several sequences in steps of any mixture, and other numbers of threads, against each sequence alone. */
    default List<ModelCheck> batchChecks(OracleFiles oracle) {
        List<ModelCheck> checks = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            ModelChecks of = new ModelChecks(oracle, loader(), precision);
            add(checks, precision + " ragged", of::raggedStepsAgree);
            for (int threads : threadCounts().subList(1, threadCounts().size())) {
                add(checks, precision + " with " + threads + " threads", device -> {
                    try (Backend other = open(threads)) {
                        of.agreesWith(device, other.devices().getFirst(), threads + " threads");
                    }
                });
            }
        }
        return checks;
    }

    /** The checks of one model: all of the above. */
    default List<ModelCheck> checks(OracleFiles oracle) {
        List<ModelCheck> checks = new ArrayList<>(oracleChecks(oracle));
        checks.addAll(specificationChecks(oracle));
        checks.addAll(chunkChecks(oracle));
        checks.addAll(batchChecks(oracle));
        return checks;
    }

    /** A check with its name; the body throws an AssertionError. */
    record ModelCheck(String name, Runnable body) {}

    private void add(List<ModelCheck> checks, String name, Consumer<Device> check) {
        checks.add(new ModelCheck(name, () -> {
            try (Backend backend = open(threadCounts().getFirst())) {
                check.accept(backend.devices().getFirst());
            }
        }));
    }
}
