package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Vocabularies from before {@code tokenizer.json}: {@code vocab.json} with {@code merges.txt} (GPT-2, RoBERTa, CLIP, Qwen 2), and
 * BERT's {@code vocab.txt}. Each is rewritten as the {@code tokenizer.json} that its class in transformers stands for.
 */
final class VocabularyFiles {
    private static final List<String> SPECIAL_NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    private static final String BYTES = "{\"type\":\"ByteLevel\",\"add_prefix_space\":%s,\"use_regex\":%s}";

    private VocabularyFiles() {}

    /** {@code vocab.json} and {@code merges.txt}. */
    static Tokenizer bytePairs(Fields vocabulary, byte[] merges, TokenizerConfig config) {
        Map<String, Json> model = new LinkedHashMap<>();
        model.put("type", new Json.Str("BPE"));
        Map<String, Json> tokens = new LinkedHashMap<>(vocabulary.object().members());
        model.put("merges", new Json.Arr(merges(merges)));
        Map<String, Json> file = new LinkedHashMap<>();
        Style style = Style.of(config.tokenizerClass());
        boolean prefixSpace = config.flag("add_prefix_space", false);
        switch (style) {
            case GPT2, ROBERTA -> file.put("pre_tokenizer", json(BYTES.formatted(prefixSpace, true)));
            case QWEN2 -> {
                file.put("normalizer", json("{\"type\":\"NFC\"}"));
                file.put("pre_tokenizer", split(WordSplitter.QWEN2.source(), "Isolated", false));
            }
            case CLIP -> {
                model.put("end_of_word_suffix", new Json.Str("</w>"));
                model.put("unk_token", new Json.Str("<|endoftext|>"));
                file.put(
                        "normalizer",
                        json("{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Replace\","
                                + "\"pattern\":{\"Regex\":\"\\\\s+\"},\"content\":\" \"},{\"type\":\"Lowercase\"}]}"));
                String words = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
                file.put("pre_tokenizer", split(words, "Removed", true));
            }
        }
        file.put("decoder", json(BYTES.formatted(false, true)));
        if (style == Style.ROBERTA) {
            around(file, tokens, "<s>", "</s>");
        } else if (style == Style.CLIP) {
            around(file, tokens, "<|startoftext|>", "<|endoftext|>");
        }
        return tokenizer(file, model, tokens, config);
    }

    /** How classes of transformers differ. */
    private enum Style {
        /** The usual. */
        GPT2,
        /** Two tokens around. */
        ROBERTA,
        /** Another expression. */
        QWEN2,
        /** Lower case, words end with a mark. */
        CLIP;

        static Style of(String tokenizerClass) {
            return switch (tokenizerClass) {
                case "RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer" -> ROBERTA;
                case "Qwen2Tokenizer", "Qwen2_5Tokenizer" -> QWEN2;
                case "CLIPTokenizer" -> CLIP;
                default -> GPT2;
            };
        }
    }

    /** {@code vocab.txt}: one token a line. */
    static Tokenizer wordPieces(byte[] vocabulary, TokenizerConfig config) {
        Map<String, Json> tokens = new LinkedHashMap<>();
        for (String line : new String(vocabulary, StandardCharsets.UTF_8).split("\r?\n")) {
            tokens.put(line, new Json.Int(tokens.size()));
        }
        Map<String, Json> model = new LinkedHashMap<>();
        model.put("type", new Json.Str("WordPiece"));
        model.put("unk_token", new Json.Str("[UNK]"));
        Map<String, Json> file = new LinkedHashMap<>();
        Map<String, Json> normalizer = new LinkedHashMap<>();
        normalizer.put("type", new Json.Str("BertNormalizer"));
        normalizer.put("lowercase", new Json.Bool(config.flag("do_lower_case", true)));
        normalizer.put("handle_chinese_chars", new Json.Bool(config.flag("tokenize_chinese_chars", true)));
        config.file().flatMap(f -> f.get("strip_accents")).ifPresent(s -> normalizer.put("strip_accents", s));
        file.put("normalizer", new Json.Obj(normalizer));
        file.put("pre_tokenizer", json("{\"type\":\"BertPreTokenizer\"}"));
        file.put("decoder", json("{\"type\":\"WordPiece\"}"));
        String cls = tokens.containsKey("[CLS]") ? "[CLS]" : "<s>"; // MPNet's
        around(file, tokens, cls, tokens.containsKey("[SEP]") ? "[SEP]" : "</s>");
        return tokenizer(file, model, tokens, config);
    }

    private static Tokenizer tokenizer(
            Map<String, Json> file, Map<String, Json> model, Map<String, Json> tokens, TokenizerConfig config) {
        List<Json> added = new ArrayList<>();
        for (AddedToken token : config.addedTokens()) {
            tokens.putIfAbsent(token.content(), new Json.Int(token.id()));
            Map<String, Json> flags = new LinkedHashMap<>();
            flags.put("content", new Json.Str(token.content()));
            for (AddedToken.Trait trait : AddedToken.Trait.values()) {
                flags.put(trait.json, new Json.Bool(token.is(trait)));
            }
            added.add(new Json.Obj(flags));
        }
        if (added.isEmpty()) {
            for (String content : usualSpecials(config)) {
                if (tokens.containsKey(content)) {
                    added.add(new Json.Obj(Map.of("content", new Json.Str(content), "special", new Json.Bool(true))));
                }
            }
        }
        model.put("vocab", new Json.Obj(tokens));
        file.put("model", new Json.Obj(model));
        file.put("added_tokens", new Json.Arr(added));
        return TokenizerJson.read(new Fields("vocabulary", new Json.Obj(file)), config.file());
    }

    /** The tokens that configurations name, and those that models have which say nothing. */
    private static List<String> usualSpecials(TokenizerConfig config) {
        List<String> contents = new ArrayList<>();
        for (String name : SPECIAL_NAMES) {
            Optional<Json> token = config.file().flatMap(f -> f.get(name));
            if (token.orElse(Json.Null.NULL) instanceof Json.Str(var content)) {
                contents.add(content);
            }
        }
        List.of(
                        "[UNK]",
                        "[SEP]",
                        "[PAD]",
                        "[CLS]",
                        "[MASK]",
                        "<|endoftext|>",
                        "<|startoftext|>",
                        "<s>",
                        "</s>",
                        "<pad>")
                .stream()
                .filter(c -> !contents.contains(c))
                .forEach(contents::add);
        return contents;
    }

    private static void around(Map<String, Json> file, Map<String, Json> tokens, String first, String last) {
        Json cls = tokens.get(first);
        Json sep = tokens.get(last);
        if (cls != null && sep != null) {
            String type = first.equals("[CLS]") ? "BertProcessing" : "RobertaProcessing";
            file.put(
                    "post_processor",
                    new Json.Obj(Map.of(
                            "type", new Json.Str(type),
                            "cls", new Json.Arr(List.of(new Json.Str(first), cls)),
                            "sep", new Json.Arr(List.of(new Json.Str(last), sep)))));
        }
    }

    private static Json split(String expression, String behaviour, boolean invert) {
        return new Json.Obj(Map.of(
                "type",
                new Json.Str("Sequence"),
                "pretokenizers",
                new Json.Arr(List.of(
                        new Json.Obj(Map.of(
                                "type", new Json.Str("Split"),
                                "pattern", new Json.Obj(Map.of("Regex", new Json.Str(expression))),
                                "behavior", new Json.Str(behaviour),
                                "invert", new Json.Bool(invert))),
                        json(BYTES.formatted(false, false))))));
    }

    private static Json json(String text) {
        return Json.parse("tokenizer", text.getBytes(StandardCharsets.UTF_8));
    }

    /** A merge a line; the first line may be a comment. */
    private static List<Json> merges(byte[] file) {
        List<Json> merges = new ArrayList<>();
        for (String line : new String(file, StandardCharsets.UTF_8).split("\n")) {
            String merge = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            boolean comment = merges.isEmpty() && merge.startsWith("#version");
            if (!merge.isBlank() && !comment) {
                merges.add(new Json.Str(merge));
            }
        }
        if (merges.size() > Vocabulary.MAX_ID) {
            throw new ModelFormatException("merges.txt", "expected up to " + Vocabulary.MAX_ID + " merges, found more");
        }
        return merges;
    }
}
