package dev.hearth.spi;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * Which token of a step belongs where. Tokens of a sequence stand together, in order of position.
 *
 * @param positions I32 [tokens, 1]: position in its sequence
 * @param sequences I32 [tokens, 1]: row of the page tables that serves it
 */
public record Batch(Tensor positions, Tensor sequences) {
    /** Checks that both have one integer a token. */
    public Batch {
        if (positions.type() != DType.I32
                || sequences.type() != DType.I32
                || positions.width() != 1
                || !positions.shape().equals(sequences.shape())) {
            throw new IllegalArgumentException(
                    "batch: expected I32 [tokens, 1] twice, found positions " + positions + ", sequences " + sequences);
        }
    }

    /** Number of tokens. */
    public long tokenCount() {
        return positions.rows();
    }
}
