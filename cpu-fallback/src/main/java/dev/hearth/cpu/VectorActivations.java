package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;

import dev.hearth.spi.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link dev.hearth.spi.reference.ScalarActivations} on vectors, with the same bits. */
final class VectorActivations {
    private VectorActivations() {}

    static FloatVector apply(Activation activation, FloatVector x) {
        return switch (activation) {
            case SILU -> VectorMath.silu(x);
            case GELU_TANH -> VectorMath.geluTanh(x);
            case GELU -> gelu(x);
            case QUICK_GELU -> x.div(VectorMath.exp(x.mul(-1.702f)).add(1f));
            case RELU -> x.max(0f);
            case RELU_SQUARED -> x.max(0f).mul(x.max(0f));
            case SIGMOID ->
                FloatVector.broadcast(F, 1f).div(VectorMath.exp(x.neg()).add(1f));
        };
    }

    private static FloatVector gelu(FloatVector x) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        FloatVector t = one.div(x.abs().fma(FloatVector.broadcast(F, 0.3f), one));
        FloatVector p = FloatVector.broadcast(F, -0x1.51e53p-6f);
        p = p.fma(t, FloatVector.broadcast(F, 0x1.cc8968p-4f));
        p = p.fma(t, FloatVector.broadcast(F, -0x1.d361ccp-3f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.88c686p-3f));
        p = p.fma(t, FloatVector.broadcast(F, -0x1.4551e2p-4f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.89dbeap-4f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.411572p-4f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.c3863cp-4f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.e9c422p-4f));
        p = p.fma(t, FloatVector.broadcast(F, 0x1.ea3c98p-4f));
        FloatVector tail = t.mul(p).mul(VectorMath.exp(x.mul(-0.5f).mul(x)));
        var negative = x.reinterpretAsInts().compare(VectorOperators.LT, 0).cast(F);
        return x.mul(one.sub(tail).blend(tail, negative));
    }
}
