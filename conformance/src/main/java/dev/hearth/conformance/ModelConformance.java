package dev.hearth.conformance;

import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.reference.ScalarKernels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

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

    /** The checks of one model. */
    default List<ModelCheck> checks(OracleFiles oracle) {
        List<ModelCheck> checks = oracleChecks(oracle);
        for (Precision precision : Precision.values()) {
            ModelChecks of = new ModelChecks(oracle, loader(), precision);
            add(checks, precision + " in chunks", of::chunksAgree);
            add(checks, precision + " ragged", of::raggedStepsAgree);
            add(checks, precision + " as specified", device -> {
                try (HostDevice specification = new HostDevice("specification", ScalarKernels.ops())) {
                    of.agreesWith(specification, device, exactness(Operation.LINEAR), "specification");
                }
            });
            for (int threads : threadCounts().subList(1, threadCounts().size())) {
                add(checks, precision + " with " + threads + " threads", device -> {
                    try (Backend other = open(threads)) {
                        of.agreesWith(device, other.devices().getFirst(), Exactness.BITS, threads + " threads");
                    }
                });
            }
        }
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
