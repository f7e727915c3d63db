package dev.hearth.spi.host;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Fence;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@link HostOps} takes: tables of rotations, room for experts, and scratch memory of each thread's kernels. */
final class HostScratchMeter implements ScratchMeter, InvocationHandler {
    private static final Fence DONE = () -> {};

    private final HostKernels kernels;
    private final int threads;
    private final int positions;
    private final Set<RopeSpec> rotations = Collections.newSetFromMap(new IdentityHashMap<>());
    private long tableBytes;
    private long expertBytes;
    private long threadBytes;

    /** A meter for sequences of up to so many positions. */
    HostScratchMeter(HostKernels kernels, int threads, int positions) {
        this.kernels = kernels;
        this.threads = threads;
        this.positions = positions;
        threadBytes = kernels.lentBytes(0);
    }

    @Override
    public Ops ops() {
        return (Ops) Proxy.newProxyInstance(Ops.class.getClassLoader(), new Class<?>[] {Ops.class}, this);
    }

    @Override
    public long bytes() {
        return tableBytes + expertBytes + threads * threadBytes;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        switch (method.getName()) {
            case "linear" -> linear((Weight) arguments[2], (Tensor) arguments[1]);
            case "rotate" -> rotate((RopeSpec) arguments[2]);
            case "attend" ->
                lend(kernels.attendScratchBytes(((KvView) arguments[2]).layout(), (AttentionSpec) arguments[3]));
            case "experts" -> experts((Tensor) arguments[1], (ExpertWeights) arguments[4]);
            case "fence" -> {
                return DONE;
            }
            default -> {}
        }
        return null;
    }

    private void linear(Weight weight, Tensor x) {
        lend(kernels.linearScratchBytes(weight.type(), x.type(), x.width(), x.rows()));
    }

    private void rotate(RopeSpec spec) {
        if (rotations.add(spec)) {
            tableBytes += RopeTable.bytes(spec, positions);
        }
    }

    /** All tokens may choose the same expert. */
    private void experts(Tensor x, ExpertWeights w) {
        expertBytes = Math.max(expertBytes, HostExperts.scratchBytes(x.rows(), x.width(), w.size()));
        Weight up = w.up().getFirst();
        Weight down = w.down().getFirst();
        for (Precision precision : Precision.values()) {
            lend(kernels.linearScratchBytes(up.type(), precision.activation(up.type()), x.width(), x.rows()));
            lend(kernels.linearScratchBytes(down.type(), precision.activation(down.type()), w.size(), x.rows()));
        }
    }

    private void lend(long bytes) {
        threadBytes = Math.max(threadBytes, kernels.lentBytes(bytes));
    }
}
