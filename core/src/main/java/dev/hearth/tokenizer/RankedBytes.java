package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * A vocabulary of byte strings with ranks, as tiktoken has: the two neighbours merge whose bytes together have the lowest rank.
 * Collects the strings, then gives a model in which all such pairs are written down.
 */
final class RankedBytes {
    private final String place;
    private final Map<String, Integer> ranks = new HashMap<>();

    RankedBytes(String place) {
        this.place = place;
    }

    /** Adds a token in Base64. */
    void add(String where, String base64, long rank) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(where, "expected Base64: " + e.getMessage(), e);
        }
        if (bytes.length == 0 || bytes.length > Unigram.MAX_LENGTH) {
            throw new ModelFormatException(
                    where, "expected 1 to " + Unigram.MAX_LENGTH + " bytes, found " + bytes.length);
        }
        ranks.put(ByteAlphabet.spell(bytes), Vocabulary.checked(where, rank));
    }

    int count() {
        return ranks.size();
    }

    /** The greatest rank plus one. */
    int size() {
        return 1 + ranks.values().stream().mapToInt(r -> r).max().orElse(-1);
    }

    /**
     * The model.
     *
     * @param firstId the id of rank 0
     * @throws ModelFormatException if a byte has no token
     */
    Bpe model(int firstId) {
        Map<String, Integer> ids = HashMap.newHashMap(ranks.size());
        ranks.forEach((token, rank) -> ids.put(token, rank + firstId));
        Vocabulary vocabulary = Vocabulary.of(place, ids);
        ByteIds ofByte = ByteIds.inAlphabet(vocabulary);
        if (ofByte.missing() >= 0) {
            throw new ModelFormatException(place, "expected a token for byte " + ofByte.missing() + ", found none");
        }
        MergeTable merges = new MergeTable(2 * ids.size());
        ranks.forEach((token, rank) -> addMerges(token, rank, ids, merges));
        return new Bpe(
                vocabulary,
                new Symbols.Bytes(ofByte),
                merges,
                ids,
                Bpe.WholeText.BYTE_ALPHABET,
                WordStarts.NONE,
                new PieceCache());
    }

    private static void addMerges(String token, int rank, Map<String, Integer> ids, MergeTable merges) {
        for (int cut = 1; cut < token.length(); cut++) {
            Integer left = ids.get(token.substring(0, cut));
            Integer right = left == null ? null : ids.get(token.substring(cut));
            if (left != null && right != null) {
                merges.put(left, right, rank, ids.getOrDefault(token, 0));
            }
        }
    }
}
