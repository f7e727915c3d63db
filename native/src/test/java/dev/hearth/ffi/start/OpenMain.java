package dev.hearth.ffi.start;

import dev.hearth.ffi.NativeLibrary;

/** A process that opens the library and prints what came of it in one line. */
public final class OpenMain {
    private OpenMain() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded -> System.out.println("loaded " + loaded.file());
            case NativeLibrary.Unavailable none -> System.out.println("unavailable " + none.reason());
        }
    }
}
