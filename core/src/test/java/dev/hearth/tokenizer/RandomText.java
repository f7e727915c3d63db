package dev.hearth.tokenizer;

import java.util.List;
import java.util.Random;

/**
 * Random texts of all of Unicode: every plane, code points that are unassigned, halves of surrogate pairs, all kinds of white
 * space, what normalisation changes, and what looks like special tokens of the usual vocabularies.
 */
final class RandomText {
    private static final List<String> WORDS = List.of(
            "the",
            " Hello",
            " don't",
            "DON'T",
            "i'd've",
            "'s",
            "’s",
            "'ſ",
            "123",
            "1234567",
            "$1,000.00",
            "٣",
            "½",
            "Ⅳ",
            "http://a.b/c?d=1",
            "```",
            "...",
            "!?",
            "_",
            "你好",
            "カタ",
            "ー",
            "각",
            "рус",
            "नी",
            "ก็");
    private static final List<String> SPACES = List.of(
            " ",
            "  ",
            "                ",
            "\n",
            "\n\n\n",
            "\r\n",
            "  \n  ",
            "\t",
            "\t\t\t",
            "\u00A0",
            "\u3000",
            "\u2028",
            "\u0085",
            "\u200B",
            "\uFEFF",
            "\u180E",
            "▁",
            "▁▁▁",
            "Ġ");
    private static final List<String> TROUBLE = List.of(
            "é",
            "e\u0301",
            "x\u0327\u0301\u0323",
            "\u0344",
            "\u0F73",
            "\u1E9B\u0323",
            "\u1100\u1161\u11A8",
            "\u212B",
            "ﬁ",
            "①\u0301",
            "㍿",
            "ｶﾞ",
            "İ",
            "Σς",
            "ß",
            "ŉ",
            "\u00AD",
            "\u061C",
            "\u0000",
            "\u0001",
            "\uFFFD",
            "\uFFFF",
            "\u200D",
            "👍🏽",
            "👩‍👩‍👧‍👦",
            "🇪🇺",
            "\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC7F",
            "\uD800",
            "\uDC00\uD83D");
    private static final List<String> SPECIAL = List.of(
            "<|im_start|>",
            "<|im_end|>",
            "<|im_",
            "|>",
            "<s>",
            "</s>",
            "<unk>",
            "<pad>",
            "<mask>",
            "[CLS]",
            "[SEP]",
            "[MASK]",
            "[INST]",
            "<bos>",
            "<eos>",
            "<start_of_turn>",
            "<unused5>",
            "<|endoftext|>",
            "<|begin_of_text|>",
            "<|eot_id|>",
            "<tool_call>",
            "<think>",
            "<0x0A>",
            "<0xE4>");

    private final Random random;

    RandomText(Random random) {
        this.random = random;
    }

    String next() {
        StringBuilder text = new StringBuilder();
        for (int part = random.nextInt(24); part > 0; part--) {
            switch (random.nextInt(7)) {
                case 0 -> text.append(one(WORDS));
                case 1 -> text.append(one(SPACES));
                case 2 -> text.append(one(TROUBLE));
                case 3 -> text.append(one(SPECIAL));
                case 4 -> random.ints(random.nextInt(8), 'a', 'z' + 1).forEach(text::appendCodePoint);
                case 5 -> random.ints(random.nextInt(6)).forEach(ignored -> text.appendCodePoint(codePoint()));
                default -> text.append(Character.toString(codePoint()).repeat(random.nextInt(4)));
            }
        }
        return text.toString();
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    private int codePoint() {
        return switch (random.nextInt(7)) {
            case 0 -> random.nextInt(0x80);
            case 1 -> random.nextInt(0x600);
            case 2 -> random.nextInt(0x3000);
            case 3 -> random.nextInt(0x10000);
            case 4 -> random.nextInt(0x10000, 0x20000);
            case 5 -> random.nextInt(0x1F000, 0x20000);
            default -> random.nextInt(Character.MAX_CODE_POINT + 1);
        };
    }
}
