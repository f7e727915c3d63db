package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class UnicodeFormTest {
    @Provide
    Arbitrary<String> marked() {
        Arbitrary<Character> some = Arbitraries.chars()
                .with(
                        "aAeZ \n\u00E9\u01D6\u0301\u0323\u0345\u0334\u0344\u05B0\u0F71\u1100\u1161\u11A8\u212B\u09C7\u09BE\uFB01\u1E69");
        return Arbitraries.oneOf(
                        some,
                        Arbitraries.chars().range('\u0300', '\u036F'),
                        Arbitraries.chars().range('\u0080', '\uD7FF'))
                .list()
                .ofMaxSize(30)
                .map(list -> {
                    StringBuilder text = new StringBuilder();
                    list.forEach(text::append);
                    return text.toString();
                })
                .filter(text -> text.chars().noneMatch(Unicode9::isLater)); // which the JDK knows
    }

    @Property(tries = 2000)
    void everyForm_asTheJdk(@ForAll("marked") String text, @ForAll Form form) {
        String expected = Normalizer.normalize(text, form);
        assertThat(UnicodeForm.apply(form, NormalizedText.of(text)).text).isEqualTo(expected);
        assertThat(UnicodeForm.apply(form, NormalizedText.tracked(text, 5)).text)
                .isEqualTo(expected);
    }

    @Property(tries = 1000)
    void marksInAnyNumber_asTheJdk(@ForAll("marked") String text, @ForAll Form form) {
        String many = text + "a" + "\u0301\u0323\u0334\u0345".repeat(20) + text;
        assertThat(UnicodeForm.apply(form, NormalizedText.of(many)).text).isEqualTo(Normalizer.normalize(many, form));
    }

    /** Marks one by one into their places, as the JDK puts them, would take hours. */
    @Test
    void aMillionMarks_areOrdered() {
        String marks = "a" + "\u0301\u0323".repeat(500_000);
        String ordered = "a" + "\u0323".repeat(500_000) + "\u0301".repeat(500_000);
        assertThat(UnicodeForm.apply(Form.NFD, NormalizedText.of(marks)).text).isEqualTo(ordered);
        assertThat(UnicodeForm.apply(Form.NFC, NormalizedText.of(marks)).text)
                .startsWith("\u1EA1\u0323")
                .endsWith("\u0301\u0301");
    }
}
