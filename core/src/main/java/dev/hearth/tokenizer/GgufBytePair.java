package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.Bpe.WholeText;
import dev.hearth.tokenizer.GgufPatterns.Style;
import dev.hearth.tokenizer.GgufPatterns.Trait;
import dev.hearth.tokenizer.SplitBehaviour.Stretch;
import dev.hearth.tokenizer.Symbols.Characters.Affixes;
import dev.hearth.tokenizer.Symbols.Characters.Runs;
import dev.hearth.tokenizer.Symbols.Characters.Unknown;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Byte-pair encoding with a list of merges: {@code gpt2}, and vocabularies of text instead of bytes. */
final class GgufBytePair {
    private GgufBytePair() {}

    static GgufTokenizer.Kind read(GgufVocabulary file, Vocabulary vocabulary) {
        String usual = file.model().equals("gpt2") ? "default" : file.model();
        Style style = GgufPatterns.find(
                file.model().equals("gemma4") ? usual : file.pre().orElse(usual));
        MergeTable merges = merges(file, vocabulary);
        GgufTokenizer.Layout layout = layout(file, style);
        if (style.is(Trait.PLAIN_TEXT)) {
            return new GgufTokenizer.Kind(
                    Optional.of(new Normalizer.Replace(new TextPattern.Literal(" "), "▁")),
                    cut(style, SplitBehaviour.ISOLATED),
                    text(vocabulary, merges, newlines(vocabulary)),
                    SentencePieceDecoder.of(SentencePieceSpaces.Dummy.NONE),
                    layout);
        }
        if (style.is(Trait.WORDS)) {
            boolean lowercase = file.options().normalization().lowercase().orElse(false);
            return new GgufTokenizer.Kind(
                    lowercase ? Optional.of(new Normalizer.Lowercase()) : Optional.empty(),
                    cut(style, SplitBehaviour.REMOVED),
                    text(vocabulary, merges, Map.of()),
                    new Decoder.Spaced(),
                    layout);
        }
        return new GgufTokenizer.Kind(
                Optional.empty(),
                cut(style, SplitBehaviour.ISOLATED),
                bytes(style, vocabulary, merges),
                new Decoder.Bytes(Decoder.Bytes.Spelling.ALPHABET),
                layout);
    }

    /** Files of Gemma 4 may say that there is no first token; llama.cpp knows better. */
    private static GgufTokenizer.Layout layout(GgufVocabulary file, Style style) {
        GgufTokenizer.Layout layout = GgufTokenizer.layout(file, style.is(Trait.BOS), false);
        return style.is(Trait.BOS) && style.is(Trait.PLAIN_TEXT)
                ? new GgufTokenizer.Layout(
                        GgufTokenizer.Flagged.of(file.bos(), true),
                        layout.end(),
                        layout.separator(),
                        layout.secondType())
                : layout;
    }

    static PreTokenizer cut(Style style, SplitBehaviour behaviour) {
        List<PreTokenizer> steps = new ArrayList<>();
        for (String expression : style.expressions()) {
            steps.add(new PreTokenizer.Split(
                    TextPattern.regex("tokenizer.ggml.pre", expression), behaviour, Stretch.MATCH));
        }
        return new PreTokenizer.Sequence(List.copyOf(steps));
    }

    private static Bpe bytes(Style style, Vocabulary vocabulary, MergeTable merges) {
        ByteIds ofByte = ByteIds.inAlphabet(vocabulary);
        int missing = ofByte.missing();
        if (missing >= 0) {
            throw new ModelFormatException(
                    "tokenizer.ggml.tokens",
                    "expected a token for byte " + missing + ", \"" + ByteAlphabet.charOf(missing) + "\"");
        }
        return new Bpe(
                vocabulary,
                new Symbols.Bytes(ofByte),
                merges,
                style.is(Trait.WHOLE_WORDS) ? vocabulary.ids() : Map.of(),
                WholeText.BYTE_ALPHABET,
                WordStarts.NONE,
                new PieceCache());
    }

    private static Bpe text(Vocabulary vocabulary, MergeTable merges, Map<String, Integer> whole) {
        return new Bpe(
                vocabulary,
                new Symbols.Characters(
                        vocabulary,
                        ModelJson.characters(vocabulary),
                        ByteIds.fallback(vocabulary),
                        new Unknown(OptionalInt.empty(), Runs.SEPARATE),
                        new Affixes("", "")),
                merges,
                whole,
                WholeText.PLAIN,
                WordStarts.NONE,
                new PieceCache());
    }

    private static Map<String, Integer> newlines(Vocabulary vocabulary) {
        Map<String, Integer> whole = new HashMap<>();
        vocabulary.ids().forEach((token, id) -> {
            if (!token.isEmpty() && token.chars().allMatch(c -> c == '\n')) {
                whole.put(token, id);
            }
        });
        return whole;
    }

    private static MergeTable merges(GgufVocabulary file, Vocabulary vocabulary) {
        List<String> merges = file.merges();
        int[] ids = new int[3 * merges.size()]; // of left, right and result
        IntStream.range(0, merges.size())
                .parallel() // hundreds of thousands of look-ups are the longest part of a start
                .forEach(rank -> look(merges.get(rank), vocabulary, ids, 3 * rank));
        MergeTable table = new MergeTable(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            int left = ids[3 * rank];
            int right = ids[3 * rank + 1];
            int result = ids[3 * rank + 2];
            if (left < 0 || right < 0 || result < 0) {
                throw wrong(rank, merges.get(rank));
            }
            if (!table.contains(left, right)) { // the first of equals counts, as in llama.cpp
                table.put(left, right, rank, result);
            }
        }
        return table;
    }

    /** Writes the ids of the two tokens of a merge and of what they make, -1 for what the vocabulary lacks. */
    private static void look(String merge, Vocabulary vocabulary, int[] ids, int at) {
        int space = merge.indexOf(' ', 1);
        if (space < 0) {
            ids[at] = -1;
            return;
        }
        String left = merge.substring(0, space);
        String right = merge.substring(space + 1);
        ids[at] = vocabulary.find(left);
        ids[at + 1] = vocabulary.find(right);
        ids[at + 2] = vocabulary.find(left.concat(right));
    }

    private static ModelFormatException wrong(int rank, String merge) {
        String place = "tokenizer.ggml.merges[" + rank + "]";
        int space = merge.indexOf(' ', 1);
        if (space < 0) {
            return new ModelFormatException(place, "expected two tokens with a space between, found \"" + merge + "\"");
        }
        return new ModelFormatException(
                place, "expected tokens of the vocabulary that make one, found \"" + merge + "\"");
    }
}
