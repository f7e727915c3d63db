package dev.hearth.conformance;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls on pages that must be refused: two key heads of 4, pages of 4 positions, a pool of three, and one thing wrong. */
final class CacheMisfits {
    private static final KvLayout LAYOUT = new KvLayout(2, 2, 4, 4, CacheType.F32);
    private static final KvLayout IN_KEY = new KvLayout(2, 2, 4, new KvLayout.Values.InKey(1, 3), 4, CacheType.F32);
    private static final AttentionSpec SPEC = new AttentionSpec(4, 0.5f, 0, AttentionSpec.NO_WINDOW);
    private static final int[][] TABLE = {{2, 0, 1}, {1, -1, -1}};

    private final Misfits misfits;

    CacheMisfits(Misfits misfits) {
        this.misfits = misfits;
    }

    /** What a call gets; each check changes one of them. */
    private static final class Call {
        final Bench bench;
        KvLayout layout = LAYOUT;
        AttentionSpec spec = SPEC;
        int layer = 1;
        int[][] table = TABLE;
        int[] sequences = {0};
        int[] positions = {8};
        int[] ends = {};
        int poolBytes = (int) (3 * LAYOUT.pageBytes());

        Call(Bench bench) {
            this.bench = bench;
        }

        Batch batch() {
            return new Batch(
                    bench.column(positions),
                    bench.column(sequences),
                    bench.column(ends.length == 0 ? positions : ends));
        }

        KvView view() {
            Buffer pool = bench.buffer(MemorySegment.ofArray(new byte[poolBytes]));
            return new KvView(pool, layout, layer, bench.input(table, table[0].length));
        }

        void store() {
            bench.ops().store(view(), rows(8), rows(8), batch());
        }

        void attend() {
            bench.ops().attend(bench.output(positions.length, 16), rows(16), view(), spec, batch());
        }

        Tensor rows(int width) {
            return Misfits.ones(bench, positions.length, width);
        }
    }

    void store() {
        both(Call::store);
        refuse("values of another width", c -> c.bench.ops().store(c.view(), c.rows(8), c.rows(7), c.batch()));
        refuse("no values", c -> c.bench.ops().store(c.view(), c.rows(8), null, c.batch()));
        change("values beside those in the keys", c -> c.layout = IN_KEY, Call::store);
        refuse("keys of one head", c -> c.bench.ops().store(c.view(), c.rows(4), c.rows(4), c.batch()));
        refuse("F16 keys", c -> c.bench.ops().store(c.view(), Misfits.half(c.bench, 1, 8), c.rows(8), c.batch()));
    }

    void attend() {
        both(Call::attend);
        change("a page of -1 between others", c -> c.table = new int[][] {{2, -1, 1}}, Call::attend);
        change("a page beyond the pool before its own", c -> c.table = new int[][] {{3, 0, 1}}, Call::attend);
        change(
                "a page of -1 within the window",
                c -> {
                    c.table = new int[][] {{-1, -1, 1}};
                    c.spec = new AttentionSpec(4, 0.5f, 0, 2);
                    c.positions = new int[] {8};
                },
                Call::attend);
        change(
                "a missing page of an earlier token",
                c -> {
                    c.table = new int[][] {{2, -1, 1}};
                    c.spec = new AttentionSpec(4, 0.5f, 0, 1);
                    c.positions = new int[] {7, 8};
                    c.sequences = new int[] {0, 0};
                },
                Call::attend);
        change("heads that don't share out", c -> c.spec = new AttentionSpec(3, 1, 0, 8), Call::attend);
        change("a window of 0", c -> c.spec = new AttentionSpec(4, 1, 0, 0), Call::attend);
        change("a chunk of 0", c -> c.spec = SPEC.withChunk(0), Call::attend);
        change("a negative chunk", c -> c.spec = SPEC.withChunk(-4), Call::attend);
        change(
                "a page of -1 within the chunk",
                c -> {
                    c.table = new int[][] {{2, -1, 1}};
                    c.spec = SPEC.withChunk(6);
                },
                Call::attend);
        change("an end before its position", c -> c.ends = new int[] {7}, Call::attend);
        change("an end beyond the table", c -> c.ends = new int[] {12}, Call::attend);
        change("a negative bound on later positions", c -> c.spec = SPEC.withAhead(-1), Call::attend);
        change(
                "a page of -1 after its own",
                c -> {
                    c.table = new int[][] {{2, 0, -1}};
                    c.spec = SPEC.bothWays();
                    c.positions = new int[] {7};
                    c.ends = new int[] {8};
                },
                Call::attend);
        change("sinks for fewer heads", c -> c.spec = SPEC.withSinks(c.bench.vector(1, 2, 3)), Call::attend);
        change("slopes for fewer heads", c -> c.spec = SPEC.withSlopes(c.bench.vector(1, 2, 3)), Call::attend);
        distances();
        change("foreign sinks", c -> c.spec = SPEC.withSinks(Misfits.foreign(1, 4)), Call::attend);
        change("results of whole keys", c -> c.layout = IN_KEY, Call::attend);
        change("a negative window", c -> c.spec = new AttentionSpec(4, 1, 0, -1), Call::attend);
        refuse(
                "results of another width",
                c -> c.bench.ops().attend(c.bench.output(1, 12), c.rows(16), c.view(), SPEC, c.batch()));
        refuse(
                "queries of other heads",
                c -> c.bench.ops().attend(c.bench.output(1, 8), c.rows(8), c.view(), SPEC, c.batch()));
        refuse(
                "F16 queries",
                c -> c.bench
                        .ops()
                        .attend(c.bench.output(1, 16), Misfits.half(c.bench, 1, 16), c.view(), SPEC, c.batch()));
    }

    private void distances() {
        relative("distances for fewer heads", c -> terms(table(c, DType.F32, 9, 4), 0, 1, 2));
        relative("distances of wider heads", c -> terms(table(c, DType.F32, 12, 5), 0, 1, 2));
        relative("distances of F16", c -> terms(table(c, DType.F16, 12, 4), 0, 1, 2));
        relative("a distance of vector -1", c -> terms(table(c, DType.F32, 12, 4), 0, -1, 2));
        relative("a distance beyond the last vector", c -> terms(table(c, DType.F32, 12, 4), 0, 1, 3));
        relative("foreign distances", c -> terms(Misfits.foreign(12, 4), 0, 1, 2));
        earlier("an even number of distances", "relative", c -> terms(table(c, DType.F32, 12, 4), 0, 1), c -> {});
        earlier("distances without vectors", "relative", c -> new RelativeTerms(new int[1], null, null), c -> {});
        earlier(
                "distances of two sizes",
                "relative",
                c -> new RelativeTerms(new int[1], table(c, DType.F32, 12, 4), table(c, DType.F32, 8, 4)),
                c -> {});
    }

    private static Weight table(Call c, DType type, int rows, int columns) {
        return c.bench.weight(Matrix.random(type, rows, columns, new Draw(1)));
    }

    private static RelativeTerms terms(Weight keys, int... rows) {
        return new RelativeTerms(rows, keys, null);
    }

    private void relative(String what, Function<Call, RelativeTerms> terms) {
        change(what, c -> c.spec = SPEC.withRelative(terms.apply(c)), Call::attend);
    }

    private void both(Consumer<Call> call) {
        change("a sequence of -1", c -> c.sequences = new int[] {-1}, call);
        change("a sequence beyond the table", c -> c.sequences = new int[] {2}, call);
        change("a position of -1", c -> c.positions = new int[] {-1}, call);
        change("a position beyond the table", c -> c.positions = new int[] {12}, call);
        change("the greatest position", c -> c.positions = new int[] {Integer.MAX_VALUE}, call);
        change("a page of -1", c -> c.sequences = new int[] {1}, call);
        change("a page beyond the pool", c -> c.table = new int[][] {{0, 1, 3}}, call);
        change("the greatest page", c -> c.table = new int[][] {{0, 1, Integer.MAX_VALUE}}, call);
        change("a pool that ends within the page", c -> c.poolBytes--, c -> {
            c.table = new int[][] {{0, 1, 2}};
            call.accept(c);
        });
        earlier("a layer of -1", "kv", c -> c.layer = -1, call);
        earlier("a layer beyond the last", "kv", c -> c.layer = 2, call);
        earlier("pages of no positions", "kv", c -> c.layout = new KvLayout(2, 2, 4, 0, CacheType.F32), call);
        earlier("heads of no elements", "kv", c -> c.layout = new KvLayout(2, 2, 0, 4, CacheType.F32), call);
        earlier("values of no elements", "kv", c -> c.layout = with(new KvLayout.Values.Apart(0)), call);
        earlier("values that end behind the key", "kv", c -> c.layout = with(new KvLayout.Values.InKey(2, 3)), call);
        earlier("values that begin before the key", "kv", c -> c.layout = with(new KvLayout.Values.InKey(-1, 3)), call);
        earlier("fewer sequences than positions", "batch", c -> c.positions = new int[] {0, 1}, call);
        earlier("more ends than positions", "batch", c -> c.ends = new int[] {8, 8}, call);
        earlier(
                "positions as F32",
                "batch",
                c -> new Batch(c.bench.input(new float[1][1], 1), c.bench.column(0)),
                call);
        earlier(
                "positions of two columns",
                "batch",
                c -> new Batch(c.bench.input(new int[1][2], 2), c.bench.column(0)),
                call);
        earlier(
                "a page table as F32",
                "kv",
                c -> {
                    KvView good = c.view();
                    new KvView(good.pool(), LAYOUT, 0, c.bench.input(new float[1][3], 3));
                },
                call);
    }

    private static KvLayout with(KvLayout.Values values) {
        return new KvLayout(2, 2, 4, values, 4, CacheType.F32);
    }

    /** What the operation's arguments may refuse already when they are made. */
    private void earlier(String what, String word, Consumer<Call> change, Consumer<Call> call) {
        misfits.refuse(what, word, bench -> {
            Call c = new Call(bench);
            change.accept(c);
            call.accept(c);
        });
    }

    private void change(String what, Consumer<Call> change, Consumer<Call> call) {
        misfits.refuse(what, bench -> {
            Call c = new Call(bench);
            change.accept(c);
            call.accept(c);
        });
    }

    private void refuse(String what, Consumer<Call> call) {
        misfits.refuse(what, bench -> call.accept(new Call(bench)));
    }
}
