package dev.hearth.rocm;

import dev.hearth.ffi.DriverLibrary;
import dev.hearth.spi.DeviceException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The functions of libamdhip64 that the driver calls: handles and addresses are plain numbers. Thread-safe. */
final class HipCalls {
    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    final MethodHandle init;
    final MethodHandle driverVersion;
    final MethodHandle deviceCount;
    final MethodHandle setDevice;
    final MethodHandle deviceName;
    final MethodHandle memoryInfo;
    final MethodHandle allocate;
    final MethodHandle free;
    final MethodHandle hostRegister;
    final MethodHandle hostUnregister;
    final MethodHandle copy;
    final MethodHandle fill;
    final MethodHandle loadModule;
    final MethodHandle unloadModule;
    final MethodHandle function;
    final MethodHandle createStream;
    final MethodHandle destroyStream;
    final MethodHandle synchronize;
    final MethodHandle createEvent;
    final MethodHandle recordEvent;
    final MethodHandle awaitEvent;
    final MethodHandle destroyEvent;
    private final MethodHandle errorName;
    private final MethodHandle errorText;

    /** Finds them all. @throws UnsatisfiedLinkError if the library lacks one */
    HipCalls(DriverLibrary library) {
        init = call(library, "hipInit", INT);
        driverVersion = call(library, "hipDriverGetVersion", POINTER);
        deviceCount = call(library, "hipGetDeviceCount", POINTER);
        setDevice = call(library, "hipSetDevice", INT);
        deviceName = call(library, "hipDeviceGetName", POINTER, INT, INT);
        memoryInfo = call(library, "hipMemGetInfo", POINTER, POINTER);
        allocate = call(library, "hipMalloc", POINTER, LONG);
        free = call(library, "hipFree", LONG);
        hostRegister = call(library, "hipHostRegister", LONG, LONG, INT);
        hostUnregister = call(library, "hipHostUnregister", LONG);
        copy = call(library, "hipMemcpyAsync", LONG, LONG, LONG, INT, LONG);
        fill = call(library, "hipMemsetAsync", LONG, INT, LONG, LONG);
        loadModule = call(library, "hipModuleLoadData", POINTER, POINTER);
        unloadModule = call(library, "hipModuleUnload", LONG);
        function = call(library, "hipModuleGetFunction", POINTER, LONG, POINTER);
        createStream = call(library, "hipStreamCreate", POINTER);
        destroyStream = call(library, "hipStreamDestroy", LONG);
        synchronize = call(library, "hipStreamSynchronize", LONG);
        createEvent = call(library, "hipEventCreateWithFlags", POINTER, INT);
        recordEvent = call(library, "hipEventRecord", LONG, LONG);
        awaitEvent = call(library, "hipEventSynchronize", LONG);
        destroyEvent = call(library, "hipEventDestroy", LONG);
        errorName = library.function("hipGetErrorName", FunctionDescriptor.of(ValueLayout.ADDRESS, INT));
        errorText = library.function("hipGetErrorString", FunctionDescriptor.of(ValueLayout.ADDRESS, INT));
    }

    private static MethodHandle call(DriverLibrary library, String name, MemoryLayout... arguments) {
        return library.function(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    /** One call with its arguments. */
    @FunctionalInterface
    interface Call {
        /** The status. */
        int status() throws Throwable;
    }

    /** Makes a call and returns its status. */
    static int status(Call call) {
        try {
            return call.status();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("hip", e);
        }
    }

    /** Checks a status. @throws DeviceException that names {@code what}, the device and the error */
    void check(int status, String what, String device) {
        if (status != 0) {
            throw new DeviceException(what + " on " + device + ": " + text(status) + " (" + status + ")");
        }
    }

    /** What the driver calls a status, with its explanation. */
    String text(int status) {
        try {
            return DriverLibrary.text((MemorySegment) errorName.invokeExact(status)) + ": "
                    + DriverLibrary.text((MemorySegment) errorText.invokeExact(status));
        } catch (Throwable e) {
            throw new IllegalStateException("hipGetErrorName", e);
        }
    }
}
