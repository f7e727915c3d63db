package dev.hearth.spi.host;

import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Products that don't depend on each other, made in one pass: every thread makes the same share of the rows of each, so that
 * threads meet once and none waits for another whose weights are larger. Used by one thread at a time, again and again.
 */
final class Products {
    private static final long ROWS = 16; // of a weight, that a thread makes together

    private final List<Tensor> outs = new ArrayList<>();
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<HostWeight> weights = new ArrayList<>();
    private final List<@Nullable HostWeight> biases = new ArrayList<>();
    private long shares; // that rows are split into

    /** {@code out = x · weight + bias}, of shapes that have been checked. */
    void add(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias) {
        outs.add(out);
        inputs.add(x);
        weights.add(weight);
        biases.add(bias);
        shares = Math.max(shares, (weight.shape().rows() + ROWS - 1) / ROWS);
    }

    /** Makes what has been added, and forgets it. */
    void run(KernelCall call) {
        try {
            call.run(shares, 1, Products::make, this);
        } finally {
            clear();
        }
    }

    /** Forgets what has been added. */
    void clear() {
        outs.clear();
        inputs.clear();
        weights.clear();
        biases.clear();
        shares = 0;
    }

    private static void make(HostKernels kernels, Products all, long from, long to) {
        for (int i = 0; i < all.outs.size(); i++) {
            HostWeight weight = all.weights.get(i);
            long first = all.row(weight, from);
            long end = all.row(weight, to);
            if (first < end) {
                kernels.linear(all.outs.get(i), all.inputs.get(i), weight, all.biases.get(i), first, end);
            }
        }
    }

    /** The first row of a share. */
    private long row(HostWeight weight, long share) {
        long rows = weight.shape().rows();
        return Math.min(rows, (rows * share / shares + ROWS - 1) / ROWS * ROWS);
    }
}
