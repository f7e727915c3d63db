package dev.hearth.spi;

import dev.hearth.tensor.DType;

/**
 * How keys and values of a group of layers lie in a page: [layer][key, value][kv head][slot][head dim]. A page holds
 * {@code pageSize} neighbouring positions of one sequence for every layer of the group.
 *
 * @param type F32 or F16
 */
public record KvLayout(int layerCount, int headCount, int headDim, int pageSize, DType type) {
    /** Checks that nothing is empty and that the type is one of a cache. */
    public KvLayout {
        if (layerCount < 1 || headCount < 1 || headDim < 1 || pageSize < 1 || type != DType.F32 && type != DType.F16) {
            throw new IllegalArgumentException("kv layout: expected sizes of at least 1 and F32 or F16, found "
                    + layerCount + " layers of " + headCount + " heads of " + headDim + ", " + pageSize
                    + " positions a page, " + type);
        }
    }

    /** Bytes of a page. */
    public long pageBytes() {
        return 2L * layerCount * headCount * pageSize * type.bytes(headDim);
    }

    /** Byte in the pool where the key of a head starts, slot 0. */
    public long keyOffset(int page, int layer, int head) {
        return page * pageBytes() + (2L * layer * headCount + head) * pageSize * type.bytes(headDim);
    }

    /** Byte in the pool where the value of a head starts, slot 0. */
    public long valueOffset(int page, int layer, int head) {
        return keyOffset(page, layer, head) + (long) headCount * pageSize * type.bytes(headDim);
    }
}
