package dev.hearth.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The library of a GPU's driver, by name or by file, for as long as the process runs. Thread-safe. */
public final class DriverLibrary {
    private static final int MOST_TEXT_BYTES = 4096;

    private final String name;
    private final SymbolLookup symbols;

    private DriverLibrary(String name, SymbolLookup symbols) {
        this.name = name;
        this.symbols = symbols;
    }

    /**
     * The first of these libraries that the system finds.
     *
     * @throws UnsatisfiedLinkError if it finds none; names them
     * @throws IllegalCallerException if this module may not call native code
     */
    public static DriverLibrary open(List<String> names) {
        return names.stream()
                .flatMap(name -> find(name).stream())
                .findFirst()
                .orElseThrow(() -> new UnsatisfiedLinkError("no library " + String.join(" or ", names) + " was found"));
    }

    private static Optional<DriverLibrary> find(String name) {
        try {
            return Optional.of(new DriverLibrary(name, SymbolLookup.libraryLookup(name, Arena.ofAuto())));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not there: the next may be
        }
    }

    /**
     * The library in a file, which then also serves whoever asks for it by the name that is in it.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    public static DriverLibrary load(Path file) {
        Path absolute = file.toAbsolutePath();
        System.load(absolute.toString());
        return new DriverLibrary(absolute.toString(), SymbolLookup.libraryLookup(absolute, Arena.ofAuto()));
    }

    /** The flag that this module's calls need. */
    public static String missingFlag() {
        return LibraryLoader.missingFlag(DriverLibrary.class.getModule());
    }

    /** A function of the library. @throws UnsatisfiedLinkError if it has none of that name */
    public MethodHandle function(String function, FunctionDescriptor type) {
        MemorySegment address = symbols.find(function)
                .orElseThrow(() -> new UnsatisfiedLinkError(name + " has no function " + function));
        return Linker.nativeLinker().downcallHandle(address, type);
    }

    /** The text that a function gave, up to its end. */
    public static String text(MemorySegment start) {
        return start.address() == 0 ? "" : start.reinterpret(MOST_TEXT_BYTES).getString(0);
    }
}
