package dev.hearth.ffi;

import org.junit.jupiter.api.Assumptions;

/** The library of this build. A build without a C compiler has none: its tests are then skipped with a word, or fail if strict. */
final class TestLibrary {
    private TestLibrary() {}

    static CpuLibrary cpu() {
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded -> loaded.cpu();
            case NativeLibrary.Unavailable none -> {
                Assumptions.assumeTrue(Boolean.getBoolean("hearth.strict"), none.reason());
                throw new AssertionError(none.reason());
            }
        };
    }
}
