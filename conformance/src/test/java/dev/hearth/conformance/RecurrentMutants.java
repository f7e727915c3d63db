package dev.hearth.conformance;

import static dev.hearth.conformance.RecurrentCall.given;

import dev.hearth.spi.Batch;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/** Mutants of operations with a state of fixed size. */
final class RecurrentMutants {
    private final Operation operation;
    private final List<Mutant> all = new ArrayList<>();

    private RecurrentMutants(Operation operation) {
        this.operation = operation;
    }

    static List<Mutant> all() {
        List<Mutant> all = new ArrayList<>();
        for (Operation operation : List.of(Operation.CONVOLVE, Operation.SCAN, Operation.DELTA, Operation.WKV)) {
            var m = new RecurrentMutants(operation);
            m.states();
            switch (operation) {
                case CONVOLVE -> m.convolve();
                case SCAN -> m.scan();
                case WKV -> m.wkv();
                default -> m.delta();
            }
            all.addAll(m.all);
        }
        return all;
    }

    private void wrong(String name, Consumer<RecurrentCall> change) {
        all.add(Mutant.wrong(operation, name, new RecurrentCall.Changed(change)));
    }

    /** What every such operation can do wrong with states. */
    private void states() {
        wrong("state not reset at position 0", c -> c.batch = at(c.batch, p -> p + 1));
        wrong("state reset at each call", c -> c.batch = at(c.batch, p -> 0));
        wrong("all begin where the first does", c -> {
            int first = c.batch.tokenCount() == 0 ? 0 : c.batch.positions().getInt(0, 0);
            c.batch = at(c.batch, p -> first);
        });
        wrong("layer 0 for all", c -> c.state = layer(c.state, 0));
        wrong(
                "layers from the last",
                c -> c.state = layer(c.state, c.state.layout().layerCount() - 1 - c.state.layer()));
        wrong("slot before", c -> {
            int count = (int) (c.state.pool().byteSize() / c.state.layout().slotBytes());
            Tensor slots = Mutant.copy(c.state.slots());
            for (long s = 0; s < slots.rows(); s++) {
                slots.setInt(s, 0, (slots.getInt(s, 0) + count - 1) % count);
            }
            c.state = new RecurrentView(c.state.pool(), c.state.layout(), c.state.layer(), slots);
        });
        wrong("state not written back", c -> {
            MemorySegment pool = ((HostBuffer) c.state.pool()).segment();
            MemorySegment copy = Arena.ofAuto().allocate(pool.byteSize(), 64).copyFrom(pool);
            c.state = new RecurrentView(new HostBuffer(copy), c.state.layout(), c.state.layer(), c.state.slots());
        });
        wrong("state at the layer's beginning", c -> c.stateOffset = 0);
        all.add(Mutant.inexact(operation, "summed otherwise", new OtherSums()));
    }

    private static Batch at(Batch batch, IntUnaryOperator position) {
        Tensor positions = Mutant.copy(batch.positions());
        for (long t = 0; t < positions.rows(); t++) {
            positions.setInt(t, 0, position.applyAsInt(positions.getInt(t, 0)));
        }
        return new Batch(positions, batch.sequences());
    }

    private static RecurrentView layer(RecurrentView view, int layer) {
        return new RecurrentView(view.pool(), view.layout(), layer, view.slots());
    }

    private void convolve() {
        wrong("filter from the last", c -> c.filter = taps(c, j -> c.kernelSize - 1 - j));
        wrong("a token late", c -> c.filter = taps(c, j -> (j + 1) % c.kernelSize));
        wrong("a channel's filter for the next", c -> c.filter = rotated(given(c.filter), c.kernelSize));
        wrong("bias dropped", c -> c.bias = null);
        wrong("SiLU dropped", c -> c.silu = false);
        wrong("always SiLU", c -> c.silu = true);
    }

    private static HostWeight taps(RecurrentCall c, IntUnaryOperator of) {
        int k = c.kernelSize;
        return mapped(given(c.filter), i -> i / k * k + of.applyAsInt(i % k));
    }

    private void scan() {
        wrong("decay grows", c -> c.decay = negated(given(c.decay)));
        wrong("a head's decay for the next", c -> {
            HostWeight decay = given(c.decay);
            c.decay = rotated(decay, (int) decay.shape().width());
        });
        wrong("the first number's decay for all", c -> {
            int width = (int) given(c.decay).shape().width();
            c.decay = mapped(given(c.decay), i -> i / width * width);
        });
        wrong("the first head's skip for all", c -> c.skip = mapped(given(c.skip), i -> 0));
        wrong("step bias dropped", c -> c.stepBias = null);
        wrong("no least step", c -> c.minStep = 0);
        wrong("no greatest step", c -> c.maxStep = Float.POSITIVE_INFINITY);
        wrong("input and output swapped", RecurrentMutants::swap);
        groups();
    }

    private void delta() {
        wrong("decay grows", c -> c.decay = negated(given(c.decay)));
        wrong("a head's decay for the next", c -> c.decay = rotated(given(c.decay), 1));
        wrong("a head's step bias for the next", c -> c.stepBias = rotated(given(c.stepBias), 1));
        wrong("queries and keys swapped", RecurrentMutants::swap);
        wrong("heads of values from the last", c -> {
            c.x = columns(c.x, i -> (c.heads - 1 - i / c.headDim) * c.headDim + i % c.headDim);
        });
        wrong("nothing new learnt", c -> c.beta = filled(given(c.beta), -200));
        wrong("neighbours share", c -> c.sharing = DeltaSpec.Sharing.NEIGHBOURS);
        wrong("turns share", c -> c.sharing = DeltaSpec.Sharing.TURNS);
        wrong("all old forgotten", c -> c.beta = filled(given(c.beta), 200));
        groups();
    }

    private void wkv() {
        wrong("decay grows", c -> c.decay = negated(given(c.decay)));
        wrong("a channel's decay for the next", c -> c.decay = rotated(given(c.decay), 1));
        wrong("a channel's bonus for the next", c -> c.bonus = rotated(given(c.bonus), 1));
        wrong("bonus taken away", c -> c.bonus = negated(given(c.bonus)));
        wrong("keys from the last", c -> {
            int width = (int) given(c.b).width();
            c.b = columns(given(c.b), i -> width - 1 - i);
        });
        wrong("a mean without weights", c -> c.b = filled(given(c.b), 0));
    }

    private static void swap(RecurrentCall c) {
        Tensor b = c.b;
        c.b = c.c;
        c.c = b;
    }

    /** Which group of b and c, or of queries and keys, a head gets. */
    private void groups() {
        wrong("the first group for all", c -> group(c, g -> 0));
        wrong("groups from the last", c -> group(c, g -> c.groups - 1 - g));
        all.add(Mutant.wrong(operation, "group h mod n for head h", new RecurrentCall.Changed(c -> {}) {
            @Override
            void run(RecurrentCall c) {
                long end = c.to;
                Tensor b = c.b;
                Tensor other = c.c;
                for (; c.from < end; c.from++) {
                    c.to = c.from + 1;
                    c.b = b;
                    c.c = other;
                    group(c, g -> (int) (c.from % c.groups));
                    c.run(right);
                }
            }
        }));
    }

    private static void group(RecurrentCall c, IntUnaryOperator of) {
        int width = (int) given(c.b).width() / c.groups;
        UnaryOperator<Tensor> moved = x -> columns(x, i -> of.applyAsInt(i / width) * width + i % width);
        c.b = moved.apply(given(c.b));
        c.c = moved.apply(given(c.c));
    }

    /** A copy whose column i is another's. */
    private static Tensor columns(Tensor x, IntUnaryOperator of) {
        Tensor copy = Mutant.copy(x);
        for (long t = 0; t < x.rows(); t++) {
            for (int i = 0; i < x.width(); i++) {
                copy.setFloat(t, i, x.getFloat(t, of.applyAsInt(i)));
            }
        }
        return copy;
    }

    private static Tensor filled(Tensor x, float value) {
        Tensor copy = Mutant.copy(x);
        for (long t = 0; t < x.rows(); t++) {
            for (long i = 0; i < x.width(); i++) {
                copy.setFloat(t, i, value);
            }
        }
        return copy;
    }

    /** A copy whose element i is another's. */
    private static HostWeight mapped(HostWeight weight, IntUnaryOperator of) {
        MemorySegment data = Arena.ofAuto().allocate(weight.data().byteSize(), 64);
        for (int i = 0; i < weight.shape().elements(); i++) {
            data.set(Tensor.FLOAT, 4L * i, weight.data().get(Tensor.FLOAT, 4L * of.applyAsInt(i)));
        }
        return new HostWeight(weight.name(), weight.type(), weight.shape(), data);
    }

    private static HostWeight rotated(HostWeight weight, int by) {
        int elements = (int) weight.shape().elements();
        return mapped(weight, i -> (i + by) % elements);
    }

    private static HostWeight negated(HostWeight weight) {
        HostWeight copy = mapped(weight, i -> i);
        Shape shape = weight.shape();
        for (int i = 0; i < shape.elements(); i++) {
            copy.data().set(Tensor.FLOAT, 4L * i, -copy.data().get(Tensor.FLOAT, 4L * i));
        }
        return copy;
    }

    /** An ulp beside the right result, as another order of summing makes; not where a bias added last outweighs the sum. */
    private static final class OtherSums extends RecurrentCall.Changed {
        OtherSums() {
            super(c -> {});
        }

        @Override
        void run(RecurrentCall c) {
            c.run(right);
            int width = Math.max(1, c.headDim);
            for (long t = 0; c.bias == null && t < c.out.rows(); t++) {
                for (long i = c.from * width; i < c.to * width; i++) {
                    float result = c.out.getFloat(t, i);
                    if (result != 0 && Float.isFinite(result)) {
                        c.out.setFloat(t, i, Math.nextUp(result));
                    }
                }
            }
        }
    }
}
