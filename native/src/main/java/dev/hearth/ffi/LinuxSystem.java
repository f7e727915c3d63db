package dev.hearth.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;
import java.util.Locale;
import java.util.Optional;

/** Calls of Linux's C library that Java has no class for. Thread-safe. */
public final class LinuxSystem {
    private static final int MASK_BYTES = 1024; // 8192 processors, the most that a kernel is built for
    private static final int MADV_HUGEPAGE = 14; // bits/mman-linux.h, as the next
    private static final int MADV_NOHUGEPAGE = 15;

    private static final int RESERVED = PosixMemory.LINUX_PRIVATE_ANONYMOUS | PosixMemory.LINUX_NORESERVE;

    private final MethodHandle getAffinity;
    private final MethodHandle setAffinity;
    private final PosixMemory memory;
    private final MethodHandle advise;

    private LinuxSystem(Linker linker) {
        FunctionDescriptor affinity = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
        getAffinity = handle(linker, "sched_getaffinity", affinity);
        setAffinity = handle(linker, "sched_setaffinity", affinity);
        memory = new PosixMemory(linker, RESERVED);
        advise = handle(
                linker,
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    private static MethodHandle handle(Linker linker, String name, FunctionDescriptor type) {
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    /** The calls; empty on another system, or where Java may not call native code. */
    public static Optional<LinuxSystem> open() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LinuxSystem(Linker.nativeLinker()));
        } catch (IllegalCallerException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    /** The processors that the calling thread may run on; empty if the system doesn't say. */
    public BitSet affinity() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            int status = (int) getAffinity.invokeExact(0, (long) MASK_BYTES, mask);
            return status < 0 ? new BitSet() : BitSet.valueOf(mask.asByteBuffer());
        } catch (Throwable e) {
            throw new IllegalStateException("sched_getaffinity", e);
        }
    }

    /** Keeps the calling thread, and those that it starts, on these processors; false if the system refuses. */
    public boolean setAffinity(BitSet processors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            byte[] bits = processors.toByteArray();
            mask.asSlice(0, bits.length).copyFrom(MemorySegment.ofArray(bits));
            return (int) setAffinity.invokeExact(0, (long) MASK_BYTES, mask) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("sched_setaffinity", e);
        }
    }

    /**
     * Zeroed memory at a multiple of 2 MiB that takes pages of 2 MiB, where the system has them, as it is touched. Freed with the arena.
     *
     * @throws OutOfMemoryError if the system gives none
     */
    public MemorySegment allocateHuge(long bytes, Arena arena) {
        MemorySegment mapped = memory.map(bytes, PosixMemory.LINUX_PRIVATE_ANONYMOUS, arena);
        adviseHuge(mapped, 0, bytes);
        return mapped;
    }

    /**
     * Address space at a multiple of 2 MiB, zeroed, that takes memory in small pages as it is touched: {@link #adviseHuge} says
     * where large ones are better. Freed with the arena.
     *
     * @throws OutOfMemoryError if the system gives none
     */
    public MemorySegment reserve(long bytes, Arena arena) {
        MemorySegment space = memory.reserve(bytes, arena);
        advise(space.address(), bytes, MADV_NOHUGEPAGE);
        return space;
    }

    /** Has pages of 2 MiB taken, where the system has them, for what lies wholly in these bytes of such memory and wasn't touched yet. */
    public void adviseHuge(MemorySegment of, long offset, long bytes) {
        long from = (of.address() + offset + PosixMemory.ALIGNMENT - 1) & -PosixMemory.ALIGNMENT;
        long to = (of.address() + offset + bytes) & -PosixMemory.ALIGNMENT;
        if (from < to) {
            advise(from, to - from, MADV_HUGEPAGE);
        }
    }

    private void advise(long address, long bytes, int advice) {
        try {
            int refused = (int) advise.invokeExact(address, bytes, advice);
            assert refused == 0 || refused == -1; // pages of another size are memory all the same
        } catch (Throwable e) {
            throw new IllegalStateException("madvise", e);
        }
    }
}
