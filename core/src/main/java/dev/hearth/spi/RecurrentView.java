package dev.hearth.spi;

import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * The fixed-size state of one layer for the sequences of a step. What a slot held before its sequence's first position is never
 * read: position 0 begins from zeros.
 *
 * @param pool every slot of the group, slot after slot
 * @param layer index of the layer within its group
 * @param slots I32 [sequences, 1]: the slot of each sequence
 */
public record RecurrentView(Buffer pool, RecurrentLayout layout, int layer, Tensor slots) {
    /** Checks that the layer is one of the group and that slots are integers. */
    public RecurrentView {
        if (layer < 0 || layer >= layout.layerCount() || slots.type() != DType.I32 || slots.width() != 1) {
            throw new IllegalArgumentException("recurrent view: expected a layer below " + layout.layerCount()
                    + " and slots I32 [sequences, 1], found layer " + layer + " and " + slots);
        }
    }

    /** Byte in the pool where the layer's state of a slot begins. */
    public long offset(int slot) {
        return slot * layout.slotBytes() + 4L * layer * layout.size();
    }
}
