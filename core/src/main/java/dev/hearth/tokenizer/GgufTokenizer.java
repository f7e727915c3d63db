package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.AddedToken.Trait;
import dev.hearth.tokenizer.Bpe.WholeText;
import dev.hearth.tokenizer.PostProcessor.IdList;
import dev.hearth.tokenizer.SplitBehaviour.Stretch;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Puts a tokenizer together from the metadata of a GGUF file. */
final class GgufTokenizer {
    /** Values of {@code tokenizer.ggml.token_type}. */
    static final int UNKNOWN = 2;

    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;

    private GgufTokenizer() {}

    static Tokenizer read(GgufVocabulary file) {
        checkSize("scores", file.scores(), file);
        checkSize("token_type", file.types(), file);
        Vocabulary vocabulary = Vocabulary.of("tokenizer.ggml.tokens", file.tokens());
        return switch (file.model()) {
            case "gpt2" -> byteLevel(file, vocabulary);
            case "llama" -> sentencePiece(file, vocabulary);
            case "bert", "t5", "rwkv", "plamo2" ->
                throw new ModelFormatException(
                        "tokenizer.ggml.model", file.model() + " tokenizers are not supported yet; gpt2 and llama are");
            default ->
                throw new ModelFormatException("tokenizer.ggml.model", "expected gpt2 or llama, found " + file.model());
        };
    }

    private static void checkSize(String name, List<?> values, GgufVocabulary file) {
        if (!values.isEmpty() && values.size() < file.tokens().size()) {
            throw new ModelFormatException(
                    "tokenizer.ggml." + name,
                    "expected " + file.tokens().size() + " values, one for each token, found " + values.size());
        }
    }

    static int type(GgufVocabulary file, int id) {
        return file.types().isEmpty() ? 1 : file.types().get(id);
    }

    private static Tokenizer byteLevel(GgufVocabulary file, Vocabulary vocabulary) {
        GgufPatterns.Style style = GgufPatterns.find(file.pre().orElse("default"));
        List<PreTokenizer> steps = new ArrayList<>();
        for (String expression : style.expressions()) {
            steps.add(new PreTokenizer.Split(
                    TextPattern.regex("tokenizer.ggml.pre", expression), SplitBehaviour.ISOLATED, Stretch.MATCH));
        }
        ByteIds ofByte = ByteIds.inAlphabet(vocabulary);
        int missing = ofByte.missing();
        if (missing >= 0) {
            throw new ModelFormatException(
                    "tokenizer.ggml.tokens",
                    "expected a token for byte " + missing + ", \"" + ByteAlphabet.charOf(missing) + "\"");
        }
        Bpe model = new Bpe(
                vocabulary,
                new Symbols.Bytes(ofByte),
                merges(file, vocabulary),
                style.wholeWords() ? vocabulary.ids() : Map.of(),
                WholeText.BYTE_ALPHABET,
                WordStarts.NONE,
                new PieceCache());
        boolean bos = file.options().addBos().orElse(style.addsBos());
        return tokenizer(
                file, Optional.empty(), new PreTokenizer.Sequence(List.copyOf(steps)), model, bos, new Decoder.Bytes());
    }

    private static MergeTable merges(GgufVocabulary file, Vocabulary vocabulary) {
        MergeTable table = new MergeTable(file.merges().size());
        for (int rank = 0; rank < file.merges().size(); rank++) {
            String merge = file.merges().get(rank);
            String place = "tokenizer.ggml.merges[" + rank + "]";
            int space = merge.indexOf(' ', 1);
            if (space < 0) {
                throw new ModelFormatException(
                        place, "expected two tokens with a space between, found \"" + merge + "\"");
            }
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            int leftId = find(place, vocabulary, left);
            int rightId = find(place, vocabulary, right);
            int result = find(place, vocabulary, left + right);
            if (!table.contains(leftId, rightId)) { // the first of equals counts, as in llama.cpp
                table.put(leftId, rightId, rank, result);
            }
        }
        return table;
    }

    private static int find(String place, Vocabulary vocabulary, String token) {
        return vocabulary
                .idOf(token)
                .orElseThrow(() ->
                        new ModelFormatException(place, "expected tokens of the vocabulary, found \"" + token + "\""));
    }

    private static Tokenizer sentencePiece(GgufVocabulary file, Vocabulary vocabulary) {
        boolean prefix = file.options().addSpacePrefix().orElse(true);
        var spaces = new Normalizer.Replace(new TextPattern.Literal(" "), "▁");
        Normalizer normalizer = prefix ? new Normalizer.Sequence(List.of(new Normalizer.Prepend(" "), spaces)) : spaces;
        List<Decoder> decoders = new ArrayList<>(List.of(
                new Decoder.Replace(new TextPattern.Literal("▁"), " "),
                new Decoder.ByteFallback(),
                new Decoder.Fuse()));
        if (prefix) {
            decoders.add(new Decoder.Strip(' ', 1, 0));
        }
        return tokenizer(
                file,
                Optional.of(normalizer),
                new PreTokenizer.Sequence(List.of()),
                new ScoredMerges(file, vocabulary).model(),
                file.options().addBos().orElse(true),
                new Decoder.Sequence(List.copyOf(decoders)));
    }

    private static Tokenizer tokenizer(
            GgufVocabulary file,
            Optional<Normalizer> normalizer,
            PreTokenizer preTokenizer,
            Bpe model,
            boolean addsBos,
            Decoder decoder) {
        List<AddedToken> tokens = new ArrayList<>();
        for (int id = 0; id < file.tokens().size(); id++) {
            int type = type(file, id);
            String content = file.tokens().get(id);
            if ((type == UNKNOWN || type == CONTROL || type == USER_DEFINED) && !content.isEmpty()) {
                if (content.length() > AddedToken.MAX_LENGTH) {
                    throw new ModelFormatException(
                            "tokenizer.ggml.tokens[" + id + "]",
                            "expected up to " + AddedToken.MAX_LENGTH + " chars, found " + content.length());
                }
                var traits = type == USER_DEFINED ? EnumSet.noneOf(Trait.class) : EnumSet.of(Trait.SPECIAL);
                tokens.add(new AddedToken(id, content, traits));
            }
        }
        AddedTokens added = new AddedTokens(tokens, Optional.empty());
        IdList before = addsBos ? list("bos_token_id", file, file.bos()) : IdList.of();
        boolean addsEos = file.options().addEos().orElse(false);
        IdList after = addsEos ? list("eos_token_id", file, file.eos()) : IdList.of();
        checkedId("unknown_token_id", file, file.unknown());
        return new Tokenizer(
                new Pipeline(
                        normalizer,
                        preTokenizer,
                        model.withholding(added.control()),
                        PostProcessor.around(before, IdList.of(), after, 0),
                        decoder),
                added,
                new SpecialIds(
                        checkedId("bos_token_id", file, file.bos()), checkedId("eos_token_id", file, file.eos())));
    }

    private static IdList list(String name, GgufVocabulary file, OptionalInt id) {
        return checkedId(name, file, id).isPresent() ? IdList.of(id.getAsInt()) : IdList.of();
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
