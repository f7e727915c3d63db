package dev.hearth.spi.host;

import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Products that don't depend on each other, made in one pass: the rows of all weights, one after the other, are spread over
 * threads, which meet once. Used by one thread at a time, again and again.
 */
final class Products {
    private static final long ROWS = 16; // of a weight, that a thread makes together

    private final List<Tensor> outs = new ArrayList<>();
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<HostWeight> weights = new ArrayList<>();
    private final List<@Nullable HostWeight> biases = new ArrayList<>();
    private long tasks; // groups of rows of all weights

    /** {@code out = x · weight + bias}, of shapes that have been checked. */
    void add(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias) {
        outs.add(out);
        inputs.add(x);
        weights.add(weight);
        biases.add(bias);
        tasks += tasks(weight);
    }

    /** Makes what has been added, and forgets it. */
    void run(KernelCall call) {
        try {
            call.run(tasks, 1, Products::make, this);
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
        tasks = 0;
    }

    private static long tasks(HostWeight weight) {
        return (weight.shape().rows() + ROWS - 1) / ROWS;
    }

    private static void make(HostKernels kernels, Products all, long from, long to) {
        long start = 0; // of a weight's tasks
        for (int i = 0; i < all.outs.size() && start < to; i++) {
            HostWeight weight = all.weights.get(i);
            long end = start + tasks(weight);
            if (from < end) {
                long first = (Math.max(from, start) - start) * ROWS;
                long last = Math.min(
                        (Math.min(to, end) - start) * ROWS, weight.shape().rows());
                kernels.linear(all.outs.get(i), all.inputs.get(i), weight, all.biases.get(i), first, last);
            }
            start = end;
        }
    }
}
