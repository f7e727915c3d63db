package dev.hearth.ffi;

/** The library of this build, which every test below needs: there is no skipping. */
final class TestLibrary {
    private TestLibrary() {}

    static CpuLibrary cpu() {
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded -> loaded.cpu();
            case NativeLibrary.Unavailable none -> throw new AssertionError(none.reason());
        };
    }
}
