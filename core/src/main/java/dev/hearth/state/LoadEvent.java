package dev.hearth.state;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Pages come back from below the cache. */
@Name("dev.hearth.Load")
@Label("Load")
@Description("Pages that had gone come back, for a sequence that waits for them")
@Category("Hearth")
@StackTrace(false)
final class LoadEvent extends Event {
    @Label("Bytes")
    @Description("What was to be read")
    @DataAmount
    long bytes;

    @Label("Tokens")
    @Description("What need not be computed for that")
    int tokens;

    @Label("Reached Tokens")
    @Description("Of them, those whose pages have come")
    int reachedTokens;

    /** Records the end of a load, if anybody wants to know. */
    void ended(long bytes, int tokens, int reachedTokens) {
        end();
        if (shouldCommit()) {
            this.bytes = bytes;
            this.tokens = tokens;
            this.reachedTokens = reachedTokens;
            commit();
        }
    }
}
