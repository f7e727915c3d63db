package dev.hearth.cpu;

import dev.hearth.ffi.CpuLibrary;
import dev.hearth.ffi.Isa;
import dev.hearth.ffi.NativeLibrary;
import dev.hearth.spi.host.HostKernels;
import org.junit.jupiter.api.Assumptions;

/** The library of this build. A build without a C compiler has none: its tests are then skipped with a word, or fail if strict. */
final class TestLibrary {
    private TestLibrary() {}

    static CpuLibrary cpu() {
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded -> loaded.cpu();
            case NativeLibrary.Unavailable none -> {
                Assumptions.assumeTrue(Boolean.getBoolean("hearth.strict"), none.reason());
                throw new AssertionError("no C kernels: " + none.reason());
            }
        };
    }

    /** Its kernels in plain C. */
    static HostKernels plainC() {
        return upTo(Isa.PLAIN);
    }

    /** The most capable of its sets that this processor has and that isn't above another. */
    static HostKernels upTo(Isa most) {
        return new NativeKernels(cpu().usable().stream()
                .filter(k -> k.isa().compareTo(most) <= 0)
                .reduce((lower, higher) -> higher)
                .orElseThrow());
    }
}
