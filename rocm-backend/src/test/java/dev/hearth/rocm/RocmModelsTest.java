package dev.hearth.rocm;

import dev.hearth.conformance.OracleFiles;
import dev.hearth.gpu.Emulation;
import dev.hearth.gpu.GpuModels;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import java.util.List;

/** Whole models on an emulated driver of HIP, with warps of 64 threads; apart from the operations, so that a process can do each. */
final class RocmModelsTest implements GpuModels {
    private static final Emulation EMULATION = Emulation.use("rocm", "libamdhip64.so", 64);

    @Override
    public Backend open(int threads) {
        EMULATION.set("reset", 0);
        return new RocmBackendProvider().open(BackendOptions.DEFAULT);
    }

    /** Logits of all; the tokens, which take twice the time, are left to CUDA's tests but for a few models. */
    @Override
    public List<ModelCheck> checks(OracleFiles oracle) {
        List<ModelCheck> all = GpuModels.super.checks(oracle);
        return THOROUGHLY.contains(oracle.name()) ? all : all.subList(0, 1);
    }
}
