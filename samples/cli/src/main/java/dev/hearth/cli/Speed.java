package dev.hearth.cli;

import dev.hearth.Usage;
import java.util.Locale;

/** The last line that a person sees. */
final class Speed {
    private Speed() {}

    /** Tokens, tokens per second after the first one, and the wait for the first. */
    static String line(Usage usage) {
        double first = usage.timeToFirstToken().toNanos() / 1e9;
        double rest = usage.duration().toNanos() / 1e9 - first;
        String rate = usage.outputTokens() > 1 && rest > 0
                ? String.format(Locale.ROOT, "%.1f tokens/s", (usage.outputTokens() - 1) / rest)
                : "too few to tell a rate";
        return String.format(
                Locale.ROOT,
                "[%d prompt tokens, first token after %.2f s; %d tokens, %s]",
                usage.promptTokens(),
                first,
                usage.outputTokens(),
                rate);
    }
}
