package dev.hearth.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The call that starts a kernel: CUDA's cuLaunchKernel or HIP's hipModuleLaunchKernel, which take the same. A kernel's parameters go as
 * one block of bytes, whose size the driver checks. Used by one thread at a time.
 */
public final class LaunchCall {
    private static final long POINTER = 1; // CU_LAUNCH_PARAM_BUFFER_POINTER and HIP's
    private static final long SIZE = 2;

    private final MethodHandle call;
    private final MemorySegment extra;
    private final MemorySegment size;

    /**
     * The call.
     *
     * @param function cuLaunchKernel or hipModuleLaunchKernel
     * @param end what ends the list of extra arguments: 0 of CUDA, 3 of HIP
     * @param arena lives as long as launches are made
     */
    public LaunchCall(DriverLibrary library, String function, long end, Arena arena) {
        call = library.function(
                function,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG, // function
                        ValueLayout.JAVA_INT, // blocks, x y z
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT, // threads of a block, x y z
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT, // bytes of shared memory
                        ValueLayout.JAVA_LONG, // stream
                        ValueLayout.JAVA_LONG, // parameters one by one: none
                        ValueLayout.JAVA_LONG)); // extra
        size = arena.allocate(ValueLayout.JAVA_LONG);
        extra = arena.allocate(ValueLayout.JAVA_LONG, 5);
        extra.setAtIndex(ValueLayout.JAVA_LONG, 0, POINTER);
        extra.setAtIndex(ValueLayout.JAVA_LONG, 2, SIZE);
        extra.setAtIndex(ValueLayout.JAVA_LONG, 3, size.address());
        extra.setAtIndex(ValueLayout.JAVA_LONG, 4, end);
    }

    /**
     * Enqueues gridX * gridY blocks of so many threads.
     *
     * @param parameters the kernel's one struct
     * @return the driver's status
     */
    public int launch(long function, int gridX, int gridY, int threads, long stream, MemorySegment parameters) {
        size.set(ValueLayout.JAVA_LONG, 0, parameters.byteSize());
        extra.setAtIndex(ValueLayout.JAVA_LONG, 1, parameters.address());
        try {
            return (int) call.invokeExact(function, gridX, gridY, 1, threads, 1, 1, 0, stream, 0L, extra.address());
        } catch (Throwable e) {
            throw new IllegalStateException("launch", e);
        }
    }
}
