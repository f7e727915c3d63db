package dev.hearth.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The emulated drivers of {@code native/gpu}, which run the kernels on the CPU: what they show is that results are right, and nothing about
 * speed. A build without a C++ compiler has none: its tests are then skipped with a word, or fail if strict.
 */
public final class Emulation {
    private final Path library;
    private final MethodHandle control;

    private Emulation(Path library) {
        this.library = library;
        try {
            this.control = Linker.nativeLinker()
                    .downcallHandle(
                            SymbolLookup.libraryLookup(library, Arena.ofAuto()).findOrThrow("hearth_emulator"),
                            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(library + " cannot be loaded", e);
        }
    }

    /**
     * The emulated driver that a backend finds from now on, and the image that it loads.
     *
     * @param backend as in {@code cuda}
     * @param library as in {@code libcuda.so.1}
     * @param warp 32 or 64
     */
    public static Emulation use(String backend, String library, int warp) {
        Path file = folder().resolve(library);
        if (!Files.exists(file)) {
            String reason = "expected " + file + ", found none: built without a C++ compiler";
            Assumptions.assumeTrue(Boolean.getBoolean("hearth.strict"), reason);
            throw new AssertionError(reason);
        }
        System.setProperty("hearth." + backend + ".library", file.toString());
        System.setProperty(KernelImage.property(backend), image(warp).toString());
        Emulation emulation = new Emulation(file);
        emulation.set("reset", 0);
        return emulation;
    }

    /** The image for a warp of so many threads. */
    public static Path image(int warp) {
        return folder().resolve("kernels-warp" + warp + ".so");
    }

    /** The repository. */
    public static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("expected to run inside the repository, found no mvnw above "
                        + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }

    private static Path folder() {
        return repository().resolve("native/target/gpu-emulation");
    }

    /** Turns one of the settings of {@code driver.h}, or reads one of its counts. */
    public long set(String what, long value) {
        try (Arena arena = Arena.ofConfined()) {
            long result = (long) control.invokeExact(arena.allocateFrom(what), value);
            if (result < 0) {
                throw new IllegalArgumentException(library + " has no setting " + what);
            }
            return result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A count of the driver: {@code allocations}, {@code launches}. */
    public long count(String what) {
        return set(what, 0);
    }
}
