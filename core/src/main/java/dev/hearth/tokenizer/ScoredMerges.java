package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.Bpe.WholeText;
import dev.hearth.tokenizer.Symbols.CharacterIds;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * SentencePiece's byte-pair encoding, which has scores and no list of merges: any two neighbours merge whose text together is a
 * token, that with the highest score first. Kudo and Richardson 2018, arXiv:1808.06226. Here all such pairs are written down.
 */
final class ScoredMerges {
    /** Trained tokens end at some dozens; the number of ways to cut one grows with its length. */
    private static final int MAX_LENGTH = 512;

    private final ScoredPieces file;
    private final Vocabulary vocabulary;
    private final Map<String, Integer> symbols = new HashMap<>();
    private final List<String> extras = new ArrayList<>();
    private final CharacterIds characters = new CharacterIds();
    private final BitSet joined = new BitSet();
    private final MergeTable merges;

    ScoredMerges(ScoredPieces file, Vocabulary vocabulary) {
        this.file = file;
        this.vocabulary = vocabulary;
        this.merges = new MergeTable(2 * vocabulary.count());
        List<Integer> mergeable = new ArrayList<>();
        for (int id = 0; id < file.size(); id++) {
            String token = file.token(id);
            if (file.isText(id)) {
                if (token.length() > MAX_LENGTH) {
                    throw new ModelFormatException(
                            file.place() + ".tokens[" + id + "]",
                            "expected up to " + MAX_LENGTH + " chars, found " + token.length());
                }
                symbols.put(token, id);
                mergeable.add(id);
            }
        }
        mergeable.forEach(id -> file.token(id).codePoints().forEach(this::addCharacter));
        int[] ranks = ranks();
        for (int id : mergeable) {
            if (symbols.getOrDefault(file.token(id), -1) == id) {
                addMerges(file.token(id), id, ranks[id]);
            }
        }
    }

    private void addCharacter(int codePoint) {
        String text = Character.toString(codePoint);
        Integer id = symbols.get(text);
        if (id == null) {
            id = file.size() + extras.size();
            symbols.put(text, id);
            extras.add(text);
        }
        characters.put(codePoint, id);
    }

    /** Higher scores first; equal scores have equal ranks, so that the leftmost merges first. */
    private int[] ranks() {
        float[] distinct = new float[file.size()];
        for (int i = 0; i < distinct.length; i++) {
            distinct[i] = -file.scores().of(i);
        }
        float[] sorted = distinct.clone();
        java.util.Arrays.sort(sorted);
        int[] ranks = new int[file.size()];
        for (int id = 0; id < ranks.length; id++) {
            ranks[id] = firstIndex(sorted, distinct[id]);
        }
        return ranks;
    }

    private static int firstIndex(float[] sorted, float value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Float.compare(sorted[middle], value) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void addMerges(String token, int id, int rank) {
        for (int cut = 1; cut < token.length(); cut++) {
            Integer left = symbols.get(token.substring(0, cut));
            Integer right = symbols.get(token.substring(cut));
            if (left != null && right != null) {
                merges.put(left, right, rank, id);
                if (token.charAt(cut) == WordStarts.MARK) {
                    joined.set(token.charAt(cut - 1));
                }
            }
        }
    }

    /** @param unknown what a byte without a token becomes */
    Bpe model(OptionalInt unknown) {
        ByteIds ofByte = ByteIds.fallback(vocabulary);
        boolean hasMark = characters.get(WordStarts.MARK) >= 0;
        return new Bpe(
                vocabulary,
                new Symbols.Scored(characters, file.size(), List.copyOf(extras), ofByte, unknown),
                merges,
                Map.of(),
                WholeText.PLAIN,
                hasMark ? new WordStarts(Optional.of(joined)) : WordStarts.NONE,
                new PieceCache());
    }
}
