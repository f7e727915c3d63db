package dev.hearth.spi;

import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * The keys and values of one layer for the sequences of a step.
 *
 * @param pool every page of the group, as {@link KvLayout} says; as many as it has room for
 * @param layer index of the layer within its group
 * @param pageTable I32 [sequences, pages]: page that holds positions i * pageSize to (i + 1) * pageSize - 1; entries of
 *     positions that are out of a window or not yet reached are never read
 */
public record KvView(Buffer pool, KvLayout layout, int layer, Tensor pageTable) {
    /** Checks that the layer is one of the group and that the table holds integers. */
    public KvView {
        if (layer < 0 || layer >= layout.layerCount() || pageTable.type() != DType.I32) {
            throw new IllegalArgumentException("kv view: expected a layer below " + layout.layerCount()
                    + " and an I32 page table, found layer " + layer + " and " + pageTable);
        }
    }

    /** Pages of the pool. */
    public long pageCount() {
        return pool.byteSize() / layout.pageBytes();
    }

    /** Byte in the pool where the key of a head starts, slot 0. */
    public long keyOffset(int page, int head) {
        return layer * pageCount() * layout.layerBytes() + head * keyHeadBytes() + page * keyPageBytes();
    }

    /** Byte in the pool where the value of a head starts, slot 0. */
    public long valueOffset(int page, int head) {
        return switch (layout.values()) {
            case KvLayout.Values.InKey in ->
                keyOffset(page, head) + layout.type().bytes(in.first());
            case KvLayout.Values.Apart apart ->
                keyOffset(0, layout.headCount()) + head * valueHeadBytes() + page * valuePageBytes();
        };
    }

    /** Byte in the pool where the scales of a head's keys start, slot 0; of a type that has them. */
    public long keyScaleOffset(int page, int head) {
        return keyOffset(page, head) + layout.pageSize() * layout.keyBytes();
    }

    /** Byte in the pool where the scales of a head's values start, slot 0: those of its keys where values are in them. */
    public long valueScaleOffset(int page, int head) {
        return switch (layout.values()) {
            case KvLayout.Values.InKey in -> keyScaleOffset(page, head);
            case KvLayout.Values.Apart apart -> valueOffset(page, head) + layout.pageSize() * layout.valueBytes();
        };
    }

    /** Bytes from a head's keys in a page to those in the next. */
    public long keyPageBytes() {
        return layout.keyPageBytes();
    }

    /** Bytes from a head's values in a page to those in the next. */
    public long valuePageBytes() {
        return layout.valuePageBytes();
    }

    /** Bytes from the keys of a head to those of the next. */
    public long keyHeadBytes() {
        return pageCount() * keyPageBytes();
    }

    /** Bytes from the values of a head to those of the next. */
    public long valueHeadBytes() {
        return pageCount() * valuePageBytes();
    }
}
