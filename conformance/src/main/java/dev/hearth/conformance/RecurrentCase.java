package dev.hearth.conformance;

import dev.hearth.spi.RecurrentView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recurrence over several sequences, some from their beginning, some from a state that the kit wrote. Rows are what they are in
 * a whole, so rows [from, to) come after those before them, taken in calls of as many rows. The last row of a sequence has
 * the state after it among its results; no other byte of the pool may change.
 */
final class RecurrentCase implements RowCase {
    private final Recurrence recurrence;
    private final Places places;
    private final Slots slots;
    private final List<Integer> chunks;
    private Expected @Nullable [] expected;

    RecurrentCase(Recurrence recurrence, Places places, Slots slots, List<Integer> chunks) {
        this.recurrence = recurrence;
        this.places = places;
        this.slots = slots;
        this.chunks = chunks;
    }

    /** Normal states at any place of a pool. */
    static RecurrentCase random(Recurrence recurrence, Places places, List<Integer> chunks, Draw draw) {
        Slots slots = new Slots(Slots.Place.any(draw), recurrence.stateSize(), places, draw);
        for (int t = 0; t < places.count(); t++) {
            if (places.positions()[t] > 0 && !follows(places, t)) {
                slots.set(places.sequences()[t], draw.normals(recurrence.stateSize(), 1));
            }
        }
        return new RecurrentCase(recurrence, places, slots, chunks);
    }

    /** The same with these values about the states of sequences that go on. */
    RecurrentCase withExtremes(float[] extremes, Draw draw) {
        for (int s = 0; s < places.sequenceCount(); s++) {
            float[] state = slots.get(s);
            state[draw.below(state.length)] = extremes[s % extremes.length];
            slots.set(s, state);
        }
        return this;
    }

    private static boolean follows(Places places, int row) {
        return row > 0 && places.sequences()[row - 1] == places.sequences()[row];
    }

    @Override
    public Operation operation() {
        return recurrence.operation();
    }

    @Override
    public String name() {
        return recurrence.name() + ", " + places.count() + " rows of " + places.sequenceCount() + " sequences, "
                + slots;
    }

    @Override
    public int rows() {
        return places.count();
    }

    @Override
    public List<Integer> chunks() {
        return chunks;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        Buffer pool = bench.buffer(slots.pool());
        int size = Math.max(1, to - from);
        for (int start = 0; start < from; start += size) {
            call(bench, pool, start, Math.min(from, start + size));
        }
        float[][] rows = bench.floats(call(bench, pool, from, to));
        MemorySegment bytes = bench.bytes(pool);
        for (int t = from; t < to; t++) {
            if (isLast(t)) {
                float[][] state = {slots.get(bytes, places.sequences()[t])};
                rows[t - from] = Slices.join(new float[][] {rows[t - from]}, state)[0];
            }
        }
        for (int t = 0; t < to; t++) {
            slots.restore(bytes, places.sequences()[t]);
        }
        long at = bytes.mismatch(slots.pool());
        if (at >= 0) {
            throw new AssertionError("byte " + at + " of the pool, which belongs to no row, was changed");
        }
        return rows;
    }

    private Tensor call(Bench bench, Buffer pool, int from, int to) {
        RecurrentView view = slots.view(bench, pool, sequence -> hasRow(sequence, from, to));
        return recurrence.run(bench, from, to, view, slots.stateOffset(), places.batch(bench, from, to));
    }

    private boolean hasRow(int sequence, int from, int to) {
        return Arrays.stream(places.sequences(), from, to).anyMatch(s -> s == sequence);
    }

    private boolean isLast(int row) {
        return row + 1 == places.count() || places.sequences()[row + 1] != places.sequences()[row];
    }

    @Override
    public Expected expected(int row) {
        Expected[] all = expected;
        if (all == null) {
            all = simulated();
            expected = all;
        }
        return all[row];
    }

    private Expected[] simulated() {
        Expected[] all = new Expected[places.count()];
        Bounded[] state = new Bounded[recurrence.stateSize()];
        for (int t = 0; t < all.length; t++) {
            if (!follows(places, t)) {
                float[] before = slots.get(places.sequences()[t]);
                boolean begins = places.positions()[t] == 0;
                Arrays.setAll(state, i -> begins ? Bounded.ZERO : Bounded.exact(before[i]));
            }
            Bounded[] row = recurrence.step(t, state);
            all[t] = Expected.of(row.length + (isLast(t) ? state.length : 0));
            for (int i = 0; i < all[t].values().length; i++) {
                Bounded b = i < row.length ? row[i] : state[i - row.length];
                all[t].set(i, b.value(), b.error());
            }
        }
        return all;
    }
}
