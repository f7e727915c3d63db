package dev.hearth;

import dev.hearth.model.ModelConfig;
import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.MemoryInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which devices a model's layers run on.
 *
 * @param config the model, each layer with its stage
 * @param memory what is free beside the weights, as if it were one device: as much as can be shared out as the layers' states are
 */
record DevicePlan(ModelConfig config, List<Device> devices, MemoryInfo memory) {
    DevicePlan {
        devices = List.copyOf(devices);
    }

    /** As logs say it: {@code cpu (C, AVX2, 4 threads)}, or {@code layers 0 to 11 on cpu, 12 to 27 on cuda:0} and what these are. */
    String describe(List<Backend> backends) {
        if (devices.size() == 1) {
            return backends.stream()
                    .filter(backend -> backend.device().equals(devices.getFirst()))
                    .findFirst()
                    .orElseThrow()
                    .description();
        }
        String what = backends.stream().map(Backend::description).collect(Collectors.joining(", "));
        List<String> parts = new ArrayList<>();
        int first = 0;
        for (int stage = 0; stage < devices.size(); stage++) {
            int at = stage;
            int count =
                    (int) config.layers().stream().filter(l -> l.stage() == at).count();
            parts.add(first + " to " + (first + count - 1) + " on "
                    + devices.get(stage).name());
            first += count;
        }
        return parts.stream().collect(Collectors.joining(", ", "layers ", ": " + what));
    }
}
