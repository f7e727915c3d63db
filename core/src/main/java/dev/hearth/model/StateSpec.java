package dev.hearth.model;

import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.RecurrentLayout;

/** State that a network keeps for each sequence. Layers of the same kind form a group that is pooled together. */
public sealed interface StateSpec {
    /** How many layers share it. */
    int layerCount();

    /** Which device of a {@link Pipeline} has these layers, from 0. */
    int stage();

    /**
     * Keys and values, which grow with the sequence by pages.
     *
     * @param window positions that any layer of the group looks back, itself included; pages before that can be freed
     */
    record Kv(int layerCount, int headCount, int headDim, KvLayout.Values values, int window, int stage)
            implements StateSpec {
        /** Of the first device. */
        public Kv(int layerCount, int headCount, int headDim, KvLayout.Values values, int window) {
            this(layerCount, headCount, headDim, values, window, 0);
        }

        /** How a page of this many positions lies in memory. */
        public KvLayout layout(int pageSize, CacheType type) {
            return new KvLayout(layerCount, headCount, headDim, values, pageSize, type);
        }
    }

    /**
     * A state of fixed size that every token changes: one slot a sequence.
     *
     * @param size F32 numbers of a layer
     */
    record Recurrent(int layerCount, int size, int stage) implements StateSpec {
        /** Of the first device. */
        public Recurrent(int layerCount, int size) {
            this(layerCount, size, 0);
        }

        /** How a slot lies in memory. */
        public RecurrentLayout layout() {
            return new RecurrentLayout(layerCount, size);
        }
    }
}
