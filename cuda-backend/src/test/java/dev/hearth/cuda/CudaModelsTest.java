package dev.hearth.cuda;

import dev.hearth.gpu.Emulation;
import dev.hearth.gpu.GpuModels;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;

/** Whole models on an emulated driver, by JCuda as on a real one; apart from the operations, so that a process can do each. */
final class CudaModelsTest implements GpuModels {
    private static final Emulation EMULATION = Emulation.use("cuda", "libcuda.so.1", 32);

    @Override
    public Backend open(int threads) {
        EMULATION.set("reset", 0);
        return new CudaBackendProvider().open(BackendOptions.DEFAULT);
    }
}
