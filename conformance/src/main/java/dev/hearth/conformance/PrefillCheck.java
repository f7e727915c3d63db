package dev.hearth.conformance;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** A prompt stored and attended to in chunks, each chunk seeing what those before it stored, gives the bits of one call. */
final class PrefillCheck {
    private static final int[][] CHUNKS = {{270}, {1, 269}, {255, 15}, {256, 14}, {257, 13}, {100, 17, 9, 16, 128}};

    private final Session session;
    private final KvLayout layout;
    private final AttentionSpec spec;
    private final Pages pages;
    private final float[][] queries;
    private final float[][] keys;
    private final float[][] values;

    private PrefillCheck(Session session, CacheType type, int window) {
        Draw draw = new Draw(303);
        this.session = session;
        layout = new KvLayout(2, 2, 8, 16, type);
        spec = new AttentionSpec(4, 0.35f, 0, window);
        pages = new Pages(
                layout, 1, Places.of(new Places.Run(0, 0, 270)), (own, end, position) -> position <= own, draw);
        queries = draw.rows(270, 32, 1);
        keys = draw.rows(270, 16, 1);
        values = draw.rows(270, 16, 1);
    }

    static List<Check> of(Session session) {
        List<Check> checks = new ArrayList<>();
        for (CacheType type : CacheType.values()) {
            for (int window : new int[] {100, AttentionSpec.NO_WINDOW}) {
                String name = "prompt of 270 in chunks, " + type + ", window " + window;
                checks.add(new Check(Operation.ATTEND, name, () -> new PrefillCheck(session, type, window).run(name)));
            }
        }
        return checks;
    }

    private void run(String name) {
        float[][] whole = inChunks(CHUNKS[0]);
        for (int[] chunks : CHUNKS) {
            float[][] found = inChunks(chunks);
            for (int t = 0; t < whole.length; t++) {
                int i = RowChecks.mismatch(whole[t], found[t]);
                if (i >= 0) {
                    throw new AssertionError("attend " + name + " " + java.util.Arrays.toString(chunks) + ": position "
                            + t + ", element " + i + ": expected " + whole[t][i] + ", found " + found[t][i]);
                }
            }
        }
    }

    private float[][] inChunks(int[] chunks) {
        float[][] all = new float[queries.length][];
        try (Bench bench = session.bench(Bench.Layout.DENSE)) {
            Buffer pool = bench.buffer(pages.pool());
            KvView view = pages.view(bench, pool, (sequence, page) -> true);
            int from = 0;
            for (int size : chunks) {
                int to = from + size;
                int[] positions = new int[size];
                int start = from;
                java.util.Arrays.setAll(positions, i -> start + i);
                Batch batch = new Batch(bench.column(positions), bench.column(new int[size]));
                Tensor k = bench.input(Slices.of(keys, from, to), 16);
                bench.ops().store(view, k, bench.input(Slices.of(values, from, to), 16), batch);
                Tensor out = bench.output(size, 32);
                bench.ops().attend(out, bench.input(Slices.of(queries, from, to), 32), view, spec, batch);
                System.arraycopy(bench.floats(out), 0, all, from, size);
                from = to;
            }
            bench.assertUntouched();
        }
        return all;
    }
}
