package dev.hearth;

import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.BackendProvider;
import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.DeviceException;
import dev.hearth.spi.UnsupportedOnDeviceException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses a backend among those on the class path or module path. */
final class Backends {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private Backends() {}

    /**
     * The backend that computes with the files' own memory, beside another that has no room for all.
     *
     * @throws BackendUnavailableException if there is none
     */
    static Backend processor(BackendOptions options) {
        List<BackendProvider> providers = providers();
        for (BackendProvider provider : providers.reversed()) {
            try {
                Backend backend = provider.open(options);
                if (!backend.device().copiesWeights()) {
                    return backend;
                }
                backend.close();
            } catch (BackendUnavailableException e) {
                LOG.info("{}", e.getMessage());
            }
        }
        throw new BackendUnavailableException("backend: the model doesn't fit the devices, and none is there for the"
                + " rest; add dev.hearth:hearth-cpu to the dependencies");
    }

    private static List<BackendProvider> providers() {
        List<BackendProvider> providers = new ArrayList<>();
        ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader())
                .forEach(providers::add);
        providers.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
        return providers;
    }

    /**
     * What is made with the named backend, else with the first by rank that can be used and on which it can be made: what a device lacks in
     * operations or memory, the next may have.
     *
     * @param make owns the backend, also where it fails; what it throws on the last one is thrown
     * @throws BackendUnavailableException if there is none
     */
    static <T> T use(Optional<String> name, BackendOptions options, Function<Backend, T> make) {
        List<BackendProvider> providers = providers();
        List<String> names = providers.stream().map(BackendProvider::name).toList();
        providers.removeIf(provider -> name.isPresent() && !name.get().equals(provider.name()));
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < providers.size(); i++) {
            boolean last = i == providers.size() - 1;
            try {
                return make.apply(providers.get(i).open(options));
            } catch (BackendUnavailableException e) {
                reasons.add(e.getMessage());
            } catch (UnsupportedOnDeviceException | DeviceException | InsufficientMemoryException e) {
                if (last) {
                    throw e;
                }
                reasons.add(e.getMessage());
            }
            LOG.info("{}", reasons.getLast());
        }
        throw new BackendUnavailableException(name.map(n -> "backend " + n).orElse("backend")
                + ": none can be used; found are "
                + (names.isEmpty() ? "none: add dev.hearth:hearth-cpu to the dependencies" : names + " " + reasons));
    }
}
