package dev.hearth.spi;

/**
 * How keys and values of a group of layers lie in a pool: [layer][all keys, then all values], each [kv head][page][slot][elements],
 * of a type with scales [kv head][page]([slot][elements], then [slot] F32 scales). A page holds {@code pageSize} neighbouring positions of one sequence for every layer of the group, in as many pieces as there
 * are layers and heads: what a head reads lies in one stretch where a sequence has neighbouring pages. {@link KvView} says where.
 *
 * @param headDim elements of a key
 * @param values where values are
 * @param type of all elements
 */
public record KvLayout(int layerCount, int headCount, int headDim, Values values, int pageSize, CacheType type) {
    /** Where the values of a key head are. */
    public sealed interface Values {
        /** Elements of a value. */
        int dim();

        /** After the keys. */
        record Apart(int dim) implements Values {}

        /** In the key: its elements first to first + dim - 1; none are stored. */
        record InKey(int first, int dim) implements Values {}
    }

    /** Checks that nothing is empty. */
    public KvLayout {
        if (layerCount < 1 || headCount < 1 || headDim < 1 || values.dim() < 1 || pageSize < 1) {
            throw new IllegalArgumentException(
                    "kv layout: expected sizes of at least 1, found " + layerCount + " layers of " + headCount
                            + " heads of " + headDim + " and " + values + ", " + pageSize + " positions a page");
        }
        if (values instanceof Values.InKey in && (in.first < 0 || in.first > headDim - in.dim)) {
            throw new IllegalArgumentException("kv layout: expected " + in + " within a key of " + headDim);
        }
    }

    /** Values apart and of the size of keys. */
    public KvLayout(int layerCount, int headCount, int headDim, int pageSize, CacheType type) {
        this(layerCount, headCount, headDim, new Values.Apart(headDim), pageSize, type);
    }

    /** Elements of a value. */
    public int valueDim() {
        return values.dim();
    }

    /** Bytes from the key of a slot to that of the next, which its scale isn't among. */
    public long keyBytes() {
        return type.bytes(headDim);
    }

    /** Bytes from the value of a slot to that of the next. */
    public long valueBytes() {
        return values instanceof Values.Apart ? type.bytes(values.dim()) : keyBytes();
    }

    /** Bytes of the keys of a head in a page. */
    public long keyPageBytes() {
        return type.pageBytes(pageSize, headDim);
    }

    /** Bytes from the values of a head in a page to those in the next. */
    public long valuePageBytes() {
        return values instanceof Values.Apart ? type.pageBytes(pageSize, values.dim()) : keyPageBytes();
    }

    /** Bytes of a page. */
    public long pageBytes() {
        return layerCount * layerBytes();
    }

    /** Bytes of a page that belong to one layer. */
    long layerBytes() {
        return headCount * (keyPageBytes() + (values instanceof Values.Apart ? valuePageBytes() : 0));
    }

    /** Bytes of each piece of a page, in the order of the pool: those of a head's keys, or values, in one layer. */
    public long[] pieceBytes() {
        int kinds = values instanceof Values.Apart ? 2 : 1;
        long[] pieces = new long[layerCount * kinds * headCount];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = i / headCount % kinds == 0 ? keyPageBytes() : valuePageBytes();
        }
        return pieces;
    }
}
