package dev.hearth.conformance;

import dev.hearth.spi.RecurrentLayout;
import dev.hearth.spi.RecurrentView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.IntPredicate;

/**
 * A pool of slots in shuffled order, written by the kit alone. Sequences that go on have a state; all else is NaN, that of
 * sequences at their beginning too.
 */
final class Slots {
    /**
     * Where the state lies.
     *
     * @param layers of the group
     * @param before numbers of the layer before the state
     * @param after numbers behind it
     */
    record Place(int layers, int layer, int before, int after) {
        static Place any(Draw draw) {
            int layers = draw.from(1, 3);
            return new Place(
                    layers, draw.below(layers), draw.below(2) * draw.below(20), draw.below(2) * draw.below(20));
        }
    }

    private final Place place;
    private final int size;
    private final RecurrentLayout layout;
    private final int[] slots;
    private final MemorySegment pool;

    /** A slot for each sequence of these places, and two that nobody owns. */
    Slots(Place place, int size, Places places, Draw draw) {
        this.place = place;
        this.size = size;
        layout = new RecurrentLayout(place.layers, Math.max(1, place.before + size + place.after));
        slots = java.util.Arrays.copyOf(draw.permutation(places.sequenceCount() + 2), places.sequenceCount());
        pool = MemorySegment.ofArray(new byte[Math.toIntExact((slots.length + 2) * layout.slotBytes())]);
        for (long i = 0; i < pool.byteSize(); i += 4) {
            pool.set(Tensor.INT, i, Bench.GUARD);
        }
    }

    /** Sets the state of a sequence. */
    void set(int sequence, float[] state) {
        MemorySegment.copy(state, 0, pool, Tensor.FLOAT, at(sequence), size);
    }

    float[] get(int sequence) {
        return get(pool, sequence);
    }

    /** The state of a sequence in a pool that lies as this one does. */
    float[] get(MemorySegment bytes, int sequence) {
        float[] state = new float[size];
        MemorySegment.copy(bytes, Tensor.FLOAT, at(sequence), state, 0, size);
        return state;
    }

    /** Makes the state of a sequence in another pool as it is here. */
    void restore(MemorySegment bytes, int sequence) {
        MemorySegment.copy(pool, at(sequence), bytes, at(sequence), 4L * size);
    }

    MemorySegment pool() {
        return pool;
    }

    int stateOffset() {
        return place.before;
    }

    /** A view on a device with the slots of those sequences that a call has; the others are -1. */
    RecurrentView view(Bench bench, Buffer onDevice, IntPredicate called) {
        int[] entries = new int[slots.length];
        java.util.Arrays.setAll(entries, s -> called.test(s) ? slots[s] : -1);
        return new RecurrentView(onDevice, layout, place.layer, bench.column(entries));
    }

    /** Where a state lies, after {@link RecurrentLayout}'s first sentence. */
    private long at(int sequence) {
        long layer = (long) slots[sequence] * place.layers + place.layer;
        return 4 * (layer * layout.size() + place.before);
    }

    @Override
    public String toString() {
        return "layer " + place.layer + " of " + layout + " from " + place.before;
    }
}
