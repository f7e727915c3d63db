package dev.hearth.spi.host;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * What experts get: rows of the input of a step, rounded before they are gathered, as a token has several experts. Used by one
 * thread at a time.
 */
final class ExpertInputs implements AutoCloseable {
    private static final int TYPES = 2; // that a layer's experts ask for, at most: of up and of gate
    private static final long ELEMENT_BYTES = 2; // of what is rounded, at most

    private final KernelCall call;
    private final HostScratch scratch = new HostScratch();
    private final Map<DType, Tensor> known = new EnumMap<>(DType.class);

    ExpertInputs(KernelCall call) {
        this.call = call;
    }

    /** Begins with an input F32 [tokens, hidden]. */
    void begin(Tensor x) {
        scratch.begin(bytes(x.rows(), x.width()), TYPES);
        known.clear();
    }

    /** The input in a type. */
    Tensor in(DType type, Tensor x) {
        if (type == DType.F32) {
            return x;
        }
        Tensor made = known.get(type);
        if (made == null) {
            made = scratch.take(type, x.rows(), x.width());
            call.run(x.rows(), 1, HostKernels::quantize, made, x);
            known.put(type, made);
        }
        return made;
    }

    private static long bytes(long tokens, long hidden) {
        return TYPES * ELEMENT_BYTES * tokens * hidden;
    }

    /** Bytes held once there was an input [tokens, hidden]. */
    static long scratchBytes(long tokens, long hidden) {
        return HostScratch.byteSize(bytes(tokens, hidden), TYPES);
    }

    /** Bytes held now. */
    long scratchBytes() {
        return scratch.byteSize();
    }

    @Override
    public void close() {
        scratch.close();
    }
}
