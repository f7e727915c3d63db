package dev.hearth.cpu;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.ffi.CpuLibrary;
import dev.hearth.ffi.Isa;
import dev.hearth.ffi.NativeLibrary;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the C kernels of this machine, or of the instruction set that the user asks for. */
final class NativeChoice {
    /** System property that names an instruction set, before the variable {@link #VARIABLE} of the environment. */
    static final String PROPERTY = "hearth.cpu.isa";

    /** Variable of the environment that names an instruction set. */
    static final String VARIABLE = "HEARTH_CPU_ISA";

    private NativeChoice() {}

    static KernelSource.Probe probe() {
        String property = System.getProperty(PROPERTY, "");
        String wanted = property.isEmpty() ? System.getenv(VARIABLE) : property;
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded -> choose(loaded.cpu(), wanted);
            case NativeLibrary.Unavailable none ->
                new KernelSource.Missing(none.reason(), "use a build of hearth-native for this platform");
        };
    }

    /** The best kernels, or those of the instruction set {@code wanted}, unless it is null or empty. */
    static KernelSource.Probe choose(CpuLibrary library, @Nullable String wanted) {
        if (wanted == null || wanted.isEmpty()) {
            return found(library.best());
        }
        for (CpuKernels kernels : library.usable()) {
            if (name(kernels.isa()).equals(wanted.toLowerCase(Locale.ROOT))) {
                return found(kernels);
            }
        }
        return new KernelSource.Missing(
                PROPERTY + " or " + VARIABLE + ": expected one of "
                        + library.usable().stream()
                                .map(kernels -> name(kernels.isa()))
                                .toList() + ", found " + wanted,
                "leave it unset for the best");
    }

    private static KernelSource.Found found(CpuKernels kernels) {
        return new KernelSource.Found(new NativeKernels(kernels), "C, " + name(kernels.isa()));
    }

    private static String name(Isa isa) {
        return isa.name().toLowerCase(Locale.ROOT);
    }
}
