package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorInfo;
import dev.hearth.spi.Activation;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.ExpertWeights.Biases;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Reads the experts of one layer, however a file stacks and joins them; names are GGUF's, without {@code .weight}. */
public final class Experts {
    /** How a file joins the gate and up matrices of all experts in one tensor. */
    public enum Fusion {
        /** [experts, all gate rows and then all up rows, hidden]; down is [experts, hidden, expert size]. */
        ROWS(false, false),
        /** [experts, gate and up rows in turns, hidden]; down is [experts, hidden, expert size]. */
        ALTERNATING_ROWS(true, false),
        /** [experts, hidden, all gate columns and then all up columns]; down is [experts, expert size, hidden]. */
        COLUMNS(false, true),
        /** [experts, hidden, gate and up columns in turns]; down is [experts, expert size, hidden]. */
        ALTERNATING_COLUMNS(true, true);

        private final boolean alternating;
        private final boolean transposed;

        Fusion(boolean alternating, boolean transposed) {
            this.alternating = alternating;
            this.transposed = transposed;
        }

        /** Whether the matrices are stored with their columns as rows. */
        boolean isTransposed() {
            return transposed;
        }

        /** Where row i of gate (0) or up (1) stands among the 2 size rows or columns. */
        long place(int which, long i, long size) {
            return alternating ? 2 * i + which : which * size + i;
        }
    }

    private final Weights weights;
    private final String prefix;
    private final int hidden;
    private final int count;
    private final int size;

    Experts(Weights weights, String prefix, ModelConfig config, int hidden) {
        this.weights = weights;
        this.prefix = prefix;
        this.hidden = hidden;
        ModelConfig.Moe moe = config.moe().orElseThrow(() -> config.missing("number of experts"));
        this.count = moe.expertCount();
        this.size = moe.expertSize();
    }

    /** Three tensors [experts, rows, columns], or one tensor an expert. */
    public ExpertWeights stacked(String gate, String up, String down, Activation activation) {
        return new ExpertWeights(
                stack(gate, count, size, hidden),
                stack(up, count, size, hidden),
                stack(down, count, hidden, size),
                activation);
    }

    /** Two tensors [experts, rows, columns], or one tensor an expert, of experts without gate. */
    public ExpertWeights ungated(String up, String down, Activation activation) {
        return ExpertWeights.ungated(stack(up, count, size, hidden), stack(down, count, hidden, size), activation);
    }

    /** Three matrices of a single expert between whose products are {@code itsSize} elements. */
    public ExpertWeights single(String gate, String up, String down, int itsSize, Activation activation) {
        return new ExpertWeights(
                stack(gate, 1, itsSize, hidden),
                stack(up, 1, itsSize, hidden),
                stack(down, 1, hidden, itsSize),
                activation);
    }

    /** Gate and up in one tensor, down in another. What isn't whole rows of the file is copied. */
    public ExpertWeights fused(String gateUp, String down, Fusion fusion, Activation activation) {
        return new ExpertWeights(
                split(gateUp, fusion, 0), split(gateUp, fusion, 1), whole(down, fusion.transposed), activation);
    }

    /** ffn_gate_up_exps and ffn_down_exps, or where there are none ffn_gate_exps, ffn_up_exps and ffn_down_exps. */
    public ExpertWeights fusedOrStacked(Fusion fusion, Activation activation) {
        return weights.has(prefix + "ffn_gate_up_exps")
                ? fused("ffn_gate_up_exps", "ffn_down_exps", fusion, activation)
                : stacked("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps", activation);
    }

    /** Biases [experts, rows] of three stacked tensors. */
    public Biases stackedBiases(String gate, String up, String down) {
        return new Biases(biases(gate, size, 0, 1, size), biases(up, size, 0, 1, size), downBiases(down));
    }

    /** Biases of fused tensors, [experts, 2 size] and [experts, hidden]. */
    public Biases fusedBiases(String gateUp, String down, Fusion fusion) {
        long step = fusion.alternating ? 2 : 1;
        return new Biases(
                biases(gateUp, 2 * size, fusion.place(0, 0, size), step, size),
                biases(gateUp, 2 * size, fusion.place(1, 0, size), step, size),
                downBiases(down));
    }

    private List<Weight> downBiases(String down) {
        return biases(down, hidden, 0, 1, hidden);
    }

    /** Of each expert's row of a bias the elements first, first + step and so on. */
    private List<Weight> biases(String name, int width, long first, long step, int taken) {
        WeightSource all = weights.source(prefix + name + ".bias", Shape.of(count, width));
        List<Weight> biases = new ArrayList<>();
        for (int e = 0; e < count; e++) {
            long row = e;
            MemorySegment values = copy(all, Shape.of(1, taken), (r, i) -> row * width + first + step * i);
            biases.add(weights.vector(new WeightSource(all.name(), all.type(), Shape.of(taken), values)));
        }
        return biases;
    }

    private List<Weight> split(String name, Fusion fusion, int which) {
        if (fusion == Fusion.ROWS) {
            return slices(weights.source(prefix + name + ".weight", Shape.of(count, 2 * size, hidden)), which);
        }
        Shape shape = fusion.transposed ? Shape.of(count, hidden, 2 * size) : Shape.of(count, 2 * size, hidden);
        List<Weight> experts = new ArrayList<>();
        try (Arena passing = Arena.ofShared()) {
            WeightSource all = weights.source(prefix + name + ".weight", shape, passing);
            for (int e = 0; e < count; e++) {
                long start = 2L * size * hidden * e;
                long row = 2L * size * e;
                experts.add(
                        fusion.transposed
                                ? copied(
                                        all,
                                        size,
                                        hidden,
                                        (r, i) -> start + i * 2L * size + fusion.place(which, r, size))
                                : copiedRows(all, r -> row + fusion.place(which, r, size)));
            }
        }
        return experts;
    }

    private List<Weight> slices(WeightSource all, int which) {
        List<Weight> experts = new ArrayList<>();
        for (int e = 0; e < count; e++) {
            experts.add(weights.load(all.rows(2L * size * e + Fusion.ROWS.place(which, 0, size), size)));
        }
        return experts;
    }

    private List<Weight> whole(String name, boolean transposed) {
        if (!transposed) {
            return stack(name, count, hidden, size);
        }
        List<Weight> experts = new ArrayList<>();
        try (Arena passing = Arena.ofShared()) {
            WeightSource all = weights.source(prefix + name + ".weight", Shape.of(count, size, hidden), passing);
            for (int e = 0; e < count; e++) {
                long start = (long) size * hidden * e;
                experts.add(copied(all, hidden, size, (r, i) -> start + i * hidden + r));
            }
        }
        return experts;
    }

    private List<Weight> stack(String name, int expected, long rows, long columns) {
        List<Weight> experts = new ArrayList<>();
        for (TensorInfo part : weights.catalog().parts(prefix + name + ".weight", weights.arena())) {
            long inPart = part.shape().rank() == 3 ? part.shape().size(0) : 1;
            Shape shape = part.shape().rank() == 3 ? Shape.of(inPart, rows, columns) : Shape.of(rows, columns);
            if (!part.shape().equals(shape)) {
                throw new ModelFormatException(part.place(), "expected " + shape + ", found " + part.shape());
            }
            WeightSource whole = Weights.source(part);
            for (long e = 0; e < inPart; e++) {
                experts.add(weights.load(whole.rows(e * rows, rows)));
            }
        }
        if (experts.size() != expected) {
            throw new ModelFormatException(
                    weights.catalog().place() + ": " + prefix + name,
                    "expected " + expected + " experts, found " + experts.size());
        }
        return List.copyOf(experts);
    }

    /** The index in a tensor of an element of a copy. */
    private interface Element {
        long at(long row, long column);
    }

    /** Rows of [size, hidden], of any type, from where {@code place} says. */
    private Weight copiedRows(WeightSource from, LongUnaryOperator place) {
        long bytes = from.type().bytes(hidden);
        MemorySegment to = weights.allocate(size * bytes);
        for (long r = 0; r < size; r++) {
            MemorySegment.copy(from.data(), place.applyAsLong(r) * bytes, to, r * bytes, bytes);
        }
        return weights.load(new WeightSource(
                from.name(),
                from.type(),
                Shape.of(size, hidden),
                to.asSlice(0, size * bytes).asReadOnly()));
    }

    private Weight copied(WeightSource from, long rows, long columns, Element element) {
        Shape shape = Shape.of(rows, columns);
        return weights.load(new WeightSource(from.name(), from.type(), shape, copy(from, shape, element)));
    }

    private MemorySegment copy(WeightSource from, Shape shape, Element element) {
        DType type = from.type();
        if (type != DType.F32 && type != DType.F16 && type != DType.BF16) {
            throw new ModelFormatException(from.name(), "expected F32, F16 or BF16 to rearrange, found " + type);
        }
        long bytes = type.bytes(1);
        MemorySegment to = weights.allocate(shape.elements() * bytes);
        for (long r = 0; r < shape.rows(); r++) {
            for (long i = 0; i < shape.width(); i++) {
                long target = (r * shape.width() + i) * bytes;
                long source = element.at(r, i) * bytes;
                if (bytes == 2) {
                    to.set(Tensor.SHORT, target, from.data().get(Tensor.SHORT, source));
                } else {
                    to.set(Tensor.INT, target, from.data().get(Tensor.INT, source));
                }
            }
        }
        return to.asSlice(0, shape.elements() * bytes).asReadOnly();
    }
}
