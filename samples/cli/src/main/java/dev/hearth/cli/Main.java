package dev.hearth.cli;

import dev.hearth.ContextLengthException;
import dev.hearth.InsufficientMemoryException;
import dev.hearth.chat.TemplateException;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.BackendUnavailableException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Entry of the command line. Exit code 0 if all went well, 2 for input that cannot be used, 1 for anything else. */
@Command(
        name = "hearth",
        description = "Runs open-weight language models inside the JVM.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        version = "hearth 0.1.0-SNAPSHOT",
        subcommands = {
            RunCommand.class,
            ChatCommand.class,
            ScoreCommand.class,
            EmbedCommand.class,
            RerankCommand.class,
            FillCommand.class,
            TokenizeCommand.class,
            DetokenizeCommand.class,
            TemplateCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            QuantizeCommand.class,
            ConvertCommand.class
        })
public final class Main implements Runnable {
    private static final int BAD_INPUT = 2;

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Print where an error came from.")
    private boolean stacktrace;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Log what the engine chooses.")
    @SuppressWarnings("UnusedVariable") // looked for before anything is parsed: logging is set up first
    private boolean verbose;

    private Main() {}

    /** Runs the command line and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.setOut(new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.exit(run(args));
    }

    /** Runs the command line. */
    static int run(String... args) {
        boolean verbose = java.util.Arrays.asList(args).contains("--verbose");
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", verbose ? "info" : "warn");
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        line.setExecutionExceptionHandler((e, command, parsed) -> main.failed(e));
        line.setParameterExceptionHandler((e, arguments) -> {
            System.err.println("hearth: " + e.getMessage() + " (see hearth "
                    + e.getCommandLine().getCommandName() + " --help)");
            return BAD_INPUT;
        });
        return line.execute(args);
    }

    private int failed(Exception e) {
        boolean input = e instanceof ModelFormatException
                || e instanceof IllegalArgumentException
                || e instanceof ContextLengthException
                || e instanceof InsufficientMemoryException
                || e instanceof TemplateException
                || e instanceof BackendUnavailableException
                || e instanceof UncheckedIOException
                || e instanceof java.io.IOException;
        System.err.println("hearth: " + (input ? e.getMessage() : e.toString()));
        if (stacktrace) {
            e.printStackTrace();
        } else if (!input) {
            System.err.println("hearth: this looks like a defect; --stacktrace shows where it happened");
        }
        return input ? BAD_INPUT : 1;
    }

    /** Without a command: what there is. */
    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
