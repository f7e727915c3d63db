package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How {@code tokenizer.ggml.pre} says that text is cut: expressions, each applied to the pieces that those before it left, where
 * both matches and gaps become pieces. The expressions are those of the models' own {@code tokenizer.json} files; the names are
 * those of llama.cpp, {@code llama-vocab.cpp}.
 */
final class GgufPatterns {
    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String WORD_PREFIX = "[^\\r\\n\\p{L}\\p{N}]?";
    private static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String SIGNS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String ASCII_PUNCTUATION = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]";
    private static final String DEEPSEEK_WORDS =
            ASCII_PUNCTUATION + "[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+";
    private static final String IDEOGRAPHS = "[一-龥぀-ゟ゠-ヿ]+";
    private static final String SPACED_LETTERS_OR_NEWLINES = "[^\\n]+|[\\n]+";

    private static final String GPT2 = WordSplitter.GPT2.source();
    private static final String LLAMA3 = WordSplitter.LLAMA3.source();
    private static final String QWEN2 = WordSplitter.QWEN2.source();
    private static final String GPT4O = cased(CONTRACTION + "?", "\\p{N}{1,3}");
    private static final String BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+";

    private static final Map<String, Style> STYLES = styles();

    private GgufPatterns() {}

    /** What a name stands for beside its expressions. */
    enum Trait {
        /** A piece that is a token is not taken apart. */
        WHOLE_WORDS,
        /** A text begins with its first token. */
        BOS,
        /** Tokens are text with {@code ▁} for spaces, not bytes; runs of newlines are not taken apart. */
        PLAIN_TEXT,
        /** Tokens are text, and there are none of white space. */
        WORDS
    }

    /** What a name stands for. */
    record Style(List<String> expressions, Set<Trait> traits) {
        boolean is(Trait trait) {
            return traits.contains(trait);
        }
    }

    static Set<String> names() {
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
    static String cased(String suffix, String number) {
        return WORD_PREFIX + UPPER + "*" + LOWER + "+" + suffix + "|" + WORD_PREFIX + UPPER + "+" + LOWER + "*" + suffix
                + "|" + number + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACES;
    }

    /** As {@link #cased}, and Chinese characters apart: Kimi's expression. */
    static String kimi() {
        String upper = UPPER.replace("]", "&&[^\\p{Han}]]");
        String lower = LOWER.replace("]", "&&[^\\p{Han}]]");
        return "[\\p{Han}]+|" + WORD_PREFIX + upper + "*" + lower + "+" + CONTRACTION + "?|" + WORD_PREFIX + upper + "+"
                + lower + "*" + CONTRACTION + "?|\\p{N}{1,3}" + SIGNS + SPACES;
    }

    /** As {@link #cased}, with contractions: o200k's expression. */
    static String gpt4o() {
        return GPT4O;
    }

    private static Map<String, Style> styles() {
        Map<String, Style> styles = new HashMap<>();
        put(styles, "gpt-2 phi-2 jina-es jina-de jina-v1-en jina-v2-es jina-v2-de jina-v2-code gigachat", GPT2);
        put(styles, "a.x-4.0 mellum modern-bert roberta-bpe exaone4 mpt olmo jais trillion granite-docling", GPT2);
        put(styles, "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2", "\\p{N}", GPT2);
        put(styles, "dbrx smaug-bpe chatglm-bpe", LLAMA3);
        put(styles, "qwen2 deepseek-r1-qwen kormo megrez stablelm2 hunyuan grok-2 solar-open f2llmv2", QWEN2);
        put(styles, "gpt-4o llama4 kanana2 minimax-m2 talkie", GPT4O);
        put(
                styles,
                "deepseek-v3 hunyuan-dense joyai-llm hy_v4",
                "\\p{N}{1,3}",
                IDEOGRAPHS,
                DEEPSEEK_WORDS + "[\\r\\n]*" + SPACES);
        put(styles, "bloom poro-chat gpt3-finnish", BLOOM);
        put(styles, "viking", BLOOM, "\\p{N}");
        put(styles, "kimi-k2", kimi());
        put(styles, "laguna", SPACED_LETTERS_OR_NEWLINES, QWEN2);
        put(styles, "tiny_aya cohere2moe", DigitGroups.BEFORE_WORD_BOUNDARY.source(), GPT4O);
        put(styles, "superbpe", "\\p{N}+", DigitGroups.BOUNDARIES.source());
        put(styles, "ufakzeka", WORD_PREFIX + "\\p{L}+|\\p{N}" + SIGNS + SPACES);
        String llama3 = "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano";
        put(styles, EnumSet.of(Trait.WHOLE_WORDS, Trait.BOS), llama3, LLAMA3);
        put(styles, EnumSet.of(Trait.WHOLE_WORDS, Trait.BOS), "tekken", cased("", "\\p{N}"));
        put(styles, EnumSet.of(Trait.WHOLE_WORDS), "glm4 glm5", LLAMA3);
        put(styles, EnumSet.of(Trait.WHOLE_WORDS), "granite-embed-multi-97m", GPT4O);
        String newlines = SPACED_LETTERS_OR_NEWLINES;
        put(styles, EnumSet.of(Trait.PLAIN_TEXT, Trait.BOS), "gemma4 granite-embed-multi-311m", newlines);
        put(styles, EnumSet.of(Trait.PLAIN_TEXT), "sarvam-moe", newlines);
        put(styles, EnumSet.of(Trait.WORDS), "whitespace", "\\s+");
        single(styles);
        return Map.copyOf(styles);
    }

    /** Expressions of one model, or one family. */
    private static void single(Map<String, Style> styles) {
        String signs = "[\\p{P}\\$\\+<=>\\^~\\|";
        put(styles, "default", signs + "]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]");
        put(styles, "falcon", signs + "`]+", GPT2, "[0-9][0-9][0-9]");
        String eastAsian = "[一-龥ࠀ-一가-\uD7FF]+";
        put(styles, "deepseek-coder", "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", eastAsian, "\\p{N}");
        String punctuation = "\\s?[!-/:-~！-／：-～‘-‟　-。]+";
        String letters = "\\s?" + LETTERS_WITH_CASE + "+";
        put(styles, "deepseek-llm", "[\\r\\n]", letters, punctuation, "\\s+$", eastAsian, "\\p{N}+");
        String spark = DEEPSEEK_WORDS + "|[\\r\\n]|\\s+(?!\\S)|\\s+";
        put(styles, "spark2_5", "\\p{N}{1,3}", IDEOGRAPHS, spark, "\\p{N}");
        String marked = CONTRACTION + "|" + WORD_PREFIX + "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*";
        put(styles, "qwen35", marked + SPACES);
        put(
                styles,
                "bailingmoe bailingmoe2 llada-moe",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*"
                        + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+");
        String words = CONTRACTION + "|" + WORD_PREFIX + "\\p{L}+|";
        put(styles, "seed-coder", words + "\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" + SPACES);
        put(styles, EnumSet.of(Trait.WHOLE_WORDS), "minicpm5", "\\p{N}{1,3}", words + "\\p{N}+" + SIGNS + SPACES);
        put(
                styles,
                "jais-2",
                words + "\\p{N}{1,3}" + SIGNS + "|\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)"
                        + "|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}");
        late(styles);
    }

    /** More of them. */
    private static void late(Map<String, Style> styles) {
        // Words with single spaces between are one piece; possessive, so that matching needs no stack.
        String phrase = "(?:\\p{L}\\p{M}*+(?: \\p{L}\\p{M}*+)*+)++";
        put(
                styles,
                "exaone-moe",
                CONTRACTION + "|" + WORD_PREFIX + phrase
                        + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+");
        put(
                styles,
                EnumSet.of(Trait.WHOLE_WORDS),
                "youtu",
                "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" + IDEOGRAPHS,
                cased(CONTRACTION + "?", "\\p{N}"));
        put(
                styles,
                EnumSet.of(Trait.BOS),
                "chameleon",
                "<sentinel:[0-9]+>",
                "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z",
                "([\\t\\n]|    |  )",
                "\\p{N}",
                "[\\p{P}!-/:-@\\[-`{-~]",
                GPT2);
        put(
                styles,
                "afmoe",
                DigitGroups.RUNS.source(),
                "[一-鿿㐀-䶿豈-\uFAFF぀-ゟ゠-ヿ･-ﾟ⼀-\u2FDF\u0E00-\u0E7F\u0E80-\u0EFF\u1780-\u17FF\u1000-\u109F"
                        + "\uAA60-\uAA7F\uA9E0-\uA9FF가-\uD7AFᄀ-ᇿ]+",
                DEEPSEEK_WORDS + "[\\r\\n]*" + SPACES);
    }

    /** Latin, Greek, Cyrillic and so on: the letters that DeepSeek's first models take for words. */
    private static final String LETTERS_WITH_CASE =
            "[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿ"
                    + "ᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1F7Dᾀ-ᾴᾶ-ᾼ\u1FBEῂ-ῄῆ-ῌῐ-\u1FD3ῖ-\u1FDBῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212A-ℭℯ-ℴℹ"
                    + "ℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ"
                    + "\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}"
                    + "\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}]";

    private static void put(Map<String, Style> styles, String names, String... expressions) {
        put(styles, EnumSet.noneOf(Trait.class), names, expressions);
    }

    private static void put(Map<String, Style> styles, Set<Trait> traits, String names, String... expressions) {
        for (String name : names.split(" ")) {
            styles.put(name, new Style(List.of(expressions), Set.copyOf(traits)));
        }
    }
}
