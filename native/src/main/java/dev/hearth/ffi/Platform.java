package dev.hearth.ffi;

import java.util.Locale;
import java.util.Optional;

/** An operating system and an architecture as the folders of the jar name them: {@code linux-x86_64}. */
record Platform(String os, String architecture) {
    /** From the system properties {@code os.name} and {@code os.arch}; empty where the library isn't built for it. */
    static Optional<Platform> of(String osName, String osArchitecture) {
        String name = osName.toLowerCase(Locale.ROOT);
        String os = name.startsWith("linux")
                ? "linux"
                : name.startsWith("mac") ? "macos" : name.startsWith("windows") ? "windows" : "";
        String architecture = switch (osArchitecture.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> "";
        };
        return os.isEmpty() || architecture.isEmpty() ? Optional.empty() : Optional.of(new Platform(os, architecture));
    }

    /** The library's file name. */
    String libraryName() {
        return switch (os) {
            case "windows" -> "hearth_cpu.dll";
            case "macos" -> "libhearth_cpu.dylib";
            default -> "libhearth_cpu.so";
        };
    }

    @Override
    public String toString() {
        return os + "-" + architecture;
    }
}
