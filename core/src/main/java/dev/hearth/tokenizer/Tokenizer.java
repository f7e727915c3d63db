package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.tokenizer.AddedToken.Trait;
import dev.hearth.tokenizer.PostProcessor.Input;
import dev.hearth.tokenizer.PostProcessor.Part;
import dev.hearth.tokenizer.StreamingDecoder.SpecialTokens;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Turns text into the ids that a model was trained on, and ids into text, as Hugging Face's {@code tokenizers} does for a
 * {@code tokenizer.json} and llama.cpp for the metadata of a GGUF file. Immutable, thread-safe.
 *
 * <p>Time is proportional to the text (times a logarithm for a piece that nothing cuts). A lone surrogate, which no UTF-8 can
 * express, is read as U+FFFD. Randomness that training uses ({@code dropout}) is never applied.
 */
public final class Tokenizer {
    private final Pipeline pipeline;
    private final AddedTokens added;
    private final SpecialIds specialIds;
    private final TokenTexts texts;

    Tokenizer(Pipeline pipeline, AddedTokens added, SpecialIds specialIds) {
        this.pipeline = pipeline;
        this.added = added;
        this.specialIds = specialIds;
        this.texts = new TokenTexts(pipeline.model().vocabulary(), added, pipeline.decoder());
    }

    /**
     * Reads a tokenizer's file, and the {@code tokenizer_config.json} beside it if there is one. Known are {@code tokenizer.json};
     * SentencePiece's {@code *.model}; tiktoken's ranks ({@code *.tiktoken}, {@code tiktoken.model}, {@code tokenizer.model} of the
     * first Llama 3 files); Mistral's {@code tekken.json}; {@code vocab.json} with {@code merges.txt}; BERT's {@code vocab.txt}.
     *
     * @throws dev.hearth.format.ModelFormatException if it is broken or names a component that isn't known
     */
    public static Tokenizer load(Path file) {
        return TokenizerFiles.read(file);
    }

    /**
     * From {@code tokenizer.json}, and {@code tokenizer_config.json}, which names the tokens that begin and end a text.
     *
     * @throws dev.hearth.format.ModelFormatException if it is broken or names a component that isn't known
     */
    public static Tokenizer fromJson(Fields tokenizer, Optional<Fields> config) {
        return TokenizerJson.read(tokenizer, config);
    }

    /**
     * From the metadata of a GGUF file.
     *
     * @throws dev.hearth.format.ModelFormatException if it is broken or of a kind that isn't known
     */
    public static Tokenizer fromGguf(GgufVocabulary vocabulary) {
        return GgufTokenizer.read(vocabulary);
    }

    /** The ids of a text, with those that the model expects around it. */
    public int[] encode(String text) {
        IntList ids = new IntList(text.length() / 3 + 8);
        for (Part part : pipeline.postProcessor().single()) {
            add(part, text, "", ids);
        }
        return ids.toArray();
    }

    /** The ids of a text as {@link #encode(String)} gives them, with their types. */
    public Encoding encodeTyped(String text) {
        return encode(pipeline.postProcessor().single(), text, "");
    }

    /**
     * The ids of two texts that a model sees together (a question and a passage), in the layout that the model expects, with
     * their types.
     */
    public Encoding encode(String first, String second) {
        return encode(pipeline.postProcessor().pair(), first, second);
    }

    /** As {@link #encodeTyped(String)}, the text's end cut off until there are {@code limit} ids at most. */
    public Encoding encodeTyped(String text, int limit) {
        return encode(pipeline.postProcessor().single(), text, "", limit);
    }

    /**
     * As {@link #encode(String, String)}, ends cut off until there are {@code limit} ids at most: first of the longer text,
     * then of both in turn.
     */
    public Encoding encode(String first, String second, int limit) {
        return encode(pipeline.postProcessor().pair(), first, second, limit);
    }

    private Encoding encode(List<Part> layout, String first, String second, int limit) {
        Encoding whole = encode(layout, first, second);
        int over = whole.size() - limit;
        if (over <= 0) {
            return whole;
        }
        int firstSize = size(layout, Input.FIRST, first);
        int secondSize = size(layout, Input.SECOND, second);
        int room = firstSize + secondSize - over;
        if (room < 0) {
            throw new IllegalArgumentException(
                    "tokenizer: expected room for the " + (limit - room) + " tokens around a text, found " + limit);
        }
        int shorter = Math.min(Math.min(firstSize, secondSize), room / 2);
        int firstKept = firstSize <= secondSize ? shorter : room - shorter;
        IntList ids = new IntList(limit);
        IntList types = new IntList(limit);
        for (Part part : layout) {
            IntList all = new IntList(16);
            add(part, first, second, all);
            int kept = part instanceof Part.Text text
                    ? text.input() == Input.FIRST ? firstKept : room - firstKept
                    : all.size();
            for (int i = 0; i < kept; i++) {
                ids.add(all.get(i));
                types.add(part.typeId());
            }
        }
        return Encoding.of(ids.toArray(), types.toArray());
    }

    private int size(List<Part> layout, Input input, String text) {
        for (Part part : layout) {
            if (part instanceof Part.Text there && there.input() == input) {
                return encodePlain(text).length;
            }
        }
        return 0;
    }

    private Encoding encode(List<Part> layout, String first, String second) {
        IntList ids = new IntList((first.length() + second.length()) / 3 + 8);
        IntList types = new IntList((first.length() + second.length()) / 3 + 8);
        for (Part part : layout) {
            add(part, first, second, ids);
            while (types.size() < ids.size()) {
                types.add(part.typeId());
            }
        }
        return new Encoding(ids.toArray(), types.toArray());
    }

    private void add(Part part, String first, String second, IntList ids) {
        switch (part) {
            case Part.Fixed fixed -> fixed.ids().addTo(ids);
            case Part.Text text -> encode(text.input() == Input.FIRST ? first : second, LiteralSpans.NONE, ids);
        }
    }

    /** The ids of a text, with nothing around it. Added tokens are found in it, control tokens too. */
    public int[] encodePlain(String text) {
        return encode(text, List.of());
    }

    /**
     * The ids of a rendered prompt, with nothing around it. Where {@code literal} says that text came from a user, no control
     * token is found: a match that overlaps such a span, even in part, stays text. All else is as in the whole text.
     *
     * @param literal in any order
     * @throws IllegalArgumentException if a span lies outside of the text
     */
    public int[] encode(String text, List<TextSpan> literal) {
        IntList ids = new IntList(text.length() / 3 + 8);
        encode(text, LiteralSpans.of(literal, text.length()), ids);
        return ids.toArray();
    }

    private void encode(String text, LiteralSpans literal, IntList ids) {
        String whole = withoutLoneSurrogates(text);
        boolean tracked = !literal.isEmpty() && added.findsControlInNormalized();
        new TextEncoding(
                        pipeline,
                        added,
                        literal,
                        ids,
                        tracked ? TextEncoding.Origins.TRACKED : TextEncoding.Origins.NONE)
                .encode(whole);
    }

    private static String withoutLoneSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return replaceLoneSurrogates(text);
                }
                i++;
            }
        }
        return text;
    }

    private static String replaceLoneSurrogates(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        return out.toString();
    }

    /** The text of ids. An id that no token has adds nothing; broken UTF-8 becomes U+FFFD. */
    public String decode(int... ids) {
        return decode(streaming(), ids);
    }

    /** The text of ids without special tokens. */
    public String decodeSkippingSpecial(int... ids) {
        return decode(streamingSkippingSpecial(), ids);
    }

    private static String decode(StreamingDecoder decoder, int[] ids) {
        for (int id : ids) {
            decoder.add(id);
        }
        return decoder.finish();
    }

    /** Decodes ids one by one. */
    public StreamingDecoder streaming() {
        return new StreamingDecoder(texts, SpecialTokens.KEPT, pipeline.decoder());
    }

    /** Decodes ids one by one, without special tokens. */
    public StreamingDecoder streamingSkippingSpecial() {
        return new StreamingDecoder(texts, SpecialTokens.SKIPPED, pipeline.decoder());
    }

    /** One more than the greatest id that a token has. Models often have rows for a few ids more. */
    public int vocabSize() {
        return texts.size();
    }

    /** The id of a token, spelled as in the file: {@code "Ġthe"}, {@code "▁the"}, {@code "<|im_end|>"}. */
    public OptionalInt idOf(String token) {
        Integer id = added.find(token);
        return id != null ? OptionalInt.of(id) : pipeline.model().vocabulary().idOf(token);
    }

    /** A token as the file spells it; empty for an id that no token has. */
    public Optional<String> tokenOf(int id) {
        AddedToken token = added.get(id);
        return Optional.ofNullable(
                token != null ? token.content() : pipeline.model().vocabulary().tokenOf(id));
    }

    /** What a token adds in the middle of a text, often less than a character; nothing for an id that no token has. */
    public byte[] bytesOf(int id) {
        String token = texts.spelled(id);
        return token == null
                ? new byte[0]
                : pipeline.decoder()
                        .contribution(Decoder.Contribution.of(token))
                        .toBytes();
    }

    /** Whether the token is special: one that {@link #decodeSkippingSpecial} leaves out. */
    public boolean isSpecial(int id) {
        AddedToken token = added.get(id);
        return token != null && token.is(Trait.SPECIAL);
    }

    /** The token at the beginning of a text, if the file names one. */
    public OptionalInt bosId() {
        return specialIds.bos();
    }

    /** The token at the end of a text, if the file names one. */
    public OptionalInt eosId() {
        return specialIds.eos();
    }

    Model model() {
        return pipeline.model();
    }

    PreTokenizer preTokenizer() {
        return pipeline.preTokenizer();
    }

    Collection<AddedToken> addedTokens() {
        return added.all();
    }

    /**
     * This tokenizer, with one more kind of control token: added tokens which aren't special but occur in a chat template, as
     * {@code <tool_call>} may.
     *
     * @param templateSource the template itself, not what it renders
     */
    public Tokenizer withControlTokensIn(String templateSource) {
        AddedTokens more = added.withControlTokensIn(templateSource);
        return new Tokenizer(pipeline.with(pipeline.model().withholding(more.control())), more, specialIds);
    }
}
