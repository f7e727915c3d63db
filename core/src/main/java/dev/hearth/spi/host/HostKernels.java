package dev.hearth.spi.host;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Fence;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The operations of {@link dev.hearth.spi.Ops} on host memory, each for a range of its independent tasks and on the calling
 * thread: no state but scratch memory of each thread's own, safe from any number of threads on disjoint ranges. Shapes and
 * types have been checked by {@link HostOps}, which closes its kernels. A task is a row of the result unless said otherwise.
 *
 * <p>Kernels of another device do as well: they enqueue what they are called for, tensors of F32 and weights being that device's memory;
 * integers of a step are always host memory.
 */
public interface HostKernels extends AutoCloseable {
    /** Bytes of scratch memory that {@link #linear} of these types and sizes needs, [tokens, columns] of {@code x}. */
    default long linearScratchBytes(DType weight, DType x, long columns, long tokens) {
        return 0;
    }

    /** Bytes of scratch memory that {@link #attend} needs. */
    default long attendScratchBytes(KvLayout layout, AttentionSpec spec) {
        return 0;
    }

    /** Bytes that a thread holds once it has been lent {@code bytes} of scratch memory. */
    default long lentBytes(long bytes) {
        return bytes;
    }

    /** Bytes of scratch memory that all threads hold now. */
    default long scratchBytes() {
        return 0;
    }

    /** See {@link dev.hearth.spi.Ops#embed}. */
    void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to);

    /** See {@link dev.hearth.spi.Ops#addNorm}; residual is x for a plain norm, which leaves it as it is. */
    void addNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec, long from, long to);

    /** See {@link dev.hearth.spi.Ops#layerNorm}. */
    void layerNorm(
            Tensor out,
            Tensor residual,
            @Nullable Tensor delta,
            HostWeight weight,
            @Nullable HostWeight bias,
            NormSpec spec,
            long from,
            long to);

    /** See {@link dev.hearth.spi.Ops#scale}. */
    void scale(Tensor inOut, float factor, long from, long to);

    /** See {@link dev.hearth.spi.Ops#scale(Tensor, dev.hearth.spi.Weight)}. */
    void scale(Tensor inOut, HostWeight factors, long from, long to);

    /** See {@link dev.hearth.spi.Ops#map}. */
    void map(Tensor out, Tensor x, RowFunction function, long from, long to);

    /** See {@link dev.hearth.spi.Ops#mix}. */
    void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to);

    /** See {@link dev.hearth.spi.Ops#resize}. */
    void resize(Tensor inOut, Tensor like, float least, long from, long to);

    /** See {@link dev.hearth.spi.Ops#maxima}; a task is an element of {@code out}, row by row. */
    void maxima(Tensor out, Tensor x, int size, long from, long to);

    /** See {@link dev.hearth.spi.Ops#activate}. */
    void activate(Tensor inOut, Activation activation, long from, long to);

    /** See {@link dev.hearth.spi.Ops#add}. */
    void add(Tensor inOut, Tensor x, long from, long to);

    /** See {@link dev.hearth.spi.Ops#quantize}. */
    void quantize(Tensor out, Tensor x, long from, long to);

    /** See {@link dev.hearth.spi.Ops#linear}; a task is a row of the weight, for every token. */
    void linear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias, long from, long to);

    /** See {@link dev.hearth.spi.Ops#rotate}; table is F32 [positions, 2 * pairs], the cosines of a position, then its sines. */
    void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to);

    /** See {@link dev.hearth.spi.Ops#store}. */
    void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to);

    /** See {@link dev.hearth.spi.Ops#attend}; sinks are a {@link HostWeight}; task i is key head {@code i / tokens} of token {@code i % tokens}. */
    void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, long from, long to);

    /** Elements of what {@link #attendParts} keeps of a segment and query head; 0 where these kernels split no heads. */
    default long attendPartWidth(KvLayout layout) {
        return 0;
    }

    /**
     * Fills parts for {@link #joinParts}, F32 [tokens * heads * n, part width]; task i is segment {@code i % n}, of those that the
     * token sees, of task {@code i / n} of {@link #attend}. {@code out} stays as it is.
     */
    default void attendParts(
            Tensor out, Tensor queries, Tensor parts, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        throw new UnsupportedOperationException("attend: these kernels split no heads");
    }

    /** What {@link #attend} comes to, by the parts of all segments. */
    default void joinParts(
            Tensor out, Tensor queries, Tensor parts, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        throw new UnsupportedOperationException("attend: these kernels split no heads");
    }

    /** See {@link dev.hearth.spi.Ops#gate}. */
    void gate(Tensor out, Tensor gate, Tensor up, Activation activation, long from, long to);

    /** See {@link dev.hearth.spi.Ops#clampedGate}. */
    void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating, long from, long to);

    /** See {@link dev.hearth.spi.Ops#route}. */
    void route(
            Tensor experts,
            Tensor weights,
            Tensor logits,
            @Nullable HostWeight bias,
            RoutingSpec spec,
            long from,
            long to);

    /** {@code inOut[rows[i]] = fma(weights[i], x[i], inOut[rows[i]])} for the rows of x in order; rows I32 [n, 1], weights [n, 1]. */
    void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to);

    /** Whether {@link #experts} does mixtures of experts, which {@link HostOps} else makes of other kernels. */
    default boolean doesExperts() {
        return false;
    }

    /** See {@link dev.hearth.spi.Ops#experts}; for all tokens. */
    default void experts(Tensor out, Tensor x, Tensor experts, Tensor weights, ExpertWeights w, Precision precision) {
        throw new UnsupportedOperationException("experts: these kernels do no mixtures");
    }

    /** See {@link dev.hearth.spi.Ops#multiply}. */
    void multiply(Tensor inOut, Tensor x, long from, long to);

    /** See {@link dev.hearth.spi.Ops#convolve}; a task is a channel. */
    void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            HostWeight filter,
            @Nullable HostWeight bias,
            ConvolutionSpec spec,
            Batch batch,
            long from,
            long to);

    /** See {@link dev.hearth.spi.Ops#scan}; a task is a head. */
    void scan(
            Tensor out,
            Tensor x,
            Tensor steps,
            Tensor b,
            Tensor c,
            ScanWeights weights,
            RecurrentView state,
            ScanSpec spec,
            Batch batch,
            long from,
            long to);

    /** See {@link dev.hearth.spi.Ops#delta}; a task is a value head. */
    void delta(
            Tensor out,
            Tensor queries,
            Tensor keys,
            Tensor values,
            Tensor steps,
            Tensor beta,
            HostWeight decay,
            HostWeight stepBias,
            RecurrentView state,
            DeltaSpec spec,
            Batch batch,
            long from,
            long to);

    /** See {@link dev.hearth.spi.Ops#wkv}; a task is a channel. */
    void wkv(
            Tensor out,
            Tensor keys,
            Tensor values,
            HostWeight decay,
            HostWeight bonus,
            RecurrentView state,
            int stateOffset,
            Batch batch,
            long from,
            long to);

    /** See {@link dev.hearth.spi.Ops#softcap}. */
    void softcap(Tensor inOut, float cap, long from, long to);

    /** See {@link dev.hearth.spi.Ops#gather}. */
    void gather(Tensor out, Tensor x, Tensor rows, long from, long to);

    /** See {@link dev.hearth.spi.Ops#shift}. */
    default void shift(Tensor out, Tensor x, int distance, Batch batch, long from, long to) {
        HostRows.shift(out, x, distance, batch, from, to);
    }

    /** The point that calls so far have reached; host kernels are done when they return. */
    default Fence fence() {
        return () -> {};
    }

    /** Frees scratch memory; no call may run or follow. */
    @Override
    default void close() {}
}
