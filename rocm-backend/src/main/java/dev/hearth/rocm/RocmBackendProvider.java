package dev.hearth.rocm;

import dev.hearth.ffi.DriverLibrary;
import dev.hearth.gpu.GpuBackend;
import dev.hearth.gpu.KernelImage;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.BackendProvider;
import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The AMD GPUs, where there are any with HIP 6 or newer. The system property {@value #LIBRARY} names another file in place of the
 * system's libamdhip64, {@code hearth.rocm.image} another image of kernels. Thread-safe.
 */
public final class RocmBackendProvider implements BackendProvider {
    /** System property: the file of the driver's library. */
    public static final String LIBRARY = "hearth.rocm.library";

    private static final Logger LOG = LoggerFactory.getLogger(RocmBackendProvider.class);
    private static final int LEAST_VERSION =
            60_000_000; // as hipDriverGetVersion counts: 10^7 * major + 10^5 * minor + patch

    /** For {@link java.util.ServiceLoader}. */
    public RocmBackendProvider() {}

    @Override
    public String name() {
        return "rocm";
    }

    @Override
    public int rank() {
        return 90;
    }

    /**
     * Opens the first device, and the others when they are asked for; options are the CPU's alone and change nothing.
     *
     * @throws BackendUnavailableException if there is no driver, no device, or an older driver; says which
     */
    @Override
    public Backend open(BackendOptions options) {
        try {
            DriverLibrary library = library();
            HipCalls hip = new HipCalls(library);
            int version = version(hip);
            byte[] image = KernelImage.load("rocm", RocmBackendProvider.class);
            Backend backend = new GpuBackend(count(hip), i -> new HipDriver(library, hip, i, version, image));
            LOG.info("{}: used", backend.description());
            return backend;
        } catch (LinkageError e) {
            throw new BackendUnavailableException("rocm: not used: expected AMD's driver, found " + e.getMessage());
        } catch (IllegalCallerException e) {
            throw new BackendUnavailableException(
                    "rocm: not used: expected leave to call native code, found none; start java with "
                            + DriverLibrary.missingFlag());
        } catch (DeviceException e) {
            throw new BackendUnavailableException("rocm: not used: " + e.getMessage());
        }
    }

    private static DriverLibrary library() {
        String file = System.getProperty(LIBRARY);
        return file == null
                ? DriverLibrary.open(List.of("libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so"))
                : DriverLibrary.load(Path.of(file));
    }

    private static int version(HipCalls hip) {
        int status = HipCalls.status(() -> (int) hip.init.invokeExact(0));
        if (status != 0) {
            throw new BackendUnavailableException(
                    "rocm: not used: expected a device, found none: " + hip.text(status) + " (" + status + ")");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
            HipCalls.status(() -> (int) hip.driverVersion.invokeExact(out));
            int version = out.get(ValueLayout.JAVA_INT, 0);
            if (version < LEAST_VERSION) {
                throw new BackendUnavailableException("rocm: not used: HIP " + version / 10_000_000
                        + " is older than 6; update it, or leave the choice to the engine");
            }
            return version;
        }
    }

    private static int count(HipCalls hip) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
            int counted = HipCalls.status(() -> (int) hip.deviceCount.invokeExact(out));
            if (counted != 0 || out.get(ValueLayout.JAVA_INT, 0) < 1) {
                throw new BackendUnavailableException("rocm: not used: expected a device, found none");
            }
            return out.get(ValueLayout.JAVA_INT, 0);
        }
    }
}
