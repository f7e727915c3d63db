package dev.hearth.model;

import dev.hearth.embedding.Pooling;
import dev.hearth.layer.Stage;
import java.util.List;

/**
 * What makes labels of a whole text.
 *
 * @param pooling how its tokens become one row
 * @param stages what follows, the last to one logit a label
 */
public record Classifier(Pooling pooling, List<Stage> stages) {
    /** Copies the list. */
    public Classifier {
        stages = List.copyOf(stages);
    }

    /** Of stages one by one. */
    public static Classifier of(Pooling pooling, Stage... stages) {
        return new Classifier(pooling, List.of(stages));
    }
}
