package dev.hearth.sample;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A beginning of an answer: a token after another beginning.
 *
 * @param before what it goes on from; null for the empty one
 * @param last its last token; the log probabilities, if they are wanted, are the model's own
 * @param sum of the log probabilities by which it is chosen
 * @param length tokens
 */
public record Beam(@Nullable Beam before, @Nullable Sampled last, double sum, int length) {
    /** The empty one. */
    static final Beam EMPTY = new Beam(null, null, 0, 0);

    /** Its tokens. */
    public List<Sampled> tokens() {
        List<Sampled> tokens = new ArrayList<>(length);
        for (Beam beam = this; beam != null; beam = beam.before) {
            if (beam.last != null) {
                tokens.add(beam.last);
            }
        }
        return tokens.reversed();
    }
}
