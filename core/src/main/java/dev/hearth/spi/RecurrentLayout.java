package dev.hearth.spi;

/**
 * How the fixed-size state of a group of layers lies in a slot: F32 [layer][size]. A slot belongs to one sequence.
 *
 * @param size F32 numbers of a layer; the families say what they mean
 */
public record RecurrentLayout(int layerCount, int size) {
    /** Checks that nothing is empty. */
    public RecurrentLayout {
        if (layerCount < 1 || size < 1) {
            throw new IllegalArgumentException(
                    "recurrent layout: expected sizes of at least 1, found " + layerCount + " layers of " + size);
        }
    }

    /** Bytes of a slot. */
    public long slotBytes() {
        return 4L * layerCount * size;
    }
}
