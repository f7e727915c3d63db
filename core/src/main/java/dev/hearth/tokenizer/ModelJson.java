package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.Bpe.WholeText;
import dev.hearth.tokenizer.Symbols.CharacterIds;
import dev.hearth.tokenizer.Symbols.Characters.Affixes;
import dev.hearth.tokenizer.Symbols.Characters.Runs;
import dev.hearth.tokenizer.Symbols.Characters.Unknown;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Reads {@code model}. */
final class ModelJson {
    private ModelJson() {}

    /** What a model's pieces are made of. */
    enum Input {
        /** Text as in the vocabulary. */
        TEXT,
        /** Text whose bytes the vocabulary spells in the {@link ByteAlphabet}. */
        BYTES
    }

    /** Whether {@link Input#BYTES} may be asked for: byte-level BPE, and a token for every byte. */
    static boolean takesBytes(Fields model) {
        if (!type(model).equals("BPE") || !affixes(model).isNone() || model.flag("byte_fallback", false)) {
            return false;
        }
        var tokens = vocabulary(model).members();
        for (int b = 0; b < 256; b++) {
            if (!tokens.containsKey(String.valueOf(ByteAlphabet.charOf(b)))) {
                return false;
            }
        }
        return true;
    }

    static Model read(Fields model, Input input) {
        return switch (type(model)) {
            case "BPE" -> bpe(model, input);
            case "WordPiece" -> wordPiece(model);
            case "Unigram" -> UnigramJson.read(model);
            case "WordLevel" -> wordLevel(model);
            default ->
                throw new ModelFormatException(
                        model.at("type"), "expected BPE, WordPiece, Unigram or WordLevel, found " + type(model));
        };
    }

    /** Older files have no type; a model with merges is BPE. */
    private static String type(Fields model) {
        return model.string("type")
                .orElseGet(() -> model.has("merges")
                        ? "BPE"
                        : model.get("vocab").orElse(null) instanceof Json.Arr ? "Unigram" : "WordPiece");
    }

    private static Json.Obj vocabulary(Fields model) {
        return model.fields("vocab")
                .orElseThrow(() -> new ModelFormatException(model.at("vocab"), "expected tokens, found nothing"))
                .object();
    }

    private static Vocabulary readVocabulary(Fields model) {
        Json.Obj object = vocabulary(model);
        Map<String, Integer> ids = HashMap.newHashMap(object.members().size());
        for (var entry : object.members().entrySet()) {
            if (!(entry.getValue() instanceof Json.Int id)) {
                throw new ModelFormatException(
                        model.at("vocab") + "." + entry.getKey(),
                        "expected an id, found " + entry.getValue().kind());
            }
            ids.put(entry.getKey(), Vocabulary.checked(model.at("vocab") + "." + entry.getKey(), id.value()));
        }
        return Vocabulary.of(model.at("vocab"), ids);
    }

    private static Affixes affixes(Fields model) {
        String continuing = model.string("continuing_subword_prefix").orElse("");
        String end = model.string("end_of_word_suffix").orElse("");
        return new Affixes(continuing, end);
    }

    private static Bpe bpe(Fields model, Input input) {
        Vocabulary vocabulary = readVocabulary(model);
        Affixes affixes = affixes(model);
        MergeReader merges = new MergeReader(model, vocabulary, affixes.continuing());
        boolean ignoreMerges = model.flag("ignore_merges", false);
        Map<String, Integer> whole = ignoreMerges ? vocabulary.ids() : Map.of();
        if (input == Input.BYTES) {
            return new Bpe(
                    vocabulary,
                    new Symbols.Bytes(ByteIds.inAlphabet(vocabulary)),
                    merges.table(),
                    whole,
                    WholeText.BYTE_ALPHABET,
                    WordStarts.NONE,
                    new PieceCache());
        }
        ByteIds ofByte = model.flag("byte_fallback", false) ? ByteIds.fallback(vocabulary) : ByteIds.NONE;
        OptionalInt unknown = model.string("unk_token").isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(token(model, vocabulary, "unk_token"));
        Runs runs = model.flag("fuse_unk", false) ? Runs.FUSED : Runs.SEPARATE;
        CharacterIds characters = characters(vocabulary);
        boolean apart = !ignoreMerges && affixes.isNone() && merges.joinsCharactersOnly(unknown);
        return new Bpe(
                vocabulary,
                new Symbols.Characters(vocabulary, characters, ofByte, new Unknown(unknown, runs), affixes),
                merges.table(),
                whole,
                WholeText.PLAIN,
                apart && characters.get(WordStarts.MARK) >= 0 ? merges.wordStarts() : WordStarts.NONE,
                new PieceCache());
    }

    static CharacterIds characters(Vocabulary vocabulary) {
        CharacterIds characters = new CharacterIds();
        vocabulary.ids().forEach((token, id) -> {
            if (!token.isEmpty() && token.length() == Character.charCount(token.codePointAt(0))) {
                characters.put(token.codePointAt(0), id);
            }
        });
        return characters;
    }

    private static int token(Fields model, Vocabulary vocabulary, String name) {
        String token = Components.required(model, name);
        return vocabulary
                .idOf(token)
                .orElseThrow(() ->
                        new ModelFormatException(model.at(name), "expected a token of the vocabulary, found " + token));
    }

    private static Model wordLevel(Fields model) {
        Vocabulary vocabulary = readVocabulary(model);
        return new WordLevel(vocabulary, vocabulary.ids(), token(model, vocabulary, "unk_token"));
    }

    private static Model wordPiece(Fields model) {
        Vocabulary vocabulary = readVocabulary(model);
        return new WordPiece(
                vocabulary,
                WordPiece.marked("", vocabulary),
                WordPiece.marked(model.string("continuing_subword_prefix").orElse("##"), vocabulary),
                token(model, vocabulary, "unk_token"),
                model.integer("max_input_chars_per_word").orElse(100),
                new PieceCache());
    }

    /** The merges, in either spelling: {@code "a b"} or {@code ["a", "b"]}. */
    private static final class MergeReader {
        private final Vocabulary vocabulary;
        private final int prefixLength;
        private final MergeTable table;
        private final BitSet joined = new BitSet();
        private final BitSet parts = new BitSet();

        MergeReader(Fields model, Vocabulary vocabulary, String prefix) {
            this.vocabulary = vocabulary;
            this.prefixLength = prefix.length();
            List<Json> merges = model.array("merges").orElse(List.of());
            this.table = new MergeTable(merges.size());
            for (int rank = 0; rank < merges.size(); rank++) {
                read(model.at("merges") + "[" + rank + "]", merges.get(rank), rank);
            }
        }

        private void read(String place, Json merge, int rank) {
            if (merge instanceof Json.Str pair) {
                int space = pair.value().indexOf(' ');
                if (space < 0 || pair.value().indexOf(' ', space + 1) >= 0) {
                    throw new ModelFormatException(
                            place, "expected two tokens with a space between, found " + merge.kind());
                }
                add(place, pair.value().substring(0, space), pair.value().substring(space + 1), rank);
            } else if (merge instanceof Json.Arr(var elements)
                    && elements.size() == 2
                    && elements.get(0) instanceof Json.Str(var left)
                    && elements.get(1) instanceof Json.Str(var right)) {
                add(place, left, right, rank);
            } else {
                throw new ModelFormatException(place, "expected two tokens, found " + merge.kind());
            }
        }

        private void add(String place, String left, String right, int rank) {
            if (right.length() < prefixLength) {
                throw new ModelFormatException(place, "expected a right part with the prefix, found " + right);
            }
            int result = find(place, left + right.substring(prefixLength));
            int leftId = find(place, left);
            table.put(leftId, find(place, right), rank, result);
            parts.set(leftId);
            if (!left.isEmpty() && right.startsWith("▁")) {
                joined.set(left.charAt(left.length() - 1));
            }
        }

        private int find(String place, String token) {
            return vocabulary
                    .idOf(token)
                    .orElseThrow(() -> new ModelFormatException(
                            place, "expected tokens of the vocabulary, found \"" + token + "\""));
        }

        MergeTable table() {
            return table;
        }

        /** Whether no merge begins with a token that stands for something else than its text. */
        boolean joinsCharactersOnly(OptionalInt unknown) {
            ByteIds ids = ByteIds.fallback(vocabulary);
            boolean bytes = IntStream.range(0, 256).map(ids::get).anyMatch(id -> id >= 0 && parts.get(id));
            return !bytes && (unknown.isEmpty() || !parts.get(unknown.getAsInt()));
        }

        WordStarts wordStarts() {
            return new WordStarts(Optional.of(joined));
        }
    }
}
