package dev.hearth;

import java.util.List;

/**
 * The embeddings of texts.
 *
 * @param vectors one a text, in the order of the request
 * @param tokenCount tokens of all texts together, prompts and what stands around a text included
 */
public record Embeddings(List<float[]> vectors, int tokenCount) {
    /** Copies the list, not the vectors. */
    public Embeddings {
        vectors = List.copyOf(vectors);
    }
}
