package dev.hearth.conformance;

import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.BiPredicate;

/**
 * A pool of pages in shuffled order, written by the kit alone. What no call may read is NaN, and page table entries that none may
 * read are -1.
 */
final class Pages {
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
        for (int[] pages : table) {
            for (int i = 0; i < Math.min(pages.length, places.common() / layout.pageSize()); i++) {
                pages[i] = pages[i] < 0 || table[0][i] < 0 ? pages[i] : table[0][i];
            }
        }
        pool = MemorySegment.ofArray(new byte[Math.toIntExact(order.length * layerBytes() * layout.layerCount())]);
        for (long i = 0; i < pool.byteSize(); i += size()) {
            switch (layout.type()) {
                case F32 -> pool.set(Tensor.INT, i, Bench.GUARD);
                case F16 -> pool.set(Tensor.SHORT, i, (short) 0x7e00);
                case BF16 -> pool.set(Tensor.SHORT, i, (short) 0x7fc0);
                case INT8 -> pool.set(ValueLayout.JAVA_BYTE, i, (byte) -1); // as F32, four of them are NaN
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

    /** Sets an element, rounded to the type of the cache; of INT8 the code of a value up to about 3, whose scale is set apart. */
    void set(Kind kind, int sequence, int position, int column, float value) {
        long at = at(kind, sequence, position, column);
        switch (layout.type()) {
            case F32 -> pool.set(Tensor.FLOAT, at, value);
            case F16 -> pool.set(Tensor.SHORT, at, Float.floatToFloat16(value));
            case BF16 -> pool.set(Tensor.SHORT, at, (short) (Float.floatToRawIntBits((float) bfloat16(value)) >>> 16));
            case INT8 -> pool.set(ValueLayout.JAVA_BYTE, at, (byte) Math.clamp(Math.round(value * 40), -127, 127));
        }
    }

    /** Sets the scale of a head's key or value; of INT8 alone. */
    void setScale(Kind kind, int sequence, int position, int head, float scale) {
        pool.set(Tensor.FLOAT, scaleAt(kind, sequence, position, head), scale);
    }

    boolean hasScales() {
        return layout.type() == CacheType.INT8;
    }

    /** An element of a pool that lies as this one does, as it is kept: of INT8 its code. */
    float stored(MemorySegment bytes, Kind kind, int sequence, int position, int column) {
        long at = at(kind, sequence, position, column);
        return switch (layout.type()) {
            case F32 -> bytes.get(Tensor.FLOAT, at);
            case F16 -> Float.float16ToFloat(bytes.get(Tensor.SHORT, at));
            case BF16 -> Float.intBitsToFloat(bytes.get(Tensor.SHORT, at) << 16);
            case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
        };
    }

    /** The scale of a head's key or value; 1 where there are none. */
    float scale(MemorySegment bytes, Kind kind, int sequence, int position, int head) {
        return hasScales() ? bytes.get(Tensor.FLOAT, scaleAt(kind, sequence, position, head)) : 1;
    }

    /** The value of an element. */
    double get(Kind kind, int sequence, int position, int column) {
        int dim = kind == Kind.KEY ? layout.headDim() : layout.valueDim();
        double scale = scale(pool, kind, sequence, position, column / dim);
        return stored(pool, kind, sequence, position, column) * scale;
    }

    /** Makes an element of another pool as it is here. */
    void restore(MemorySegment bytes, Kind kind, int sequence, int position, int column) {
        long at = at(kind, sequence, position, column);
        MemorySegment.copy(pool, at, bytes, at, size());
    }

    /** Makes a scale of another pool as it is here. */
    void restoreScale(MemorySegment bytes, Kind kind, int sequence, int position, int head) {
        long at = scaleAt(kind, sequence, position, head);
        MemorySegment.copy(pool, at, bytes, at, Float.BYTES);
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
        long index = (long) position % layout.pageSize() * (inKey ? layout.headDim() : dim);
        index += column % dim + (layout.values() instanceof KvLayout.Values.InKey in && inKey ? in.first() : 0);
        return headAt(kind, sequence, position, column / dim) + index * size();
    }

    private long scaleAt(Kind kind, int sequence, int position, int head) {
        int dim = apart(kind) ? layout.valueDim() : layout.headDim();
        long slot = position % layout.pageSize();
        return headAt(kind, sequence, position, head) + (long) layout.pageSize() * dim * size() + slot * Float.BYTES;
    }

    /** Where a head's keys or values in the page of a position begin. */
    private long headAt(Kind kind, int sequence, int position, int head) {
        long pages = pool.byteSize() / (layerBytes() * layout.layerCount());
        long at = layer * pages * layerBytes();
        if (apart(kind)) {
            at += layout.headCount() * pages * headBytes(layout.headDim());
        }
        long page = head * pages + table[sequence][position / layout.pageSize()];
        return at + page * headBytes(apart(kind) ? layout.valueDim() : layout.headDim());
    }

    private boolean apart(Kind kind) {
        return kind == Kind.VALUE && layout.values() instanceof KvLayout.Values.Apart;
    }

    /** Bytes of one layer of a page. */
    private long layerBytes() {
        return layout.headCount()
                * (headBytes(layout.headDim()) + (apart(Kind.VALUE) ? headBytes(layout.valueDim()) : 0));
    }

    /** Bytes of one head's keys or values of a page. */
    private long headBytes(int dim) {
        return (long) layout.pageSize() * (dim * size() + (hasScales() ? Float.BYTES : 0));
    }

    private int size() {
        return switch (layout.type()) {
            case F32 -> 4;
            case F16, BF16 -> 2;
            case INT8 -> 1;
        };
    }

    /** The nearest number with the 8 significant bits of bfloat16, ties to even: none below 2^-133, infinity beyond the greatest. */
    static double bfloat16(double x) {
        if (x == 0 || Double.isNaN(x) || Double.isInfinite(x)) {
            return x;
        }
        double unit = Math.scalb(1.0, Math.max(Math.getExponent(x), -126) - 7);
        double rounded = Math.rint(x / unit) * unit;
        return Math.abs(rounded) > 0x1.fep127 ? Math.copySign(Double.POSITIVE_INFINITY, x) : rounded;
    }
}
