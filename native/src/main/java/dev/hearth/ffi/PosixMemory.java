package dev.hearth.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** Address space by POSIX's {@code mmap}, on Linux, macOS and the BSDs. Thread-safe. */
public final class PosixMemory {
    static final long ALIGNMENT = 2 << 20; // a large page of x86-64 and of aarch64 with small ones of 4 KiB
    static final int LINUX_PRIVATE_ANONYMOUS = 0x22; // bits/mman-linux.h, as the next two
    static final int LINUX_NORESERVE = 0x4000;
    private static final int PROT_READ_WRITE = 3; // the same everywhere
    private static final int BSD_PRIVATE_ANON =
            0x1002; // sys/mman.h of macOS and the BSDs, which reserve nothing beforehand

    private final MethodHandle map;
    private final MethodHandle unmap;
    private final int flags;

    PosixMemory(Linker linker, int flags) {
        this.flags = flags;
        map = handle(
                linker,
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
        unmap = handle(
                linker,
                "munmap",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    private static MethodHandle handle(Linker linker, String name, FunctionDescriptor type) {
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    /** The calls; empty on Windows and systems that aren't known, or where Java may not call native code. */
    public static Optional<PosixMemory> open() {
        OptionalInt flags = flags(System.getProperty("os.name", ""));
        try {
            return flags.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new PosixMemory(Linker.nativeLinker(), flags.getAsInt()));
        } catch (IllegalCallerException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    /** What makes address space without memory of a system, by its name. */
    static OptionalInt flags(String system) {
        String name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("linux")) {
            return OptionalInt.of(LINUX_PRIVATE_ANONYMOUS | LINUX_NORESERVE);
        }
        return name.startsWith("mac") || name.contains("bsd") ? OptionalInt.of(BSD_PRIVATE_ANON) : OptionalInt.empty();
    }

    /**
     * Address space at a multiple of 2 MiB, zeroed, that takes memory as it is touched. Freed with the arena.
     *
     * @throws OutOfMemoryError if the system gives none
     */
    public MemorySegment reserve(long bytes, Arena arena) {
        return map(bytes, flags, arena);
    }

    MemorySegment map(long bytes, int how, Arena arena) {
        long mapped = Math.addExact(bytes, ALIGNMENT);
        try {
            long start = (long) map.invokeExact(0L, mapped, PROT_READ_WRITE, how, -1, 0L);
            if (start == -1) {
                throw new OutOfMemoryError("mmap of " + mapped + " bytes");
            }
            long aligned = (start + ALIGNMENT - 1) & -ALIGNMENT;
            return MemorySegment.ofAddress(aligned).reinterpret(bytes, arena, memory -> free(start, mapped));
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mmap", e);
        }
    }

    private void free(long start, long bytes) {
        try {
            int status = (int) unmap.invokeExact(start, bytes);
            assert status == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("munmap", e);
        }
    }
}
