package dev.hearth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopMatcherTest {
    private static StopMatcher before(String... expressions) {
        return matcher(StopMatcher.Cut.BEFORE_STOP, expressions);
    }

    private static StopMatcher matcher(StopMatcher.Cut cut, String... expressions) {
        return new StopMatcher(
                List.of(), Arrays.stream(expressions).map(Pattern::compile).toList(), cut);
    }

    /** What each piece lets out, until it stops, and the rest. */
    private static List<String> output(StopMatcher stops, String... pieces) {
        List<String> out = new ArrayList<>();
        for (String piece : pieces) {
            out.add(stops.push(piece));
            if (stops.stopped()) {
                return out;
            }
        }
        out.add(stops.finish());
        return out;
    }

    @Test
    void strings_endTheText() {
        StopMatcher stops = new StopMatcher(List.of("END", "\n\n"), List.of(), StopMatcher.Cut.BEFORE_STOP);
        assertThat(output(stops, "a E", "N", "O E", "ND b")).containsExactly("a ", "", "ENO ", "");
        assertThat(stops.stopped()).isTrue();
    }

    @Test
    void strings_mayStay() {
        StopMatcher stops = new StopMatcher(List.of("END"), List.of(), StopMatcher.Cut.AFTER_STOP);
        assertThat(output(stops, "a E", "ND b")).containsExactly("a ", "END");
    }

    @Test
    void expression_holdsBackWhatMayBecomeAMatch() {
        assertThat(output(before("foo[0-9]bar"), "x fo", "o1", "ba", "z foo2b", "ar y"))
                .containsExactly("x ", "", "", "foo1baz ", "");
    }

    @Test
    void expression_mayStay() {
        assertThat(output(matcher(StopMatcher.Cut.AFTER_STOP, "[.!?]"), "One", " two. Th", "ree"))
                .containsExactly("One", " two.");
    }

    @Test
    void expression_waitsForTheEndOfAWord() {
        assertThat(output(before("\\bfoo\\b"), "a foo", "d foo", " b")).containsExactly("a ", "food ", "");
        assertThat(output(before("\\bfoo\\b"), "a foo")).containsExactly("a ", "");
        assertThat(output(before("foo$"), "foo a ", "foo")).containsExactly("foo a ", "", "");
    }

    @Test
    void expression_seesWhatIsOutAlready() {
        assertThat(output(before("(?<=a)b"), "xb", "a", "b")).containsExactly("xb", "a", "");
        assertThat(output(before("^b"), "a", "b")).containsExactly("a", "b", "");
        assertThat(output(before("(?m)^b"), "ab\n", "b")).containsExactly("ab\n", "");
    }

    @Test
    void earliest_counts() {
        StopMatcher stops = new StopMatcher(List.of("cd"), List.of(Pattern.compile("b.")), StopMatcher.Cut.BEFORE_STOP);
        assertThat(output(stops, "abcd")).containsExactly("a");
    }

    @Test
    void pass_endsNothing() {
        StopMatcher stops = new StopMatcher(List.of("x"), List.of(Pattern.compile("y")), StopMatcher.Cut.BEFORE_STOP);
        assertThat(stops.pass("xy")).isEqualTo("xy");
        assertThat(stops.stopped()).isFalse();
        assertThat(output(stops, "zy")).containsExactly("z");
    }

    @Test
    void expression_isGivenUpFarBack() {
        StopMatcher stops = before("<.*>");
        assertThat(stops.push("<" + "a".repeat(StopPattern.LONGEST - 1))).isEmpty();
        assertThat(stops.push("b")).isEqualTo("<");
        assertThat(stops.push(">")).isEqualTo("a".repeat(StopPattern.LONGEST - 1) + "b>");
        assertThat(stops.push("<c>")).isEmpty();
        assertThat(stops.stopped()).isTrue();
    }

    @Test
    void expression_thatTakesTooLongFails() {
        StopMatcher stops = before("(a+)+b\\1"); // a reference back, as Java remembers what failed otherwise
        assertThatExceptionOfType(GenerationException.class)
                .isThrownBy(() -> stops.push("a".repeat(60) + "c"))
                .withMessageContaining("(a+)+b\\1 to be decided in");
    }

    @Test
    void expression_ofManyBranchesHasTheStack() {
        assertThat(output(before("(x|y)*z"), "xy".repeat(250), "z")).containsExactly("", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a(?=b)", "a(?!b)", "a*", "", "$", "\\Qx\\E(?=y)"})
    void check_refuses(String expression) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Request.prompt("").stopPattern(Pattern.compile(expression)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\(?=b", "\\Q(?=\\E", "a(?<=a)", "a(?<!b)", "(?:a)", "(?>a)"})
    void check_takes(String expression) {
        Request.prompt("").stopPattern(Pattern.compile(expression));
    }

    /** Whatever the pieces, what comes out is the text before the first match, or all of it. */
    @Test
    void output_isTheTextBeforeAMatch() {
        for (String expression : List.of("ab+c", "(?:ab|ba)[bc]", "c\\b", "a[^b]c", "abcabc", "b(?<=ab)c")) {
            for (int seed = 0; seed < 300; seed++) {
                Random random = new Random(seed);
                StringBuilder text = new StringBuilder();
                StringBuilder out = new StringBuilder();
                StopMatcher stops = before(expression);
                while (text.length() < 40 && !stops.stopped()) {
                    StringBuilder piece = new StringBuilder();
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        piece.append("abc ".charAt(random.nextInt(4)));
                    }
                    text.append(piece);
                    out.append(stops.push(piece.toString()));
                }
                out.append(stops.finish());
                Matcher whole = Pattern.compile(expression).matcher(text);
                assertThat(out.toString())
                        .as("%s, seed %d, in %s", expression, seed, text)
                        .isEqualTo(whole.find() ? text.substring(0, whole.start()) : text.toString());
            }
        }
    }
}
