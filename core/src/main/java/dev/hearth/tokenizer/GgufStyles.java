package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.GgufPatterns.Style;
import dev.hearth.tokenizer.GgufPatterns.Trait;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Finds the name that llama.cpp has for the way in which a byte-level tokenizer cuts text, by what becomes of a text that tells them apart. */
final class GgufStyles {
    /** Those of much-used models first: several names stand for the same way. */
    private static final List<String> PREFERRED = List.of(
            "gpt-2",
            "llama-bpe",
            "qwen2",
            "gpt-4o",
            "tekken",
            "deepseek-v3",
            "deepseek-llm",
            "deepseek-coder",
            "starcoder");

    private static final String PROBE = """
            Hello, world! I'm sure you've seen it's WE'LL  they'd; DON'T  don’t x=1+2 3.14 1234567 12 007
              \tindented   twice\r\n\r\n\n  \n end  . ... !!! ?! (a)[b]{c} <d>&amp; "q" 'r' `s` ~/.config/a_b-c@d.org #1 $5 50% ^_^
            CamelCaseWORDSandMore lowerUPPER ABCdef éàü ÄÖÜß naïve Ελληνικά Русский текст עברית العربية हिन्दी ไทย 한국어 문장 日本語の文、カタカナ。 中文字符，標點！ １２３ ½ ² Ⅷ
            😀👍🏽 👩‍👩‍👧 e\u0301 a\u0308o \u00a0nbsp\u3000wide foo/bar\\baz // comment\n\n\n\n\t\t}\n http://x.y/z?a=b&c=d 000 1,000,000.00 -5 a1b2c3 x²y  \
            """;

    private GgufStyles() {}

    /** @throws ModelFormatException if none of the names that are known means the same */
    static String name(Tokenizer tokenizer, Fields file) {
        boolean whole = tokenizer.model() instanceof Bpe bpe && bpe.takesWholeWords();
        List<String> expected = pieces(tokenizer.preTokenizer());
        Set<String> names = new LinkedHashSet<>(PREFERRED);
        names.addAll(new TreeSet<>(GgufPatterns.names()));
        for (String name : names) {
            Style style = GgufPatterns.find(name);
            boolean bytes = !style.is(Trait.PLAIN_TEXT) && !style.is(Trait.WORDS);
            if (bytes
                    && style.is(Trait.WHOLE_WORDS) == whole
                    && pieces(GgufBytePair.cut(style, SplitBehaviour.ISOLATED)).equals(expected)) {
                return name;
            }
        }
        throw new ModelFormatException(
                file.at("pre_tokenizer"), "expected a way to cut text that llama.cpp has a name for, found another");
    }

    private static List<String> pieces(PreTokenizer cutter) {
        Pieces pieces = cutter.cut(Pieces.whole(PROBE.toCharArray(), true));
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < pieces.count(); i++) {
            texts.add(new String(pieces.text, pieces.start(i), pieces.end(i) - pieces.start(i)));
        }
        return texts;
    }
}
