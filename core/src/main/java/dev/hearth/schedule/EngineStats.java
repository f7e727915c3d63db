package dev.hearth.schedule;

import dev.hearth.state.LowerTier;

/**
 * A look at a loop between two steps; counts are since it began.
 *
 * @param running sequences that have pages
 * @param waiting sequences that wait for their turn
 * @param usedPages pages that sequences hold, of all groups
 * @param pageLimit pages that they could hold, of all groups
 * @param prefixPages pages' worth of tokens that are kept for sequences that begin alike, in use or not
 * @param steps steps run
 * @param stepTokens tokens computed in them, those computed again too
 * @param requests sequences that came
 * @param refused sequences that were not taken, since too many waited
 * @param ends how those ended that have
 * @param preemptions how often a sequence had to give up its pages and be computed again
 * @param evictions pages' worth of tokens that were kept and went because pages ran short
 * @param promptTokens tokens of prompts
 * @param cachedTokens those of them that were there already
 * @param outputTokens tokens that were generated
 * @param lower what is below the cache, and went there and back
 */
public record EngineStats(
        int running,
        int waiting,
        int usedPages,
        int pageLimit,
        int prefixPages,
        long steps,
        long stepTokens,
        long requests,
        long refused,
        Ends ends,
        long preemptions,
        long evictions,
        long promptTokens,
        long cachedTokens,
        long outputTokens,
        LowerTier.Counts lower) {
    /** How many sequences ended in each of the ways of {@link Sequence.End}. */
    public record Ends(long done, long cancelled, long late, long closed, long failed) {
        static final Ends NONE = new Ends(0, 0, 0, 0, 0);

        /** How many ended so. */
        public long of(Sequence.End end) {
            return switch (end) {
                case DONE -> done;
                case CANCELLED -> cancelled;
                case LATE -> late;
                case CLOSED -> closed;
                case FAILED -> failed;
            };
        }

        Ends plus(Sequence.End end) {
            return switch (end) {
                case DONE -> new Ends(done + 1, cancelled, late, closed, failed);
                case CANCELLED -> new Ends(done, cancelled + 1, late, closed, failed);
                case LATE -> new Ends(done, cancelled, late + 1, closed, failed);
                case CLOSED -> new Ends(done, cancelled, late, closed + 1, failed);
                case FAILED -> new Ends(done, cancelled, late, closed, failed + 1);
            };
        }
    }

    /** Pages that sequences could still get, those that only unused prefixes hold included. */
    public int freePages() {
        return pageLimit - usedPages;
    }

    /** Which part of the tokens of prompts was there already, 0 to 1; 0 before the first. */
    public double cacheHitRate() {
        return promptTokens == 0 ? 0 : (double) cachedTokens / promptTokens;
    }

    /** Mean number of tokens of a step; 0 before the first. */
    public double tokensPerStep() {
        return steps == 0 ? 0 : (double) stepTokens / steps;
    }
}
