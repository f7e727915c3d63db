package dev.hearth.spi.host;

import static dev.hearth.spi.host.HostChecks.check;
import static dev.hearth.spi.host.HostChecks.column;
import static dev.hearth.spi.host.HostChecks.host;
import static dev.hearth.spi.host.HostChecks.same;

import dev.hearth.spi.Batch;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Rows of a table by id, functions of whole rows and mixtures of their streams: shapes checked, rows spread over threads. */
final class HostRows implements AutoCloseable {
    private static final long MAXIMA_TOGETHER = 64; // a piece of a row that is worth another thread

    private final KernelCall call;
    private final HostScratch scratch = new HostScratch();

    HostRows(KernelCall call) {
        this.call = call;
    }

    void embed(Tensor out, Weight table, Tensor ids, float scale) {
        HostWeight host = host("embed", table);
        check(
                "embed",
                out.rows() == ids.rows() && out.width() == host.shape().width() && out.type() == DType.F32,
                out,
                host,
                ids);
        column("embed", ids);
        if (ids.buffer() instanceof HostBuffer) { // else an operation of the device has made them
            checkIds(ids, host.shape().rows());
        }
        call.run(out.rows(), 1, HostKernels::embed, out, host, ids, scale);
    }

    private static void checkIds(Tensor ids, long count) {
        for (long t = 0; t < ids.rows(); t++) {
            int id = ids.getInt(t, 0);
            if (id < 0 || id >= count) {
                throw new IllegalArgumentException(
                        "embed: token " + t + ": expected an id below " + count + ", found " + id);
            }
        }
    }

    void embedOrFirst(Tensor out, Weight table, Tensor ids, float scale) {
        column("embed", ids);
        scratch.begin(idBytes(ids.rows()), 1);
        Tensor known = scratch.take(DType.I32, ids.rows(), 1);
        for (long t = 0; t < ids.rows(); t++) {
            int id = ids.getInt(t, 0);
            known.setInt(t, 0, id >= 0 && id < table.shape().rows() ? id : 0);
        }
        embed(out, table, known, scale);
    }

    private static long idBytes(long tokens) {
        return DType.I32.bytes(1) * tokens;
    }

    /** Bytes held once {@link #embedOrFirst} has looked up so many tokens. */
    static long scratchBytes(long tokens) {
        return HostScratch.byteSize(idBytes(tokens), 1);
    }

    /** Bytes held now. */
    long scratchBytes() {
        return scratch.byteSize();
    }

    void shift(Tensor out, Tensor x, int distance, Batch batch) {
        same("shift", out, x);
        check("shift", out.rows() == batch.tokenCount(), out, batch.positions());
        call.run(out.rows(), 1, HostKernels::shift, out, x, distance, batch);
    }

    static void shift(Tensor out, Tensor x, int distance, Batch batch, long from, long to) {
        for (long t = from; t < to; t++) {
            MemorySegment row = row(out, t);
            if (isApart(batch, t, t + distance, distance)) {
                row.copyFrom(row(x, t + distance));
            } else {
                row.fill((byte) 0);
            }
        }
    }

    private static MemorySegment row(Tensor x, long index) {
        return x.segment().asSlice(index * x.rowBytes(), x.type().bytes(x.width()));
    }

    /** Whether there is a token u, of the sequence of t and so many positions after it. */
    private static boolean isApart(Batch batch, long t, long u, int distance) {
        return u >= 0
                && u < batch.tokenCount()
                && batch.sequences().getInt(u, 0) == batch.sequences().getInt(t, 0)
                && batch.positions().getInt(u, 0) == batch.positions().getInt(t, 0) + distance;
    }

    void scale(Tensor inOut, Weight factors) {
        HostWeight host = host("scale", factors);
        check(
                "scale",
                inOut.type() == DType.F32
                        && host.type() == DType.F32
                        && host.shape().elements() == inOut.width(),
                inOut,
                host);
        call.run(inOut.rows(), 1, HostKernels::scale, inOut, host);
    }

    void map(Tensor out, Tensor x, RowFunction function) {
        same("map", out, x);
        boolean sensible = switch (function) {
            case RowFunction.Clamp clamp -> clamp.limit() > 0;
            case RowFunction.Int8 int8 -> int8.least() > 0;
            case RowFunction.Xielu xielu -> xielu.most() < 0;
            case RowFunction.Sparse sparse -> true;
        };
        check("map", sensible, out, function);
        call.run(out.rows(), 1, HostKernels::map, out, x, function);
    }

    void mix(Tensor out, Tensor x, Tensor weights, int streams) {
        boolean whole = streams > 0 && x.width() % streams == 0 && out.width() % (x.width() / streams) == 0;
        check(
                "mix",
                whole
                        && x.rows() == out.rows()
                        && weights.rows() == out.rows()
                        && weights.width() == out.width() / (x.width() / streams) * streams
                        && out.type() == DType.F32
                        && x.type() == DType.F32
                        && weights.type() == DType.F32,
                out,
                x,
                weights,
                streams);
        call.run(out.rows(), 1, HostKernels::mix, out, x, weights, streams);
    }

    void resize(Tensor inOut, Tensor like, float least) {
        same("resize", inOut, like);
        check("resize", least > 0, inOut, least);
        call.run(inOut.rows(), 1, HostKernels::resize, inOut, like, least);
    }

    void maxima(Tensor out, Tensor x, int size) {
        check(
                "maxima",
                size > 0
                        && out.rows() == x.rows()
                        && out.width() == (x.width() + size - 1) / size
                        && out.type() == DType.F32
                        && x.type() == DType.F32,
                out,
                x,
                size);
        call.run(out.rows() * out.width(), MAXIMA_TOGETHER, HostKernels::maxima, out, x, size);
    }

    @Override
    public void close() {
        scratch.close();
    }
}
