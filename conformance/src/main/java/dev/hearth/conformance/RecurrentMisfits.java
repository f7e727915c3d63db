package dev.hearth.conformance;

import static dev.hearth.conformance.Misfits.foreign;

import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentLayout;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls with a state of fixed size that must be refused: two rows of one sequence, a pool of three slots, and one thing wrong. */
final class RecurrentMisfits {
    private static final RecurrentLayout LAYOUT = new RecurrentLayout(2, 30);

    private final Misfits misfits;

    RecurrentMisfits(Misfits misfits) {
        this.misfits = misfits;
    }

    /** What the operations have in common; each check changes one thing. */
    private abstract static class Call {
        final Bench bench;
        final int size;
        int layer = 1;
        int stateOffset = 3;
        int[] slots = {2, 0};
        int[] sequences = {0, 0};
        int[] positions = {4, 5};
        int poolBytes = (int) (3 * LAYOUT.slotBytes());

        Call(Bench bench, int stateSize) {
            this.bench = bench;
            size = stateSize;
        }

        abstract void run();

        Batch batch() {
            return new Batch(bench.column(positions), bench.column(sequences));
        }

        RecurrentView state() {
            var pool = bench.buffer(MemorySegment.ofArray(new byte[poolBytes]));
            return new RecurrentView(pool, LAYOUT, layer, bench.column(slots));
        }

        Tensor ones(int width) {
            return Misfits.ones(bench, 2, width);
        }

        Tensor half(int width) {
            return Misfits.half(bench, 2, width);
        }

        Weight vector(int size) {
            return bench.vector(new float[size]);
        }
    }

    /** Four channels, a kernel of three. */
    private static final class Convolve extends Call {
        Tensor out = bench.output(2, 4);
        Tensor x = ones(4);
        Weight filter = Misfits.weight(bench, 4, 3);

        @Nullable
        Weight bias = vector(4);

        int kernelSize = 3;

        Convolve(Bench bench) {
            super(bench, 8);
        }

        @Override
        void run() {
            var spec = new ConvolutionSpec(kernelSize, true, stateOffset);
            bench.ops().convolve(out, x, state(), filter, bias, spec, batch());
        }
    }

    /** Four heads of two channels, states of three, two groups. */
    private static final class Scan extends Call {
        Tensor out = bench.output(2, 8);
        Tensor x = ones(8);
        Tensor steps = ones(4);
        Tensor b = ones(6);
        Tensor c = ones(6);
        Weight decay = Misfits.weight(bench, 4, 3);
        Weight skip = vector(4);

        @Nullable
        Weight stepBias = vector(4);

        int heads = 4;
        int headDim = 2;
        int stateSize = 3;
        int groups = 2;
        float minStep;
        float maxStep = Float.POSITIVE_INFINITY;

        Scan(Bench bench) {
            super(bench, 24);
        }

        @Override
        void run() {
            var spec = new ScanSpec(heads, headDim, stateSize, groups, minStep, maxStep, stateOffset);
            bench.ops().scan(out, x, steps, b, c, new ScanWeights(decay, skip, stepBias), state(), spec, batch());
        }
    }

    /** Two key heads of two, four value heads of three. */
    private static final class Delta extends Call {
        Tensor out = bench.output(2, 12);
        Tensor queries = ones(4);
        Tensor keys = ones(4);
        Tensor values = ones(12);
        Tensor steps = ones(4);
        Tensor beta = ones(4);
        Weight decay = vector(4);
        Weight stepBias = vector(4);
        int keyHeads = 2;
        int valueHeads = 4;
        int keyDim = 2;
        int valueDim = 3;

        Delta(Bench bench) {
            super(bench, 24);
        }

        @Override
        void run() {
            var spec = new DeltaSpec(keyHeads, valueHeads, keyDim, valueDim, DeltaSpec.Sharing.NEIGHBOURS, stateOffset);
            bench.ops().delta(out, queries, keys, values, steps, beta, decay, stepBias, state(), spec, batch());
        }
    }

    /** Four channels. */
    private static final class Wkv extends Call {
        Tensor out = bench.output(2, 4);
        Tensor keys = ones(4);
        Tensor values = ones(4);
        Weight decay = vector(4);
        Weight bonus = vector(4);

        Wkv(Bench bench) {
            super(bench, 12);
        }

        @Override
        void run() {
            bench.ops().wkv(out, keys, values, decay, bonus, state(), stateOffset, batch());
        }
    }

    void convolve() {
        states(Convolve::new);
        refuse("results of another width", Convolve::new, c -> c.out = c.bench.output(2, 5));
        refuse("results of another type", Convolve::new, c -> c.out = c.half(4));
        refuse("F16 rows", Convolve::new, c -> c.out = c.x = c.half(4));
        refuse("fewer rows than tokens", Convolve::new, c -> {
            c.out = c.bench.output(1, 4);
            c.x = Misfits.ones(c.bench, 1, 4);
        });
        refuse("a filter of another kernel", Convolve::new, c -> c.filter = Misfits.weight(c.bench, 4, 2));
        refuse("a filter of other channels", Convolve::new, c -> c.filter = Misfits.weight(c.bench, 5, 3));
        refuse("a kernel of none", Convolve::new, c -> {
            c.kernelSize = 0;
            c.filter = c.vector(0);
        });
        refuse("a negative kernel", Convolve::new, c -> c.kernelSize = -3);
        refuse("a kernel beyond any size", Convolve::new, c -> c.kernelSize = Integer.MAX_VALUE);
        refuse("an F16 filter", Convolve::new, c -> c.filter = halfWeight(c, 4, 3));
        refuse("a foreign filter", Convolve::new, c -> c.filter = foreign(4, 3));
        refuse("a bias that is too short", Convolve::new, c -> c.bias = c.vector(3));
        refuse("an F16 bias", Convolve::new, c -> c.bias = halfWeight(c, 1, 4));
        refuse("a foreign bias", Convolve::new, c -> c.bias = foreign(4));
    }

    void scan() {
        states(Scan::new);
        refuse("results of another width", Scan::new, c -> c.out = c.bench.output(2, 9));
        refuse("F16 rows", Scan::new, c -> c.out = c.x = c.half(8));
        refuse("F16 steps", Scan::new, c -> c.steps = c.half(4));
        refuse("F16 projections", Scan::new, c -> c.b = c.c = c.half(6));
        refuse("steps of fewer heads", Scan::new, c -> c.steps = c.ones(3));
        refuse("fewer steps than tokens", Scan::new, c -> c.steps = Misfits.ones(c.bench, 1, 4));
        refuse("inputs of one group", Scan::new, c -> c.b = c.ones(3));
        refuse("outputs of one group", Scan::new, c -> c.c = c.ones(3));
        refuse("rows of other heads", Scan::new, c -> c.heads = 8);
        refuse("groups that don't share out", Scan::new, c -> {
            c.groups = 3;
            c.b = c.c = c.ones(9);
        });
        refuse("groups of none", Scan::new, c -> {
            c.groups = 0;
            c.b = c.c = c.ones(0);
        });
        refuse("heads of no channels", Scan::new, c -> {
            c.headDim = 0;
            c.x = c.ones(0);
            c.out = c.bench.output(2, 0);
        });
        refuse("states of none", Scan::new, c -> {
            c.stateSize = 0;
            c.b = c.c = c.ones(0);
        });
        refuse("steps from above to below", Scan::new, c -> {
            c.minStep = 1;
            c.maxStep = 0.5f;
        });
        refuse("no greatest step", Scan::new, c -> c.maxStep = Float.NaN);
        refuse("a decay of two numbers", Scan::new, c -> c.decay = Misfits.weight(c.bench, 4, 2));
        refuse("a decay of fewer heads", Scan::new, c -> c.decay = Misfits.weight(c.bench, 3, 1));
        refuse("a decay without columns", Scan::new, c -> c.decay = c.vector(12));
        refuse("an F16 decay", Scan::new, c -> c.decay = halfWeight(c, 4, 3));
        refuse("a skip of fewer heads", Scan::new, c -> c.skip = c.vector(3));
        refuse("a step bias of fewer heads", Scan::new, c -> c.stepBias = c.vector(3));
        refuse("a foreign decay", Scan::new, c -> c.decay = foreign(4, 3));
        refuse("a foreign skip", Scan::new, c -> c.skip = foreign(4));
        refuse("a foreign step bias", Scan::new, c -> c.stepBias = foreign(4));
    }

    void delta() {
        states(Delta::new);
        refuse("results of another width", Delta::new, c -> c.out = c.bench.output(2, 13));
        refuse("F16 queries", Delta::new, c -> c.queries = c.keys = c.half(4));
        refuse("F16 values", Delta::new, c -> c.out = c.values = c.half(12));
        refuse("F16 steps", Delta::new, c -> c.steps = c.beta = c.half(4));
        refuse("keys of one head", Delta::new, c -> c.keys = c.ones(2));
        refuse("queries and keys of one head", Delta::new, c -> c.queries = c.keys = c.ones(2));
        refuse("values of fewer heads", Delta::new, c -> {
            c.values = c.ones(9);
            c.out = c.bench.output(2, 9);
        });
        refuse("steps of fewer heads", Delta::new, c -> c.steps = c.ones(3));
        refuse("shares of fewer heads", Delta::new, c -> c.beta = c.ones(3));
        refuse("fewer queries than tokens", Delta::new, c -> c.queries = c.keys = Misfits.ones(c.bench, 1, 4));
        refuse("key heads that don't share out", Delta::new, c -> {
            c.keyHeads = 3;
            c.queries = c.keys = c.ones(6);
        });
        refuse("no key heads", Delta::new, c -> {
            c.keyHeads = 0;
            c.queries = c.keys = c.ones(0);
        });
        refuse("keys of no elements", Delta::new, c -> {
            c.keyDim = 0;
            c.queries = c.keys = c.ones(0);
        });
        refuse("values of no elements", Delta::new, c -> {
            c.valueDim = 0;
            c.values = c.ones(0);
            c.out = c.bench.output(2, 0);
        });
        refuse("a decay of fewer heads", Delta::new, c -> c.decay = c.vector(3));
        refuse("a step bias of fewer heads", Delta::new, c -> c.stepBias = c.vector(3));
        refuse("a foreign decay", Delta::new, c -> c.decay = foreign(4));
        refuse("a foreign step bias", Delta::new, c -> c.stepBias = foreign(4));
    }

    void wkv() {
        states(Wkv::new);
        refuse("results of another width", Wkv::new, c -> c.out = c.bench.output(2, 5));
        refuse("keys of another width", Wkv::new, c -> c.keys = c.ones(5));
        refuse("F16 rows", Wkv::new, c -> c.out = c.keys = c.values = c.half(4));
        refuse("fewer rows than tokens", Wkv::new, c -> {
            c.out = c.bench.output(1, 4);
            c.keys = c.values = Misfits.ones(c.bench, 1, 4);
        });
        refuse("a decay of fewer channels", Wkv::new, c -> c.decay = c.vector(3));
        refuse("a bonus of fewer channels", Wkv::new, c -> c.bonus = c.vector(3));
        refuse("an F16 decay", Wkv::new, c -> c.decay = halfWeight(c, 1, 4));
        refuse("a foreign decay", Wkv::new, c -> c.decay = foreign(4));
        refuse("a foreign bonus", Wkv::new, c -> c.bonus = foreign(4));
    }

    private void states(Function<Bench, Call> make) {
        refuse("a sequence of -1", make, c -> c.sequences = new int[] {-1, -1});
        refuse("a sequence beyond the slots", make, c -> c.sequences = new int[] {2, 2});
        refuse("a position of -1", make, c -> c.positions = new int[] {-1, 0});
        refuse("a position left out", make, c -> c.positions = new int[] {4, 6});
        refuse("a position twice", make, c -> c.positions = new int[] {4, 4});
        refuse("a slot of -1", make, c -> c.slots = new int[] {-1, 0});
        refuse("a slot beyond the pool", make, c -> c.slots = new int[] {3, 0});
        refuse("the greatest slot", make, c -> c.slots = new int[] {Integer.MAX_VALUE, 0});
        refuse("a pool that ends within the slot", make, c -> c.poolBytes--);
        refuse("a slot of two sequences", make, c -> {
            c.slots = new int[] {1, 1};
            c.sequences = new int[] {0, 1};
        });
        refuse("a state before the layer's", make, c -> c.stateOffset = -1);
        refuse("a state that ends in the next layer", make, c -> c.stateOffset = LAYOUT.size() - c.size + 1);
        refuse("a state from beyond any size", make, c -> c.stateOffset = Integer.MAX_VALUE);
        earlier("a layer beyond the last", "recurrent", make, c -> c.layer = 2);
        earlier("a layer of -1", "recurrent", make, c -> c.layer = -1);
        earlier("fewer sequences than positions", "batch", make, c -> c.sequences = new int[] {0});
    }

    private static Weight halfWeight(Call c, int rows, int columns) {
        return c.bench.weight(Matrix.random(DType.F16, rows, columns, new Draw(1)));
    }

    private <C extends Call> void refuse(String what, Function<Bench, C> make, Consumer<C> change) {
        misfits.refuse(what, bench -> changed(make.apply(bench), change).run());
    }

    /** What the operation's arguments may refuse already when they are made. */
    private <C extends Call> void earlier(String what, String word, Function<Bench, C> make, Consumer<C> change) {
        misfits.refuse(what, word, bench -> changed(make.apply(bench), change).run());
    }

    private static <C extends Call> C changed(C call, Consumer<C> change) {
        change.accept(call);
        return call;
    }
}
