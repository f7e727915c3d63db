package dev.hearth.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Request;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * What engines take from the process that they live in: {@code MODEL [ROUNDS]} prints how many tokens a second two engines generate
 * together, as a multiple of what one generates alone right before, and what part of a processor they use while they are idle, beside
 * a JVM without one.
 */
public final class SharedProcess {
    private static final int TOKENS = 48;
    private static final Duration IDLE = Duration.ofSeconds(10);

    private SharedProcess() {}

    /** See above. */
    public static void main(String[] arguments) throws InterruptedException {
        Path model = Path.of(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        double without = idlePercent();
        try (Engine one = Engine.load(model);
                Engine other = Engine.load(model)) {
            tokensPerSecond(List.of(one, other)); // warms up
            for (int i = 0; i < rounds; i++) {
                double alone = tokensPerSecond(List.of(one));
                double together = tokensPerSecond(List.of(one, other));
                System.out.printf(Locale.ROOT, "two engines together, one alone = 1: %.2f%n", together / alone);
            }
            System.out.printf(
                    Locale.ROOT,
                    "idle, of a processor: %.3f %% with two engines, %.3f %% before%n",
                    idlePercent(),
                    without);
        }
    }

    private static double tokensPerSecond(List<Engine> engines) {
        long start = System.nanoTime();
        List<CompletableFuture<Completion>> running = new ArrayList<>();
        for (Engine engine : engines) {
            running.add(engine.submit(Request.tokens(1, 2, 3)
                    .maxTokens(TOKENS)
                    .temperature(0)
                    .ignoreEos()
                    .build()));
        }
        running.forEach(CompletableFuture::join);
        return engines.size() * TOKENS * 1e9 / (System.nanoTime() - start);
    }

    private static double idlePercent() throws InterruptedException {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Thread.sleep(1000); // what is being compiled gets done
        long used = system.getProcessCpuTime();
        Thread.sleep(IDLE);
        return 100.0 * (system.getProcessCpuTime() - used) / IDLE.toNanos();
    }
}
