package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import java.io.IOException;
import java.lang.foreign.SymbolLookup;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt to load the library: goes through the places where it may lie until one works. */
final class LibraryLoader {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    private final Properties properties;
    private final Consumer<Path> load;
    private final List<String> failures = new ArrayList<>();

    /**
     * An attempt.
     *
     * @param properties the system's, or a test's
     * @param load {@link #load}, or a test's
     */
    LibraryLoader(Properties properties, Consumer<Path> load) {
        this.properties = properties;
        this.load = load;
    }

    /** What {@link System#load} does, in the name of this module. */
    static void load(Path file) {
        System.load(file.toString());
    }

    NativeLibrary open() {
        try {
            NativeLibrary library = find();
            switch (library) {
                case NativeLibrary.Loaded loaded -> LOG.debug("{}: loaded, {}", loaded.file(), loaded.cpu());
                case NativeLibrary.Unavailable none -> LOG.debug("{}", none.reason());
            }
            return library;
        } catch (IOException | InvalidPathException e) {
            return new NativeLibrary.Unavailable("native: " + e.getMessage());
        } catch (IllegalCallerException e) {
            return new NativeLibrary.Unavailable(
                    "native: expected leave to call native code, found none; start java with "
                            + missingFlag(LibraryLoader.class.getModule()));
        }
    }

    /** The flag that lets a module call native code. */
    static String missingFlag(Module module) {
        return "--enable-native-access=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }

    private NativeLibrary find() throws IOException {
        String given = properties.getProperty(NativeLibrary.LIBRARY);
        if (given != null) {
            Optional<NativeLibrary> loaded = attempt(() -> Path.of(given).toAbsolutePath());
            return loaded.orElseGet(
                    () -> unavailable(NativeLibrary.LIBRARY + "=" + given, "name another file, or none"));
        }
        String os = properties.getProperty("os.name", "") + " " + properties.getProperty("os.arch", "");
        Optional<Platform> platform =
                Platform.of(properties.getProperty("os.name", ""), properties.getProperty("os.arch", ""));
        Optional<LibraryImage> image = platform.isPresent() ? LibraryImage.find(platform.get()) : Optional.empty();
        if (image.isEmpty()) {
            return new NativeLibrary.Unavailable("native: expected a library for "
                    + platform.map(Platform::toString).orElse(os)
                    + ", found none in the jar; build one, or name its file in " + NativeLibrary.LIBRARY);
        }
        return extractAndLoad(image.get())
                .orElseGet(() -> unavailable(
                        image.get().platform().toString(),
                        "name a folder that can be written and executed in " + NativeLibrary.FOLDER));
    }

    private Optional<NativeLibrary> extractAndLoad(LibraryImage image) {
        String folder = properties.getProperty(NativeLibrary.FOLDER);
        if (folder != null) {
            return attempt(() -> LibraryFolder.shared(Path.of(folder), image));
        }
        var home = Path.of(properties.getProperty("user.home", ""), ".cache", "hearth", "native");
        var temporary = Path.of(properties.getProperty("java.io.tmpdir", ""));
        return image.file()
                .flatMap(file -> attempt(() -> file))
                .or(() -> attempt(() -> LibraryFolder.shared(home, image)))
                .or(() -> attempt(() -> LibraryFolder.temporary(temporary, image)));
    }

    /** A place to load from. */
    private interface Source {
        Path file() throws IOException;
    }

    /** The library from one place. That it cannot be written, executed, or loaded there is kept for the reason. */
    private Optional<NativeLibrary> attempt(Source source) {
        @Nullable Path file = null;
        try {
            file = source.file();
            load.accept(file); // fails on noexec, and on a file that another class loader has loaded
            return Optional.of(probe(file));
        } catch (IOException | LinkageError e) {
            failures.add(file == null ? e.toString() : file + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private NativeLibrary probe(Path file) {
        if (SymbolLookup.loaderLookup().find("hearth_abi").isEmpty()) {
            return new NativeLibrary.Unavailable(file + ": expected Hearth's library, found one without hearth_abi");
        }
        int found = hearth_cpu_h.hearth_abi();
        if (found != hearth_cpu_h.HEARTH_ABI()) {
            return new NativeLibrary.Unavailable(file + ": expected interface " + hearth_cpu_h.HEARTH_ABI() + ", found "
                    + found + "; it was built from other sources than these classes");
        }
        CpuLibrary cpu = CpuLibrary.probe();
        return cpu.usable().isEmpty()
                ? new NativeLibrary.Unavailable(file + ": no instruction set gives the right answers on this processor")
                : new NativeLibrary.Loaded(file, cpu);
    }

    private NativeLibrary unavailable(String what, String remedy) {
        return new NativeLibrary.Unavailable(
                "native: " + what + " cannot be loaded: " + String.join("; ", failures) + "; " + remedy);
    }
}
