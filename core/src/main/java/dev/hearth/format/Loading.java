package dev.hearth.format;

/** How the bytes of a model file get into memory. */
public enum Loading {
    /**
     * The file is mapped: pages are read when touched, shared between processes, and given back under pressure. If another
     * process truncates the file meanwhile, the operating system kills this one (SIGBUS) when native code touches a lost
     * page; overwriting a model by renaming a new file over it is safe.
     */
    MAPPED,
    /** The file is copied into native memory while it is opened; what happens to it later doesn't matter. */
    IN_MEMORY
}
