package consumer;

import dev.hearth.ffi.NativeLibrary;

/** A program that loads the C library from its jar and prints what came of it. */
public final class OpenLibrary {
    private OpenLibrary() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        System.out.println(
                switch (NativeLibrary.open()) {
                    case NativeLibrary.Loaded loaded -> "loaded " + loaded.file();
                    case NativeLibrary.Unavailable none -> "unavailable " + none.reason();
                });
    }
}
