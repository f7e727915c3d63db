package dev.hearth.cli;

import dev.hearth.Engine;
import dev.hearth.Event;
import dev.hearth.Generation;
import dev.hearth.Request;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * How long a new process takes from its first line to the first token of a prompt of {@value #TOKENS} tokens, loading included, what
 * the JVM itself needs to start not. One with a JVM of its own, for classes and code that a process has are not made again.
 */
public final class FirstToken {
    private static final int TOKENS = 8;

    private FirstToken() {}

    /** Prints the seconds; arguments are those of {@link EngineOptions}. */
    public static void main(String[] args) {
        long start = System.nanoTime();
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        EngineOptions options = CommandLine.populateCommand(new EngineOptions(), args);
        try (Engine engine = options.load()) {
            int[] prompt = new int[TOKENS];
            for (int i = 0; i < TOKENS; i++) {
                prompt[i] = i % engine.config().vocabSize();
            }
            Request request = Request.tokens(prompt)
                    .maxTokens(1)
                    .ignoreEos()
                    .temperature(0)
                    .build();
            try (Generation generation = engine.generate(request)) {
                for (Event event : generation) {
                    if (event instanceof Event.Finished) {
                        System.out.println((System.nanoTime() - start) * 1e-9);
                    }
                }
            }
        }
    }

    /**
     * Runs {@link #main} in a process like this one: its options, its class path.
     *
     * @param engineOptions of {@link EngineOptions}
     * @return seconds
     * @throws IOException if the process fails
     */
    static double seconds(List<String> engineOptions) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FirstToken.class.getName()));
        command.addAll(engineOptions);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            return Double.parseDouble(printed);
        } catch (NumberFormatException e) {
            throw new IOException(
                    "bench: --load: expected seconds from " + FirstToken.class.getName() + ", found \"" + printed
                            + "\"; run ./hearth run with the same options to see why",
                    e);
        }
    }
}
