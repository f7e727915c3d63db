package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.GgufTokenizer.Flagged;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code bert}: WordPiece, where a mark stands before tokens that begin a word and nothing before those that don't. */
final class GgufWordPiece {
    private static final int USUAL_BOS = 101;
    private static final int USUAL_SEPARATOR = 102;
    private static final int USUAL_UNKNOWN = 100;

    private GgufWordPiece() {}

    static GgufTokenizer.Kind read(GgufVocabulary file, Vocabulary vocabulary) {
        int unknown = file.unknown().orElse(USUAL_UNKNOWN);
        if (unknown >= file.tokens().size()) {
            throw new ModelFormatException("tokenizer.ggml.unknown_token_id", "expected an id, found none");
        }
        WordPiece model = new WordPiece(
                vocabulary,
                WordPiece.marked("▁", vocabulary),
                WordPiece.marked("", vocabulary),
                unknown,
                Integer.MAX_VALUE,
                new PieceCache());
        OptionalInt end = file.separator().isPresent() ? file.separator() : file.eos();
        return new GgufTokenizer.Kind(
                Optional.of(new BertNormalizer(steps(file.options().normalization()))),
                new PreTokenizer.Sequence(List.of(
                        new PreTokenizer.Characters(CharClass::isSpace, SplitBehaviour.REMOVED),
                        new PreTokenizer.Characters(Unicode8::isPunctuation, SplitBehaviour.ISOLATED))),
                model,
                new Decoder.WordStartMarks("▁", Decoder.CleanUp.ENGLISH),
                new GgufTokenizer.Layout(
                        Flagged.of(OptionalInt.of(file.bos().orElse(USUAL_BOS)), true),
                        Flagged.of(OptionalInt.of(end.orElse(USUAL_SEPARATOR)), true),
                        OptionalInt.empty(),
                        1));
    }

    private static List<Normalizer> steps(GgufVocabulary.Normalization options) {
        boolean lowercase = options.lowercase().orElse(true);
        List<Normalizer> steps =
                new ArrayList<>(List.of(BertNormalizer.CLEAN, BertNormalizer.SPACES, BertNormalizer.IDEOGRAPHS));
        if (options.stripAccents().orElse(lowercase)) {
            steps.add(new Normalizer.Unicode(java.text.Normalizer.Form.NFD));
            steps.add(new Normalizer.Remove(Unicode8::isNonSpacingMark));
        }
        if (lowercase) {
            steps.add(new Normalizer.Lowercase());
        }
        return List.copyOf(steps);
    }
}
