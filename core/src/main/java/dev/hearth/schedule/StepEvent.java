package dev.hearth.schedule;

import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The computing of one step; used for one after the other. */
@Name("dev.hearth.Step")
@Label("Step")
@Description("The computing of one step of all sequences that run")
@Category("Hearth")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Tokens")
    int tokens;

    @Label("Prompt Tokens")
    @Description("Of the tokens, those of prompts and those computed again")
    int promptTokens;

    @Label("Sequences")
    int sequences;

    @Label("Waiting")
    @Description("Sequences that wait for their turn")
    int waiting;

    /** Records the end of a step of these, before they are told that it is done, if anybody wants to know. */
    void computed(List<Sequence> chosen, int waitingCount) {
        end();
        if (shouldCommit()) {
            tokens = 0;
            promptTokens = 0;
            for (Sequence sequence : chosen) {
                tokens += sequence.planned;
                promptTokens += sequence.generates() ? 0 : sequence.planned;
            }
            sequences = chosen.size();
            waiting = waitingCount;
            commit();
        }
    }
}
