package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.AddedToken.Trait;
import dev.hearth.tokenizer.PostProcessor.IdList;
import dev.hearth.tokenizer.SplitBehaviour.Stretch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A vocabulary in tiktoken's format: lines with a token in Base64 and its rank, which is its id. How text is cut and what the
 * special tokens are, the models' own code says; it is known here by the name of the file.
 */
final class TiktokenFile {
    private TiktokenFile() {}

    /** Whose conventions hold beside the ranks. */
    enum Convention {
        /** {@code qwen.tiktoken}. */
        QWEN(WordSplitter.QWEN2.source()),
        /** {@code tiktoken.model}. */
        KIMI(GgufPatterns.kimi()),
        /** {@code tokenizer.model}, and any other name. */
        LLAMA3(WordSplitter.LLAMA3.source()),
        /** {@code o200k_base.tiktoken}. */
        O200K(GgufPatterns.gpt4o()),
        /** {@code r50k_base.tiktoken} and {@code p50k_base.tiktoken}. */
        GPT2(WordSplitter.GPT2.source());

        final String pattern;

        Convention(String pattern) {
            this.pattern = pattern;
        }

        static Convention of(String fileName) {
            String name = fileName.toLowerCase(Locale.ROOT);
            if (name.startsWith("qwen")) {
                return QWEN;
            }
            if (name.equals("tiktoken.model")) {
                return KIMI;
            }
            if (name.startsWith("o200k")) {
                return O200K;
            }
            return name.startsWith("r50k") || name.startsWith("p50k") ? GPT2 : LLAMA3;
        }

        /** Special tokens, in the order of their ids, which go on where the ranks end. */
        List<String> specials() {
            List<String> tokens = new ArrayList<>();
            switch (this) {
                case QWEN -> {
                    tokens.addAll(List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"));
                    numbered(tokens, "<|extra_", 0, 205);
                }
                case LLAMA3 -> {
                    tokens.addAll(List.of("<|begin_of_text|>", "<|end_of_text|>"));
                    numbered(tokens, "<|reserved_special_token_", 0, 4);
                    tokens.addAll(List.of("<|start_header_id|>", "<|end_header_id|>"));
                    numbered(tokens, "<|reserved_special_token_", 4, 5);
                    tokens.add("<|eot_id|>");
                    numbered(tokens, "<|reserved_special_token_", 5, 251);
                }
                case KIMI -> {} // all in its configuration
                case O200K, GPT2 -> tokens.add("<|endoftext|>");
            }
            return tokens;
        }

        private static void numbered(List<String> tokens, String prefix, int from, int to) {
            for (int i = from; i < to; i++) {
                tokens.add(prefix + i + "|>");
            }
        }
    }

    /** Whether a file looks like one: a text whose first line has two words, the second a number. */
    static boolean matches(byte[] file) {
        int end = 0;
        while (end < file.length && end < 2 * Unigram.MAX_LENGTH && file[end] != '\n') {
            end++;
        }
        return new String(file, 0, end, StandardCharsets.ISO_8859_1).matches("[A-Za-z0-9+/]+=* [0-9]{1,9}\\r?");
    }

    /** @throws ModelFormatException if a line is no token and its rank */
    static Tokenizer read(String name, byte[] file, TokenizerConfig config) {
        Convention convention = Convention.of(name);
        RankedBytes ranks = new RankedBytes(name);
        int line = 0;
        for (String text : new String(file, StandardCharsets.ISO_8859_1).split("\n")) {
            line++;
            if (!text.isBlank()) {
                addLine(name + " line " + line, text.strip(), ranks);
            }
        }
        Bpe model = ranks.model(0);
        AddedTokens added = new AddedTokens(addedTokens(convention, ranks, config), Optional.empty());
        OptionalInt bos = config.special("bos_token", added, model.vocabulary(), id(added, "<|begin_of_text|>"));
        String usualEnd = convention == Convention.LLAMA3 ? "<|end_of_text|>" : "<|endoftext|>";
        OptionalInt eos = config.special("eos_token", added, model.vocabulary(), id(added, usualEnd));
        boolean begins = convention == Convention.LLAMA3 && bos.isPresent();
        IdList before = begins ? IdList.of(bos.getAsInt()) : IdList.of();
        Normalizer nfc = new Normalizer.Unicode(java.text.Normalizer.Form.NFC);
        var pipeline = new Pipeline(
                convention == Convention.QWEN ? Optional.of(nfc) : Optional.empty(),
                new PreTokenizer.Split(
                        TextPattern.regex(name, convention.pattern), SplitBehaviour.ISOLATED, Stretch.MATCH),
                model.withholding(added.control()),
                PostProcessor.around(before, IdList.of(), IdList.of(), 0),
                new Decoder.Bytes(Decoder.Bytes.Spelling.ALPHABET));
        return new Tokenizer(pipeline, added, new SpecialIds(bos, eos));
    }

    private static void addLine(String place, String line, RankedBytes ranks) {
        int space = line.indexOf(' ');
        if (space < 0 || !line.substring(space + 1).matches("[0-9]{1,9}")) {
            throw new ModelFormatException(place, "expected a token and its rank, found \"" + shortened(line) + "\"");
        }
        ranks.add(place, line.substring(0, space), Long.parseLong(line.substring(space + 1)));
    }

    private static String shortened(String line) {
        return line.length() > 40 ? line.substring(0, 40) + "…" : line;
    }

    /** Those of the configuration, else those of the convention. */
    private static List<AddedToken> addedTokens(Convention convention, RankedBytes ranks, TokenizerConfig config) {
        Map<Integer, AddedToken> tokens = new HashMap<>();
        if (config.addedTokens().isEmpty()) {
            int id = ranks.size();
            for (String content : convention.specials()) {
                tokens.put(id, new AddedToken(id, content, EnumSet.of(Trait.SPECIAL)));
                id++;
            }
        }
        config.addedTokens().forEach(t -> tokens.put(t.id(), t));
        return new ArrayList<>(tokens.values());
    }

    private static OptionalInt id(AddedTokens added, String content) {
        Integer id = added.find(content);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
