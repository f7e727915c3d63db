package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.Engine;
import dev.hearth.Request;
import dev.hearth.tinymodel.TinyModel;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine without requests uses no processor: every thread that it started is parked. */
class IdleEngineTest {
    @Test
    @Timeout(60)
    void threadsOfAnEngineWithoutRequests_areParked() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (Engine engine = Engine.builder(TinyModel.folder()).threads(3).load()) {
            engine.complete(Request.prompt("Once").maxTokens(8).ignoreEos().build());
            Set<Thread> own = new HashSet<>(Thread.getAllStackTraces().keySet());
            own.removeAll(before);
            own.removeIf(thread -> !thread.getName().startsWith("hearth-"));
            assertThat(own).hasSizeGreaterThanOrEqualTo(3); // the loop's, and two that help it
            for (Thread thread : own) {
                while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
                    Thread.onSpinWait(); // for ever, if it spun for ever
                }
            }
        }
    }
}
