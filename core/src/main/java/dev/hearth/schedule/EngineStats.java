package dev.hearth.schedule;

/**
 * A look at a loop between two steps; counts are since it began.
 *
 * @param running sequences that have pages
 * @param waiting sequences that wait for their turn
 * @param usedPages pages that sequences hold, of all groups
 * @param prefixPages pages' worth of tokens that are kept for sequences that begin alike, in use or not
 * @param steps steps run
 * @param requests sequences that came
 * @param refused sequences that were not taken, since too many waited
 * @param preemptions how often a sequence had to give up its pages and be computed again
 * @param evictions pages' worth of tokens that were kept and went because pages ran short
 * @param promptTokens tokens of prompts
 * @param cachedTokens those of them that were there already
 * @param outputTokens tokens that were generated
 */
public record EngineStats(
        int running,
        int waiting,
        int usedPages,
        int prefixPages,
        long steps,
        long requests,
        long refused,
        long preemptions,
        long evictions,
        long promptTokens,
        long cachedTokens,
        long outputTokens) {
    /** Before the first step. */
    static final EngineStats NONE = new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
