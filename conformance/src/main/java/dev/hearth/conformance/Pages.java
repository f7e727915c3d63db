package dev.hearth.conformance;

import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.BiPredicate;

/**
 * A pool of pages in shuffled order, written by the kit alone. What no call may read is NaN, and page table entries that none may
 * read are -1.
 */
final class Pages {
    private static final short HALF_NAN = 0x7e00;

    private final KvLayout layout;
    private final int layer;
    private final int[][] table;
    private final MemorySegment pool;

    /** Which positions a row sees. */
    interface Seen {
        /** Whether a row at position {@code own} that may see up to {@code end} sees this one. */
        boolean sees(int own, int end, int position);
    }

    /** Pages for the positions that these places see, and two that nobody owns. */
    Pages(KvLayout layout, int layer, Places places, Seen seen, Draw draw) {
        this.layout = layout;
        this.layer = layer;
        table = new int[places.sequenceCount()][places.positionCount() / layout.pageSize() + 2]; // more than there are
        int owned = markOwned(places, seen);
        int[] order = draw.permutation(owned + 2);
        for (int[] pages : table) {
            for (int i = 0; i < pages.length; i++) {
                pages[i] = pages[i] == 0 ? -1 : order[--owned];
            }
        }
        long bytes = pageElements() * layout.layerCount() * size();
        pool = MemorySegment.ofArray(new byte[Math.toIntExact(order.length * bytes)]);
        for (long i = 0; i < pool.byteSize(); i += size()) {
            if (half()) {
                pool.set(Tensor.SHORT, i, HALF_NAN);
            } else {
                pool.set(Tensor.INT, i, Bench.GUARD);
            }
        }
    }

    private int markOwned(Places places, Seen seen) {
        int owned = 0;
        for (int t = 0; t < places.count(); t++) {
            for (int position = 0; position <= places.ends()[t]; position++) {
                if (seen.sees(places.positions()[t], places.ends()[t], position)) {
                    int[] pages = table[places.sequences()[t]];
                    owned += 1 - pages[position / layout.pageSize()];
                    pages[position / layout.pageSize()] = 1;
                }
            }
        }
        return owned;
    }

    KvLayout layout() {
        return layout;
    }

    /** Which half of a page. */
    enum Kind {
        /** Keys. */
        KEY,
        /** Values. */
        VALUE
    }

    /** Sets an element, rounded to the type of the cache. */
    void set(Kind kind, int sequence, int position, int column, float value) {
        put(pool, at(kind, sequence, position, column), value);
    }

    /** An element of a pool that lies as this one does. */
    float get(MemorySegment bytes, Kind kind, int sequence, int position, int column) {
        long at = at(kind, sequence, position, column);
        return half() ? Float.float16ToFloat(bytes.get(Tensor.SHORT, at)) : bytes.get(Tensor.FLOAT, at);
    }

    float get(Kind kind, int sequence, int position, int column) {
        return get(pool, kind, sequence, position, column);
    }

    /** Makes an element of another pool as it is here. */
    void restore(MemorySegment bytes, Kind kind, int sequence, int position, int column) {
        long at = at(kind, sequence, position, column);
        MemorySegment.copy(pool, at, bytes, at, size());
    }

    MemorySegment pool() {
        return pool;
    }

    /** A view on a device with only those entries for which {@code read}, of sequence and page, is true; the others are -1. */
    KvView view(Bench bench, Buffer onDevice, BiPredicate<Integer, Integer> read) {
        int[][] entries = new int[table.length][table[0].length];
        for (int s = 0; s < entries.length; s++) {
            for (int i = 0; i < entries[s].length; i++) {
                entries[s][i] = read.test(s, i) ? table[s][i] : -1;
            }
        }
        return new KvView(onDevice, layout, layer, bench.input(entries, entries[0].length));
    }

    /** Where an element lies, after {@link KvLayout}'s first sentence. */
    private long at(Kind kind, int sequence, int position, int column) {
        int dim = kind == Kind.KEY ? layout.headDim() : layout.valueDim();
        boolean inKey = kind == Kind.VALUE && layout.values() instanceof KvLayout.Values.InKey;
        int width = inKey ? layout.headDim() : dim;
        long pages = pool.byteSize() / (pageElements() * layout.layerCount() * size());
        long index = layer * pages * pageElements();
        if (kind == Kind.VALUE && layout.values() instanceof KvLayout.Values.Apart) {
            index += layout.headCount() * pages * layout.pageSize() * layout.headDim();
        }
        long page = column / dim * pages + table[sequence][position / layout.pageSize()];
        index += (page * layout.pageSize() + position % layout.pageSize()) * width;
        index += column % dim + (layout.values() instanceof KvLayout.Values.InKey in && inKey ? in.first() : 0);
        return index * size();
    }

    /** Elements of one layer of a page. */
    private long pageElements() {
        int values = layout.values() instanceof KvLayout.Values.Apart apart ? apart.dim() : 0;
        return (long) layout.headCount() * layout.pageSize() * (layout.headDim() + values);
    }

    private boolean half() {
        return layout.type() == DType.F16;
    }

    private int size() {
        return half() ? 2 : 4;
    }

    private void put(MemorySegment bytes, long at, float value) {
        if (half()) {
            bytes.set(Tensor.SHORT, at, Float.floatToFloat16(value));
        } else {
            bytes.set(Tensor.FLOAT, at, value);
        }
    }
}
