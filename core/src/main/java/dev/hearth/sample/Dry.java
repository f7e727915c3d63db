package dev.hearth.sample;

import java.util.List;

/**
 * Don't repeat yourself: a token that would make the end of what was said repeat n tokens and itself from further up loses
 * {@code multiplier * base ^ (n - allowedLength)}, if n is at least {@code allowedLength}. Repetitions don't reach across a breaker,
 * and a token that is a breaker by itself loses nothing. By p-e-w, text-generation-webui pull request 5677, with llama.cpp's breakers
 * and edges. A penalty never rules a token out: a logit ends at the least float.
 *
 * @param multiplier above 0
 * @param base from 1
 * @param allowedLength tokens that may be repeated freely; from 1
 * @param range how many of the last tokens count; 0 for all
 * @param breakers text or tokens that end a repetition; text that is part of a token makes a breaker of the token
 */
public record Dry(double multiplier, double base, int allowedLength, int range, List<Word> breakers) {
    private static final List<Word> DEFAULT_BREAKERS = // llama.cpp's --dry-sequence-breaker
            List.of(Word.of("\n"), Word.of(":"), Word.of("\""), Word.of("*"));

    /** @throws IllegalArgumentException if a value is outside its range */
    public Dry {
        ParamCheck.check(
                multiplier > 0 && Double.isFinite(multiplier),
                "Dry: multiplier",
                "a finite number above 0",
                multiplier);
        ParamCheck.check(base >= 1 && Double.isFinite(base), "Dry: base", "a finite number from 1", base);
        ParamCheck.check(allowedLength >= 1, "Dry: allowedLength", "1 or more", allowedLength);
        ParamCheck.check(range >= 0, "Dry: range", "0 (all) or more", range);
        breakers = List.copyOf(breakers);
    }

    /** With llama.cpp's defaults: base 1.75, 2 tokens allowed, all that was said, breakers newline, colon, quote and asterisk. */
    public static Dry of(double multiplier) {
        return new Dry(multiplier, 1.75, 2, 0, DEFAULT_BREAKERS);
    }

    /** With another base. */
    public Dry withBase(double value) {
        return new Dry(multiplier, value, allowedLength, range, breakers);
    }

    /** With another length. */
    public Dry withAllowedLength(int tokens) {
        return new Dry(multiplier, base, tokens, range, breakers);
    }

    /** With another range. */
    public Dry withRange(int tokens) {
        return new Dry(multiplier, base, allowedLength, tokens, breakers);
    }

    /** With other breakers. */
    public Dry withBreakers(List<Word> words) {
        return new Dry(multiplier, base, allowedLength, range, words);
    }
}
