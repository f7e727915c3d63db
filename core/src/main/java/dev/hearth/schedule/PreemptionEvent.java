package dev.hearth.schedule;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A sequence gives up its pages. */
@Name("dev.hearth.Preemption")
@Label("Preemption")
@Description("A sequence gives up its pages, to be computed again")
@Category("Hearth")
@StackTrace(false)
final class PreemptionEvent extends Event {
    @Label("Tokens")
    @Description("What was computed of it")
    int tokens;

    @Label("Waits for Reader")
    @Description("Its reader has fallen behind; otherwise it was the last in rank")
    boolean waitsForReader;

    @Label("Tenant")
    String tenant = "";

    @Label("Priority")
    int priority;

    /** Records that a sequence gives up its pages, if anybody wants to know. */
    static void happened(Sequence sequence) {
        PreemptionEvent event = new PreemptionEvent();
        if (event.shouldCommit()) {
            event.tokens = sequence.computed;
            event.waitsForReader = !sequence.listener.ready();
            event.tenant = sequence.terms.tenant();
            event.priority = sequence.terms.priority();
            event.commit();
        }
    }
}
