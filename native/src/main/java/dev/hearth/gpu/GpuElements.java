package dev.hearth.gpu;

import dev.hearth.spi.RowFunction;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Launches of functions of elements and of rows. Used by the queue's thread. */
final class GpuElements {
    private final RowKernels rows;
    private final Launches launches;

    GpuElements(RowKernels rows, Launches launches) {
        this.rows = rows;
        this.launches = launches;
    }

    /** A kernel of elements: out = f(x, y, factors, first, second). */
    void run(
            GpuKernel kernel,
            Tensor out,
            Tensor x,
            @Nullable Tensor y,
            @Nullable HostWeight factors,
            float first,
            float second,
            int activation) {
        parameters(out, x, y, factors, first, second, activation).put(0).put(0); // no third, no fourth
        launches.launch(kernel, out.rows(), Launches.blocks(out.width(), GpuDriver.THREADS));
    }

    private Parameters parameters(
            Tensor out,
            Tensor x,
            @Nullable Tensor y,
            @Nullable HostWeight factors,
            float first,
            float second,
            int activation) {
        launches.begin().rows(out).rows(x).rows(y).vector(factors, 0);
        return launches.parameters().put(out.width()).put(first).put(second).put(activation);
    }

    void map(Tensor out, Tensor x, RowFunction function) {
        switch (function) {
            case RowFunction.Clamp clamp -> run(rows.clamp(), out, x, null, null, clamp.limit(), 0, 0);
            case RowFunction.Xielu f -> {
                parameters(out, x, null, null, f.positive(), f.negative(), 0)
                        .put(f.linear())
                        .put(f.most());
                launches.launch(rows.xielu(), out.rows(), Launches.blocks(out.width(), GpuDriver.THREADS));
            }
            case RowFunction.Int8 int8 -> wholeRows(rows.int8(), out, x, int8.least());
            case RowFunction.Sparse sparse -> wholeRows(rows.sparse(), out, x, sparse.deviations());
        }
    }

    /** A kernel of whole rows with one number, by the struct of norms. */
    private void wholeRows(GpuKernel kernel, Tensor out, Tensor x, float number) {
        launches.begin().rows(out).rows(x).rows(null).vector(null, 0).vector(null, 0);
        launches.parameters().put(1L).put(out.width()).put(number);
        launches.launch(kernel, out.rows(), 1);
    }

    void mix(Tensor out, Tensor x, Tensor weights, int streams) {
        launches.begin()
                .rows(out)
                .rows(x)
                .rows(weights)
                .put(x.width() / streams)
                .put(out.width())
                .put(streams);
        launches.launch(rows.mix(), out.rows(), Launches.blocks(out.width(), GpuDriver.THREADS));
    }

    void resize(Tensor inOut, Tensor like, float least) {
        launches.begin().rows(inOut).rows(inOut).rows(like).vector(null, 0).vector(null, 0);
        launches.parameters().put(1L).put(inOut.width()).put(least);
        launches.launch(rows.resize(), inOut.rows(), 1);
    }
}
