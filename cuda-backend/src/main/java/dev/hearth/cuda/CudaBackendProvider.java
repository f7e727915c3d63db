package dev.hearth.cuda;

import dev.hearth.ffi.DriverLibrary;
import dev.hearth.gpu.GpuBackend;
import dev.hearth.gpu.KernelImage;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.BackendProvider;
import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.DeviceException;
import java.nio.file.Path;
import java.util.List;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The NVIDIA GPUs, where there are any with a driver of CUDA 12 or newer. The system property {@value #LIBRARY} names another file
 * in place of the system's libcuda, {@code hearth.cuda.image} another image of kernels. Thread-safe.
 */
public final class CudaBackendProvider implements BackendProvider {
    /** System property: the file of the driver's library. */
    public static final String LIBRARY = "hearth.cuda.library";

    private static final Logger LOG = LoggerFactory.getLogger(CudaBackendProvider.class);
    private static final int LEAST_VERSION = 12000; // as cuDriverGetVersion counts: 1000 * major + 10 * minor

    /** For {@link java.util.ServiceLoader}. */
    public CudaBackendProvider() {}

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public int rank() {
        return 100;
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
            int[] count = {0};
            int version = version(count);
            byte[] image = KernelImage.load("cuda", CudaBackendProvider.class);
            Backend backend = new GpuBackend(count[0], i -> new CudaDriver(library, i, version, image));
            LOG.info("{}: used", backend.description());
            return backend;
        } catch (LinkageError e) {
            throw new BackendUnavailableException("cuda: not used: expected NVIDIA's driver, found " + e.getMessage());
        } catch (IllegalCallerException e) {
            throw new BackendUnavailableException(
                    "cuda: not used: expected leave to call native code, found none; start java with "
                            + DriverLibrary.missingFlag());
        } catch (DeviceException e) {
            throw new BackendUnavailableException("cuda: not used: " + e.getMessage());
        }
    }

    private static DriverLibrary library() {
        String file = System.getProperty(LIBRARY);
        return file == null
                ? DriverLibrary.open(List.of("libcuda.so.1", "nvcuda.dll"))
                : DriverLibrary.load(Path.of(file));
    }

    /** The driver's version, and in {@code count} how many devices there are. */
    private static int version(int[] count) {
        int status = JCudaDriver.cuInit(0);
        if (status != CUresult.CUDA_SUCCESS) {
            throw new BackendUnavailableException(
                    "cuda: not used: expected a device, found none: " + CudaDriver.text(status) + " (" + status + ")");
        }
        int[] version = {0};
        JCudaDriver.cuDriverGetVersion(version);
        if (version[0] < LEAST_VERSION) {
            throw new BackendUnavailableException("cuda: not used: driver " + version[0] / 1000 + "."
                    + version[0] % 1000 / 10 + " is older than " + LEAST_VERSION / 1000 + "."
                    + LEAST_VERSION % 1000 / 10
                    + "; update it, or leave the choice to the engine");
        }
        JCudaDriver.cuDeviceGetCount(count);
        if (count[0] < 1) {
            throw new BackendUnavailableException("cuda: not used: expected a device, found none");
        }
        return version[0];
    }
}
