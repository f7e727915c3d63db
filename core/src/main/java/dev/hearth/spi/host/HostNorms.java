package dev.hearth.spi.host;

import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Norms: checks, then a share of rows for each thread. */
final class HostNorms {
    private static final long ROWS = 1;

    private final KernelCall call;

    HostNorms(KernelCall call) {
        this.call = call;
    }

    void addNorm(Tensor out, Tensor residual, @Nullable Tensor delta, Weight weight, NormSpec spec) {
        HostWeight host = HostChecks.host("norm", weight);
        HostChecks.same("norm", out, residual);
        if (delta != null) {
            HostChecks.same("norm", residual, delta);
        }
        HostChecks.check("norm", isWhole(out, spec) && isVector(host, spec.groupSize()), out, host, spec);
        call.run(out.rows(), ROWS, HostKernels::addNorm, out, residual, delta, host, spec);
    }

    void layerNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, Weight weight, @Nullable Weight bias, NormSpec spec) {
        HostWeight host = HostChecks.host("layerNorm", weight);
        HostWeight hostBias = bias == null ? null : HostChecks.host("layerNorm", bias);
        HostChecks.same("layerNorm", out, residual);
        if (delta != null) {
            HostChecks.same("layerNorm", residual, delta);
        }
        HostChecks.check(
                "layerNorm",
                isWhole(out, spec)
                        && isVector(host, spec.groupSize())
                        && (hostBias == null || isVector(hostBias, spec.groupSize())),
                out,
                host,
                spec,
                "bias",
                String.valueOf(hostBias));
        call.run(out.rows(), ROWS, HostKernels::layerNorm, out, residual, delta, host, hostBias, spec);
    }

    private static boolean isWhole(Tensor rows, NormSpec spec) {
        return spec.groupSize() > 0 && rows.width() % spec.groupSize() == 0;
    }

    private static boolean isVector(HostWeight weight, long size) {
        return weight.type() == DType.F32 && weight.shape().elements() == size;
    }
}
