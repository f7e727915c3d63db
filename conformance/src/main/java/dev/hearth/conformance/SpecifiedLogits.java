package dev.hearth.conformance;

import dev.hearth.spi.Precision;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.reference.ScalarKernels;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The logits that the specification gives for the cases of models, computed when first asked for. Tests that load models in the same way may
 * share them; where memory is short they are forgotten. For any thread.
 */
public final class SpecifiedLogits {
    private record Key(Path model, Precision precision) {}

    private final Map<Key, SoftReference<List<float[][]>>> computed = new ConcurrentHashMap<>();

    /** [case][position][vocabulary]. */
    List<float[][]> of(ModelChecks checks, OracleFiles oracle, Precision precision) {
        Key key = new Key(oracle.model(), precision);
        List<float[][]> known = known(computed.get(key));
        while (known == null) {
            known = known(computed.compute(key, (k, last) -> known(last) != null ? last : compute(checks)));
        }
        return known;
    }

    private static @Nullable List<float[][]> known(@Nullable SoftReference<List<float[][]>> reference) {
        return reference == null ? null : reference.get();
    }

    private static SoftReference<List<float[][]>> compute(ModelChecks checks) {
        try (HostDevice device = new HostDevice("specification", ScalarKernels.ops())) {
            return new SoftReference<>(checks.logits(device));
        }
    }
}
