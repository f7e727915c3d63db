package dev.hearth.schedule;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** One sequence, from its arrival to its end: a generation, or a text that is scored or embedded. */
@Name("dev.hearth.Request")
@Label("Request")
@Description("A sequence from its arrival to its end")
@Category("Hearth")
@StackTrace(false)
final class RequestEvent extends Event {
    @Label("Prompt Tokens")
    int promptTokens;

    @Label("Cached Tokens")
    @Description("Tokens of the prompt that were there already")
    int cachedTokens;

    @Label("Output Tokens")
    int outputTokens;

    @Label("Queue Time")
    @Description("From its arrival to its first step; 0 if there was none")
    @Timespan(Timespan.NANOSECONDS)
    long queueTime;

    @Label("Time to First Token")
    @Description("From its arrival; 0 if there was none")
    @Timespan(Timespan.NANOSECONDS)
    long timeToFirstToken;

    @Label("Preemptions")
    @Description("How often it had to give up its pages")
    int preemptions;

    @Label("Finish")
    @Description("DONE, CANCELLED, LATE, CLOSED or FAILED")
    String finish = "";

    @Label("Tenant")
    String tenant = "";

    @Label("Priority")
    int priority;

    /** Records the end of a sequence, if anybody wants to know. */
    static void ended(Sequence sequence, Sequence.End end) {
        Course course = sequence.course;
        RequestEvent event = course.event;
        if (event.shouldCommit()) {
            event.promptTokens = course.promptTokens;
            event.cachedTokens = course.cachedTokens;
            event.outputTokens = course.outputTokens;
            event.queueTime = sequence.started ? course.started - course.submitted : 0;
            event.timeToFirstToken = course.outputTokens > 0 ? course.firstToken - course.submitted : 0;
            event.preemptions = course.preemptions;
            event.finish = end.name();
            event.tenant = sequence.terms.tenant();
            event.priority = sequence.terms.priority();
            event.commit();
        }
    }
}
