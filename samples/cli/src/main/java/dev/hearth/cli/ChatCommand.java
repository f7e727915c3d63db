package dev.hearth.cli;

import dev.hearth.Completion;
import dev.hearth.ContextLengthException;
import dev.hearth.Engine;
import dev.hearth.Event;
import dev.hearth.Generation;
import dev.hearth.Message;
import dev.hearth.Request;
import dev.hearth.chat.TemplateException;
import dev.hearth.format.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Talks with a model, one line a turn. */
@Command(
        name = "chat",
        description =
                "Talk with a model; one line a turn. Ctrl-C ends an answer, an empty line or end of input the chat.",
        mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {
    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(names = "--system", paramLabel = "TEXT", description = "Instructions before the first turn.")
    @Nullable
    private String system;

    @Option(names = "--no-thinking", description = "Ask for answers without thoughts, of models that can.")
    private boolean noThinking;

    @Option(names = "--message", paramLabel = "TEXT", description = "One message; its answer ends the chat.")
    @Nullable
    private String message;

    @Option(names = "--json", description = "Print one JSON object a turn.")
    private boolean json;

    private final List<Message> history = new ArrayList<>();
    private Optional<Interrupts> interrupts = Optional.empty();

    @Override
    public Integer call() throws IOException {
        if (system != null) {
            history.add(Message.system(system));
        }
        try (Engine engine = engineOptions.load()) {
            if (message != null) {
                turn(engine, message);
                return 0;
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            boolean terminal = Terminal.isThere() && !json;
            interrupts = terminal ? Optional.of(new Interrupts()) : Optional.empty();
            while (true) {
                if (terminal) {
                    System.out.print("> ");
                    System.out.flush();
                }
                String line = in.readLine();
                if (line == null || line.isBlank()) {
                    return 0;
                }
                try {
                    turn(engine, line);
                } catch (ContextLengthException | TemplateException e) {
                    if (!terminal) {
                        throw e;
                    }
                    System.err.println("hearth: " + e.getMessage());
                    history.removeLast();
                }
            }
        }
    }

    private void turn(Engine engine, String line) {
        history.add(Message.user(line));
        Request.Builder builder = sampling.apply(Request.chat(history));
        Request request = (noThinking ? builder.withoutThinking() : builder).build();
        try (Generation generation = engine.generate(request)) {
            interrupts.ifPresent(i -> i.whileWriting(generation));
            boolean thinking = false;
            for (Event event : generation) {
                if (json) {
                    continue;
                }
                if (thinking && !(event instanceof Event.Thinking)) {
                    System.out.println("]");
                    thinking = false;
                }
                switch (event) {
                    case Event.Text t -> System.out.print(t.text());
                    case Event.Thinking t -> {
                        System.out.print((thinking ? "" : "[") + t.text());
                        thinking = true;
                    }
                    case Event.ToolCall call -> System.out.println("calls " + call.name() + " " + call.arguments());
                    case Event.Finished finished -> {
                        System.out.println();
                        System.err.println(Speed.line(finished.usage()));
                    }
                }
                System.out.flush();
            }
            interrupts.ifPresent(Interrupts::whileWaiting);
            Completion completion = generation.completion().join();
            history.add(Message.assistant(completion));
            if (json) {
                JsonOutput.print(json(completion));
            }
        }
    }

    private static Json.Obj json(Completion completion) {
        List<Json> calls = new ArrayList<>();
        for (Event.ToolCall call : completion.toolCalls()) {
            calls.add(JsonOutput.object(
                    "name", new Json.Str(call.name()), "arguments", Json.parse("arguments", call.arguments())));
        }
        return JsonOutput.object(
                "text", new Json.Str(completion.text()),
                "thinking", new Json.Str(completion.thinking()),
                "tool_calls", new Json.Arr(calls),
                "ids", JsonOutput.ints(completion.ids()),
                "finish", new Json.Str(RunCommand.name(completion.finish())),
                "usage", JsonOutput.usage(completion.usage()));
    }
}
