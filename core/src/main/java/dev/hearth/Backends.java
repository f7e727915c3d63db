package dev.hearth;

import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.BackendProvider;
import dev.hearth.spi.BackendUnavailableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses a backend among those on the class path or module path. */
final class Backends {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private Backends() {}

    /** The named one, else the available one of the greatest rank. @throws BackendUnavailableException if there is none */
    static Backend open(Optional<String> name, BackendOptions options) {
        List<BackendProvider> providers = new ArrayList<>();
        ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader())
                .forEach(providers::add);
        providers.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
        List<String> reasons = new ArrayList<>();
        for (BackendProvider provider : providers) {
            if (name.isEmpty() || name.get().equals(provider.name())) {
                try {
                    return provider.open(options);
                } catch (BackendUnavailableException e) {
                    LOG.info("{}", e.getMessage());
                    reasons.add(e.getMessage());
                }
            }
        }
        List<String> names = providers.stream().map(BackendProvider::name).toList();
        throw new BackendUnavailableException(name.map(n -> "backend " + n).orElse("backend")
                + ": none can be used; found are "
                + (names.isEmpty() ? "none: add dev.hearth:hearth-cpu to the dependencies" : names + " " + reasons));
    }
}
