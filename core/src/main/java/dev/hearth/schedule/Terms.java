package dev.hearth.schedule;

/**
 * On what terms a sequence is computed.
 *
 * @param priority whoever has more of it goes before, and may take the pages of those who have less
 * @param tenant on whose account: tenants of one priority get equal shares
 * @param isolation what it leaves for later sequences that begin alike, only those of the same isolation find
 * @param firstDeadlineNanos when its first result is no longer wanted, by the loop's clock; {@link #NEVER} for no such time
 * @param deadlineNanos when it is no longer wanted at all
 */
public record Terms(int priority, String tenant, String isolation, long firstDeadlineNanos, long deadlineNanos) {
    /** No deadline. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Nobody's in particular, with all the time in the world. */
    public static final Terms DEFAULT = new Terms(0, "", "", NEVER, NEVER);
}
