package dev.hearth.spi;

import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * The keys and values of one layer for the sequences of a step.
 *
 * @param pool every page of the group, page after page
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
}
