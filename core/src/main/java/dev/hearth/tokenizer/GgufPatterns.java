package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * How {@code tokenizer.ggml.pre} says that text is cut: expressions, each applied to the pieces that those before it left, where
 * both matches and gaps become pieces. The expressions are those of the models' own {@code tokenizer.json} files.
 */
final class GgufPatterns {
    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String WORD_PREFIX = "[^\\r\\n\\p{L}\\p{N}]?";
    private static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String ASCII_PUNCTUATION = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]";

    private static final List<String> GPT2 = List.of(WordSplitter.GPT2.source());
    private static final List<String> LLAMA3 = List.of(WordSplitter.LLAMA3.source());
    private static final List<String> QWEN2 = List.of(WordSplitter.QWEN2.source());
    private static final List<String> DIGIT_GPT2 = List.of("\\p{N}", WordSplitter.GPT2.source());
    private static final List<String> TEKKEN = List.of(cased("", "\\p{N}"));
    private static final List<String> GPT4O = List.of(cased(CONTRACTION + "?", "\\p{N}{1,3}"));
    private static final List<String> BLOOM = List.of(" ?[^(\\s|.,!?…。，、।۔،)]+");
    private static final List<String> DEEPSEEK3 = List.of(
            "\\p{N}{1,3}",
            "[一-龥぀-ゟ゠-ヿ]+",
            ASCII_PUNCTUATION + "[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*"
                    + SPACES);

    private static final Map<String, Style> STYLES = styles();

    private GgufPatterns() {}

    /** What a name stands for beside its expressions. */
    enum Kind {
        /** Nothing. */
        USUAL,
        /** A piece that is a token is not taken apart, and a text begins with its first token. */
        WHOLE_WORDS_AND_BOS,
        /** A piece that is a token is not taken apart. */
        WHOLE_WORDS,
        /** A text begins with its first token. */
        BOS
    }

    /** What a name stands for. */
    record Style(List<String> expressions, Kind kind) {
        boolean wholeWords() {
            return kind == Kind.WHOLE_WORDS || kind == Kind.WHOLE_WORDS_AND_BOS;
        }

        boolean addsBos() {
            return kind == Kind.BOS || kind == Kind.WHOLE_WORDS_AND_BOS;
        }
    }

    static java.util.Set<String> names() {
        return STYLES.keySet();
    }

    /** @throws ModelFormatException if the name isn't known; names those that are */
    static Style find(String name) {
        Style style = STYLES.get(name);
        if (style == null) {
            throw new ModelFormatException(
                    "tokenizer.ggml.pre", "expected one of " + new TreeSet<>(STYLES.keySet()) + ", found " + name);
        }
        return style;
    }

    /** Words cut where capital letters follow small ones: o200k's expression, and Tekken's. */
    private static String cased(String suffix, String number) {
        return WORD_PREFIX + UPPER + "*" + LOWER + "+" + suffix + "|" + WORD_PREFIX + UPPER + "+" + LOWER + "*" + suffix
                + "|" + number + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACES;
    }

    private static Map<String, Style> styles() {
        Map<String, Style> styles = new HashMap<>();
        put(
                styles,
                GPT2,
                "gpt-2",
                "phi-2",
                "jina-es",
                "jina-de",
                "jina-v1-en",
                "jina-v2-es",
                "jina-v2-de",
                "jina-v2-code");
        put(styles, GPT2, "gigachat", "a.x-4.0", "mellum", "modern-bert", "roberta-bpe", "exaone4");
        put(styles, GPT2, "mpt", "olmo", "jais", "trillion", "granite-docling");
        put(styles, DIGIT_GPT2, "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b");
        put(styles, LLAMA3, "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        put(
                styles,
                QWEN2,
                "qwen2",
                "deepseek-r1-qwen",
                "kormo",
                "megrez",
                "stablelm2",
                "hunyuan",
                "grok-2",
                "solar-open");
        put(styles, GPT4O, "gpt-4o", "llama4", "kanana2", "minimax-m2");
        put(styles, DEEPSEEK3, "deepseek-v3", "hunyuan-dense", "joyai-llm");
        put(styles, BLOOM, "bloom", "poro-chat", "gpt3-finnish");
        put(styles, List.of(BLOOM.getFirst(), "\\p{N}"), "viking");
        for (String name :
                List.of("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2")) {
            styles.put(name, new Style(LLAMA3, Kind.WHOLE_WORDS_AND_BOS));
        }
        styles.put("tekken", new Style(TEKKEN, Kind.WHOLE_WORDS_AND_BOS));
        others(styles);
        return Map.copyOf(styles);
    }

    private static void others(Map<String, Style> styles) {
        String signs = "[\\p{P}\\$\\+<=>\\^~\\|";
        put(styles, List.of(signs + "]+", GPT2.getFirst(), "\\p{N}+", "[0-9][0-9][0-9]"), "default");
        put(styles, List.of(signs + "`]+", GPT2.getFirst(), "[0-9][0-9][0-9]"), "falcon");
        put(styles, List.of("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-\uD7FF]+", "\\p{N}"), "deepseek-coder");
        put(
                styles,
                List.of(
                        "[\\r\\n]",
                        "\\s?" + LETTERS_WITH_CASE + "+",
                        "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
                        "\\s+$",
                        "[一-龥ࠀ-一가-\uD7FF]+",
                        "\\p{N}+"),
                "deepseek-llm");
        put(
                styles,
                List.of(CONTRACTION + "|" + WORD_PREFIX + "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                        + SPACES),
                "qwen35");
        put(
                styles,
                List.of("'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*"
                        + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"),
                "bailingmoe",
                "bailingmoe2",
                "llada-moe");
        put(
                styles,
                List.of(CONTRACTION + "|" + WORD_PREFIX + "\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" + SPACES),
                "seed-coder");
    }

    /** Latin, Greek, Cyrillic and so on: the letters that DeepSeek's first models take for words. */
    private static final String LETTERS_WITH_CASE =
            "[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿ"
                    + "ᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1F7Dᾀ-ᾴᾶ-ᾼ\u1FBEῂ-ῄῆ-ῌῐ-\u1FD3ῖ-\u1FDBῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212A-ℭℯ-ℴℹ"
                    + "ℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ"
                    + "\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}"
                    + "\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}]";

    private static void put(Map<String, Style> styles, List<String> expressions, String... names) {
        for (String name : names) {
            styles.put(name, new Style(expressions, Kind.USUAL));
        }
    }
}
