package dev.hearth.ffi;

import java.nio.file.Path;

/**
 * The C library, or why there is none.
 *
 * <p>Three system properties say where it comes from: {@value #LIBRARY} names a file to load as it is; {@value #FOLDER}
 * a folder to extract to, in place of {@code ~/.cache/hearth/native} and, where that cannot be written or executed, a
 * folder of this process alone under {@code java.io.tmpdir}. A class path that is a folder is loaded from in place.
 */
public sealed interface NativeLibrary {
    /** System property: the library's file. */
    String LIBRARY = "hearth.native.library";

    /** System property: the folder to extract to; an own folder inside it is named by the library's content. */
    String FOLDER = "hearth.native.dir";

    /**
     * The library, loaded.
     *
     * @param file where it was loaded from
     * @param cpu its kernels
     */
    record Loaded(Path file, CpuLibrary cpu) implements NativeLibrary {}

    /**
     * No library.
     *
     * @param reason as <i>place: expected, found; remedy</i>
     */
    record Unavailable(String reason) implements NativeLibrary {}

    /**
     * Finds and loads the library and tries each of its instruction sets, in a few milliseconds. Nothing that goes
     * wrong is thrown. Any thread may call it, as often as it likes; processes that start at the same time don't
     * disturb one another.
     */
    static NativeLibrary open() {
        return new LibraryLoader(System.getProperties(), LibraryLoader::load).open();
    }
}
