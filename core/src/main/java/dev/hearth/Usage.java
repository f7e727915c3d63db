package dev.hearth;

import java.time.Duration;

/**
 * What a request took.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of them that were already computed
 * @param outputTokens tokens generated, an end token included
 * @param queued from the request to the first step that computed something of it; zero if there was none
 * @param timeToFirstToken from the request to its first token; zero if there was none
 * @param duration from the request to its end
 */
public record Usage(
        int promptTokens,
        int cachedTokens,
        int outputTokens,
        Duration queued,
        Duration timeToFirstToken,
        Duration duration) {}
