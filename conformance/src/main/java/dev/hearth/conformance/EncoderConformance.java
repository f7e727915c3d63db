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
 * Whole models that read whole texts, on a backend: the hidden states and logits of other implementations, the same bits in
 * every batch and with every number of threads, and the specification's own.
 */
public interface EncoderConformance extends Subject {
    /** The folders with an oracle to try, see {@link EncoderOracle#read}. */
    List<Path> folders();

    /** Every folder. */
    @TestFactory
    default Stream<DynamicNode> encoders() {
        return folders().stream()
                .map(folder -> DynamicContainer.dynamicContainer(
                        String.valueOf(folder.getFileName()), checks(EncoderOracle.read(folder))));
    }

    private List<DynamicTest> checks(EncoderOracle oracle) {
        List<DynamicTest> checks = new ArrayList<>();
        EncoderChecks exact = new EncoderChecks(oracle, Precision.EXACT);
        add(checks, "EXACT hidden states and logits", exact::agreesWithOracle);
        for (Precision precision : Precision.values()) {
            EncoderChecks of = new EncoderChecks(oracle, precision);
            add(checks, precision + " batches", of::batchesAgree);
            add(checks, precision + " as specified", device -> {
                try (HostDevice specification = new HostDevice("specification", ScalarKernels.ops())) {
                    of.agreesWith(specification, device, "specification");
                }
            });
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

    private void add(List<DynamicTest> checks, String name, Consumer<Device> check) {
        checks.add(DynamicTest.dynamicTest(name, () -> {
            try (Backend backend = open(threadCounts().getFirst())) {
                check.accept(backend.devices().getFirst());
            }
        }));
    }
}
