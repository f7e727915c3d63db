package dev.hearth.model;

import dev.hearth.spi.KvLayout;
import dev.hearth.tensor.DType;

/** State that a network keeps for each sequence. Layers of the same kind form a group that is paged together. */
public sealed interface StateSpec {
    /**
     * Keys and values.
     *
     * @param window positions that any layer of the group looks back, itself included; pages before that can be freed
     */
    record Kv(int layerCount, int headCount, int headDim, KvLayout.Values values, int window) implements StateSpec {
        /** How a page of this many positions lies in memory. */
        public KvLayout layout(int pageSize, DType type) {
            return new KvLayout(layerCount, headCount, headDim, values, pageSize, type);
        }
    }
}
