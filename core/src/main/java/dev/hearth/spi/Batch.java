package dev.hearth.spi;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * Which token of a step belongs where. Tokens of a sequence stand together, in order of position.
 *
 * @param positions I32 [tokens, 1]: position in its sequence
 * @param sequences I32 [tokens, 1]: row of the page tables that serves it
 * @param ends I32 [tokens, 1]: last position that the token may see, not before its own; keys and values up to there are
 *     stored before the token attends
 */
public record Batch(Tensor positions, Tensor sequences, Tensor ends) {
    /** Checks that each has one integer a token. */
    public Batch {
        if (!isColumn(positions)
                || !isColumn(sequences)
                || !isColumn(ends)
                || !positions.shape().equals(sequences.shape())
                || !positions.shape().equals(ends.shape())) {
            throw new IllegalArgumentException("batch: expected I32 [tokens, 1] three times, found positions "
                    + positions + ", sequences " + sequences + ", ends " + ends);
        }
    }

    /** Of tokens that see no later ones. */
    public Batch(Tensor positions, Tensor sequences) {
        this(positions, sequences, positions);
    }

    private static boolean isColumn(Tensor x) {
        return x.type() == DType.I32 && x.width() == 1;
    }

    /** Number of tokens. */
    public long tokenCount() {
        return positions.rows();
    }
}
