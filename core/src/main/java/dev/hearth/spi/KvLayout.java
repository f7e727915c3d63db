package dev.hearth.spi;

import dev.hearth.tensor.DType;

/**
 * How keys and values of a group of layers lie in a pool: [layer][all keys, then all values], each [kv head][page][slot][elements].
 * A page holds {@code pageSize} neighbouring positions of one sequence for every layer of the group, in as many pieces as there
 * are layers and heads: what a head reads lies in one stretch where a sequence has neighbouring pages. {@link KvView} says where.
 *
 * @param headDim elements of a key
 * @param values where values are
 * @param type F32 or F16
 */
public record KvLayout(int layerCount, int headCount, int headDim, Values values, int pageSize, DType type) {
    /** Where the values of a key head are. */
    public sealed interface Values {
        /** Elements of a value. */
        int dim();

        /** After the keys. */
        record Apart(int dim) implements Values {}

        /** In the key: its elements first to first + dim - 1; none are stored. */
        record InKey(int first, int dim) implements Values {}
    }

    /** Checks that nothing is empty and that the type is one of a cache. */
    public KvLayout {
        if (layerCount < 1
                || headCount < 1
                || headDim < 1
                || values.dim() < 1
                || pageSize < 1
                || type != DType.F32 && type != DType.F16) {
            throw new IllegalArgumentException("kv layout: expected sizes of at least 1 and F32 or F16, found "
                    + layerCount + " layers of " + headCount + " heads of " + headDim + " and " + values + ", "
                    + pageSize + " positions a page, " + type);
        }
        if (values instanceof Values.InKey in && (in.first < 0 || in.first > headDim - in.dim)) {
            throw new IllegalArgumentException("kv layout: expected " + in + " within a key of " + headDim);
        }
    }

    /** Values apart and of the size of keys. */
    public KvLayout(int layerCount, int headCount, int headDim, int pageSize, DType type) {
        this(layerCount, headCount, headDim, new Values.Apart(headDim), pageSize, type);
    }

    /** Elements of a value. */
    public int valueDim() {
        return values.dim();
    }

    /** Bytes from the key of a slot to that of the next. */
    public long keyBytes() {
        return type.bytes(headDim);
    }

    /** Bytes from the value of a slot to that of the next. */
    public long valueBytes() {
        return values instanceof Values.Apart ? type.bytes(values.dim()) : keyBytes();
    }

    /** Bytes of a page. */
    public long pageBytes() {
        return layerCount * layerBytes();
    }

    /** Bytes of a page that belong to one layer. */
    long layerBytes() {
        return headCount * pageSize * (keyBytes() + (values instanceof Values.Apart ? valueBytes() : 0));
    }

    /** Bytes of each piece of a page, in the order of the pool: those of a head's keys, or values, in one layer. */
    public long[] pieceBytes() {
        int kinds = values instanceof Values.Apart ? 2 : 1;
        long[] pieces = new long[layerCount * kinds * headCount];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = pageSize * (i / headCount % kinds == 0 ? keyBytes() : valueBytes());
        }
        return pieces;
    }
}
