package dev.hearth.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The calls that make graphs of kernels: CUDA's and HIP's, which take the same but for the struct that describes a kernel. Handles are plain
 * numbers; every call gives the driver's status. Used by one thread at a time.
 */
public final class GraphCalls {
    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;

    /** Whose calls. */
    public static final class Dialect {
        /** Those of every driver of CUDA 12; the struct is CUDA_KERNEL_NODE_PARAMS_v2 of cuda.h. */
        public static final Dialect CUDA = new Dialect(
                "cuGraph",
                "_v2",
                MemoryLayout.structLayout(
                        LONG.withName("function"),
                        INT.withName("gridX"),
                        INT.withName("gridY"),
                        INT.withName("gridZ"),
                        INT.withName("threadsX"),
                        INT.withName("threadsY"),
                        INT.withName("threadsZ"),
                        INT.withName("sharedBytes"),
                        MemoryLayout.paddingLayout(4),
                        LONG.withName("parameters"),
                        LONG.withName("extra"),
                        LONG.withName("kernel"), // in place of the function: none
                        LONG.withName("context")));

        /**
         * Those of HIP 6; the struct is hipKernelNodeParams of hip_runtime_api.h. Its function may come from a module since ROCm 5.5; before
         * that the first kernel of a graph is refused.
         */
        public static final Dialect HIP = new Dialect(
                "hipGraph",
                "",
                MemoryLayout.structLayout(
                        INT.withName("threadsX"),
                        INT.withName("threadsY"),
                        INT.withName("threadsZ"),
                        MemoryLayout.paddingLayout(4),
                        LONG.withName("extra"),
                        LONG.withName("function"),
                        INT.withName("gridX"),
                        INT.withName("gridY"),
                        INT.withName("gridZ"),
                        MemoryLayout.paddingLayout(4),
                        LONG.withName("parameters"),
                        INT.withName("sharedBytes"),
                        MemoryLayout.paddingLayout(4)));

        private final String prefix;
        private final String version;
        private final StructLayout struct;

        private Dialect(String prefix, String version, StructLayout struct) {
            this.prefix = prefix;
            this.version = version;
            this.struct = struct;
        }

        /** Of what, as in {@code cuGraphLaunch}. */
        public String call(String what) {
            return prefix + what;
        }

        private String versioned(String what) {
            return prefix + what + version;
        }

        /** Where a member of the struct that describes a kernel lies, in bytes. */
        long offset(String member) {
            return struct.byteOffset(PathElement.groupElement(member));
        }

        /** Bytes of the struct. */
        long byteSize() {
            return struct.byteSize();
        }
    }

    private final Dialect dialect;
    private final MethodHandle create;
    private final MethodHandle addKernel;
    private final MethodHandle instantiate;
    private final MethodHandle setKernel;
    private final MethodHandle launch;
    private final MethodHandle destroyExecutable;
    private final MethodHandle destroy;
    private final MemorySegment node; // the struct
    private final MemorySegment parameters; // where the kernel's one parameter is
    private final MemorySegment behind;
    private final MemorySegment made;
    private final long function;
    private final long gridX;
    private final long gridY;

    private GraphCalls(DriverLibrary library, Dialect dialect, int threads, Arena arena) {
        this.dialect = dialect;
        create = call(library, dialect.call("Create"), LONG, INT);
        addKernel = call(library, dialect.versioned("AddKernelNode"), LONG, LONG, LONG, LONG, LONG);
        instantiate = call(library, dialect.call("InstantiateWithFlags"), LONG, LONG, LONG);
        setKernel = call(library, dialect.versioned("ExecKernelNodeSetParams"), LONG, LONG, LONG);
        launch = call(library, dialect.call("Launch"), LONG, LONG);
        destroyExecutable = call(library, dialect.call("ExecDestroy"), LONG);
        destroy = call(library, dialect.call("Destroy"), LONG);
        node = arena.allocate(dialect.struct);
        parameters = arena.allocate(ValueLayout.JAVA_LONG);
        behind = arena.allocate(ValueLayout.JAVA_LONG);
        made = arena.allocate(ValueLayout.JAVA_LONG);
        function = dialect.offset("function");
        gridX = dialect.offset("gridX");
        gridY = dialect.offset("gridY");
        node.set(ValueLayout.JAVA_INT, dialect.offset("gridZ"), 1);
        node.set(ValueLayout.JAVA_INT, dialect.offset("threadsX"), threads);
        node.set(ValueLayout.JAVA_INT, dialect.offset("threadsY"), 1);
        node.set(ValueLayout.JAVA_INT, dialect.offset("threadsZ"), 1);
        node.set(ValueLayout.JAVA_LONG, dialect.offset("parameters"), parameters.address());
    }

    private static MethodHandle call(DriverLibrary library, String name, MemoryLayout... arguments) {
        return library.function(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    /**
     * The calls, if the library has them all.
     *
     * @param threads of a block of every kernel
     * @param arena lives as long as calls are made
     */
    public static Optional<GraphCalls> find(DriverLibrary library, Dialect dialect, int threads, Arena arena) {
        try {
            return Optional.of(new GraphCalls(library, dialect, threads, arena));
        } catch (UnsatisfiedLinkError e) {
            return Optional.empty(); // an old driver
        }
    }

    /** Whose calls these are. */
    public Dialect dialect() {
        return dialect;
    }

    /** The handle that the last call has made. */
    public long made() {
        return made.get(ValueLayout.JAVA_LONG, 0);
    }

    /** Makes a graph without kernels. */
    public int create() {
        return status(() -> (int) create.invokeExact(made.address(), 0));
    }

    /** Makes a node: gridX * gridY blocks of a kernel with one struct of parameters, after another node, or 0 for none. */
    public int addKernel(long graph, long after, long kernel, int blocksX, int blocksY, long parametersAt) {
        describe(kernel, blocksX, blocksY, parametersAt);
        behind.set(ValueLayout.JAVA_LONG, 0, after);
        long count = after == 0 ? 0 : 1;
        return status(
                () -> (int) addKernel.invokeExact(made.address(), graph, behind.address(), count, node.address()));
    }

    /** Makes what can be launched of a graph. */
    public int instantiate(long graph) {
        return status(() -> (int) instantiate.invokeExact(made.address(), graph, 0L));
    }

    /** Changes a node of what was instantiated, from the next launch on. */
    public int setKernel(long executable, long at, long kernel, int blocksX, int blocksY, long parametersAt) {
        describe(kernel, blocksX, blocksY, parametersAt);
        return status(() -> (int) setKernel.invokeExact(executable, at, node.address()));
    }

    /** Enqueues what was instantiated. */
    public int launch(long executable, long stream) {
        return status(() -> (int) launch.invokeExact(executable, stream));
    }

    /** Frees what was instantiated, once it has run. */
    public int destroyExecutable(long executable) {
        return status(() -> (int) destroyExecutable.invokeExact(executable));
    }

    /** Frees a graph and its nodes. */
    public int destroy(long graph) {
        return status(() -> (int) destroy.invokeExact(graph));
    }

    private void describe(long kernel, int blocksX, int blocksY, long parametersAt) {
        node.set(ValueLayout.JAVA_LONG, function, kernel);
        node.set(ValueLayout.JAVA_INT, gridX, blocksX);
        node.set(ValueLayout.JAVA_INT, gridY, blocksY);
        parameters.set(ValueLayout.JAVA_LONG, 0, parametersAt);
    }

    @FunctionalInterface
    private interface Call {
        int status() throws Throwable;
    }

    private static int status(Call call) {
        try {
            return call.status();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("graph", e);
        }
    }
}
