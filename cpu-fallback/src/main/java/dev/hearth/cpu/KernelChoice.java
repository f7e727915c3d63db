package dev.hearth.cpu;

import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.host.HostKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The kernels an engine gets.
 *
 * @param name source that they came from
 * @param description for logs
 * @param reason why these
 * @param passedOver what faster sources lack, each with its remedy; empty if the fastest was taken or the user chose
 */
record KernelChoice(String name, HostKernels kernels, String description, String reason, List<String> passedOver) {
    /** System property that names the source to use. */
    static final String PROPERTY = "hearth.cpu.kernels";

    /** Takes the first source that can be had, or the one that {@code wanted} names.
     *
     * @param sources fastest first
     * @param wanted value of {@link #PROPERTY}; null or empty leaves the choice open
     * @throws BackendUnavailableException if the wanted one is unknown or cannot be had, or none can
     */
    static KernelChoice of(List<KernelSource> sources, @Nullable String wanted) {
        return wanted == null || wanted.isEmpty() ? first(sources) : named(sources, wanted);
    }

    private static KernelChoice first(List<KernelSource> sources) {
        List<String> passedOver = new ArrayList<>();
        for (KernelSource source : sources) {
            switch (source.probe().get()) {
                case KernelSource.Found found -> {
                    String reason = passedOver.isEmpty() ? "the fastest here" : "the fastest that can be had here";
                    return new KernelChoice(
                            source.name(), found.kernels(), found.description(), reason, List.copyOf(passedOver));
                }
                case KernelSource.Missing missing ->
                    passedOver.add(source.name() + ": " + missing.reason() + "; " + missing.remedy());
            }
        }
        throw new BackendUnavailableException("cpu: no kernels: " + String.join("; ", passedOver));
    }

    private static KernelChoice named(List<KernelSource> sources, String wanted) {
        for (KernelSource source : sources) {
            if (source.name().equals(wanted)) {
                return switch (source.probe().get()) {
                    case KernelSource.Found found ->
                        new KernelChoice(
                                wanted,
                                found.kernels(),
                                found.description(),
                                "-D" + PROPERTY + "=" + wanted,
                                List.of());
                    case KernelSource.Missing missing ->
                        throw new BackendUnavailableException("cpu: -D" + PROPERTY + "=" + wanted + ": "
                                + missing.reason() + "; " + missing.remedy() + ", or choose among "
                                + possible(sources));
                };
            }
        }
        throw new BackendUnavailableException(
                "cpu: -D" + PROPERTY + ": expected one of " + possible(sources) + ", found " + wanted);
    }

    private static String possible(List<KernelSource> sources) {
        return sources.stream()
                .filter(source -> source.probe().get() instanceof KernelSource.Found)
                .map(KernelSource::name)
                .collect(Collectors.joining(", "));
    }
}
