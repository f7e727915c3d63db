package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.AddedToken.Trait;
import dev.hearth.tokenizer.PostProcessor.IdList;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Puts a tokenizer together from the metadata of a GGUF file, as llama.cpp does. */
final class GgufTokenizer {
    /** Values of {@code tokenizer.ggml.token_type}. */
    static final int UNKNOWN = 2;

    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;

    private GgufTokenizer() {}

    /** What a kind of tokenizer is made of, and what goes around a text unless the file says otherwise. */
    record Kind(
            Optional<Normalizer> normalizer, PreTokenizer preTokenizer, Model model, Decoder decoder, Layout layout) {}

    /**
     * What goes around a text.
     *
     * @param bos the id in front, if the flag says so
     * @param end the id behind, if the flag says so
     * @param separator between two texts, if any
     * @param secondType the type of the second of two texts
     */
    record Layout(Flagged bos, Flagged end, OptionalInt separator, int secondType) {}

    /** An id, and whether it is added. */
    record Flagged(OptionalInt id, Added added) {
        static Flagged of(OptionalInt id, boolean added) {
            return new Flagged(id, added ? Added.YES : Added.NO);
        }

        IdList ids() {
            return added == Added.YES && id.isPresent() ? IdList.of(id.getAsInt()) : IdList.of();
        }
    }

    /** Whether an id is added. */
    enum Added {
        /** It is. */
        YES,
        /** It is not. */
        NO
    }

    static Tokenizer read(GgufVocabulary file) {
        checkSize("scores", file.scores(), file);
        checkSize("token_type", file.types(), file);
        checkedId("unknown_token_id", file, file.unknown());
        Vocabulary vocabulary = Vocabulary.of("tokenizer.ggml.tokens", file.tokens());
        Kind kind = switch (file.model()) {
            case "gpt2", "gemma4", "whitespace" -> GgufBytePair.read(file, vocabulary);
            case "llama" -> sentencePiece(file, vocabulary);
            case "t5" -> GgufUnigram.read(file, vocabulary);
            case "bert" -> GgufWordPiece.read(file, vocabulary);
            case "rwkv" -> GgufOthers.world(file, vocabulary);
            case "plamo2" -> GgufOthers.plamo(file, vocabulary);
            default ->
                throw new ModelFormatException(
                        "tokenizer.ggml.model",
                        "expected bert, gemma4, gpt2, llama, plamo2, rwkv, t5 or whitespace, found " + file.model());
        };
        return tokenizer(file, kind);
    }

    private static void checkSize(String name, List<?> values, GgufVocabulary file) {
        if (!values.isEmpty() && values.size() < file.tokens().size()) {
            throw new ModelFormatException(
                    "tokenizer.ggml." + name,
                    "expected " + file.tokens().size() + " values, one for each token, found " + values.size());
        }
    }

    private static Kind sentencePiece(GgufVocabulary file, Vocabulary vocabulary) {
        boolean prefix = file.options().addSpacePrefix().orElse(true);
        var spaces = new Normalizer.Replace(new TextPattern.Literal(" "), "▁");
        Normalizer normalizer = prefix ? new Normalizer.Sequence(List.of(new Normalizer.Prepend(" "), spaces)) : spaces;
        var pieces = new ScoredPieces("tokenizer.ggml", file.tokens(), file::scoreOf, file::typeOf);
        return new Kind(
                Optional.of(normalizer),
                new PreTokenizer.Sequence(List.of()),
                new ScoredMerges(pieces, vocabulary).model(file.unknown()),
                SentencePieceDecoder.of(prefix ? SentencePieceSpaces.Dummy.PREFIX : SentencePieceSpaces.Dummy.NONE),
                layout(file, true, false));
    }

    /** The usual layout, with the flags that the kind has if the file has none. */
    static Layout layout(GgufVocabulary file, boolean addsBos, boolean addsEos) {
        boolean separated = file.options().addSeparator().orElse(false);
        return new Layout(
                Flagged.of(file.bos(), file.options().addBos().orElse(addsBos)),
                Flagged.of(file.eos(), file.options().addEos().orElse(addsEos)),
                separated ? file.separator() : OptionalInt.empty(),
                0);
    }

    private static Tokenizer tokenizer(GgufVocabulary file, Kind kind) {
        AddedTokens added = new AddedTokens(addedTokens(file), Optional.empty());
        Layout layout = kind.layout();
        OptionalInt bos = checkedId("bos_token_id", file, layout.bos().id());
        OptionalInt end = checkedId("eos_token_id", file, layout.end().id());
        OptionalInt separator = checkedId("seperator_token_id", file, layout.separator());
        IdList between = separator.isPresent() ? IdList.of(separator.getAsInt()) : IdList.of();
        return new Tokenizer(
                new Pipeline(
                        kind.normalizer(),
                        kind.preTokenizer(),
                        kind.model().withholding(added.control()),
                        PostProcessor.around(
                                layout.bos().ids(), between, layout.end().ids(), layout.secondType()),
                        kind.decoder()),
                added,
                new SpecialIds(bos, file.eos().isPresent() ? checkedId("eos_token_id", file, file.eos()) : end));
    }

    private static List<AddedToken> addedTokens(GgufVocabulary file) {
        List<AddedToken> tokens = new ArrayList<>();
        for (int id = 0; id < file.tokens().size(); id++) {
            int type = file.typeOf(id);
            String content = file.tokens().get(id);
            if ((type == UNKNOWN || type == CONTROL || type == USER_DEFINED) && !content.isEmpty()) {
                checkLength(id, content, AddedToken.MAX_LENGTH);
                var traits = type == USER_DEFINED ? EnumSet.noneOf(Trait.class) : EnumSet.of(Trait.SPECIAL);
                tokens.add(new AddedToken(id, content, traits));
            }
        }
        return tokens;
    }

    static void checkLength(int id, String token, int limit) {
        if (token.length() > limit) {
            throw new ModelFormatException(
                    "tokenizer.ggml.tokens[" + id + "]", "expected up to " + limit + " chars, found " + token.length());
        }
    }

    private static OptionalInt checkedId(String name, GgufVocabulary file, OptionalInt id) {
        if (id.isPresent()
                && (id.getAsInt() < 0 || id.getAsInt() >= file.tokens().size())) {
            throw new ModelFormatException(
                    "tokenizer.ggml." + name,
                    "expected an id below " + file.tokens().size() + ", found " + id.getAsInt());
        }
        return id;
    }
}
