package dev.hearth.cli;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Generation;
import dev.hearth.Request;
import dev.hearth.format.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a text. */
@Command(name = "run", description = "Continue a text or tokens.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private BeamOptions beams = new BeamOptions();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue.")
    @Nullable
    private String prompt;

    @Option(names = "--ids", paramLabel = "1,2,3", description = "The tokens to continue.")
    @Nullable
    private String ids;

    @Option(
            names = "--prompt-logprobs",
            paramLabel = "K",
            description =
                    "Log probabilities of the prompt's tokens, and of the K likeliest at each place; with --json.")
    @Nullable
    private Integer promptLogprobs;

    @Option(names = "--echo", description = "Begin the answer with the prompt.")
    private boolean echo;

    @Option(names = "--json", description = "Print one JSON object at the end.")
    private boolean json;

    @Override
    public Integer call() {
        TokenInput.oneOf("--prompt", prompt, "--ids", ids);
        Request.Builder start =
                prompt != null ? Request.prompt(prompt) : Request.tokens(TokenInput.ids("--ids", String.valueOf(ids)));
        Request request = told(beams.apply(sampling.apply(start))).build();
        try (Engine engine = engineOptions.load();
                Generation generation = engine.generate(request)) {
            StringBuilder text = new StringBuilder();
            if (prompt != null && !json && !echo) {
                System.out.print(prompt);
            }
            for (Event event : generation) {
                switch (event) {
                    case Event.Text t -> {
                        text.append(t.text());
                        show(t.text());
                    }
                    case Event.Thinking t -> show(t.text());
                    case Event.ToolCall call -> show(call.toString());
                    case Event.Finished finished -> end(finished, generation, text.toString());
                }
            }
        }
        return 0;
    }

    private Request.Builder told(Request.Builder request) {
        if (promptLogprobs != null) {
            if (!json) {
                throw new IllegalArgumentException("--prompt-logprobs: expected --json with it, found none");
            }
            request.promptLogprobs(promptLogprobs);
        }
        return echo ? request.echo() : request;
    }

    private void show(String text) {
        if (!json) {
            System.out.print(text);
            System.out.flush();
        }
    }

    private void end(Event.Finished finished, Generation generation, String text) {
        if (json) {
            Completion completion = generation.completion().join();
            Map<String, Json> members = new LinkedHashMap<>();
            members.put("ids", JsonOutput.ints(completion.ids()));
            members.put("text", new Json.Str(text));
            members.put("finish", new Json.Str(name(finished.reason())));
            completion.score().ifPresent(score -> members.put("score", new Json.Real(score)));
            if (promptLogprobs != null) {
                members.put("prompt_logprobs", JsonOutput.scores(completion.promptLogprobs(), promptLogprobs));
            }
            members.put("usage", JsonOutput.usage(finished.usage()));
            JsonOutput.print(new Json.Obj(members));
        } else {
            System.out.println();
            System.err.println(Speed.line(finished.usage()));
        }
    }

    /** As JSON spells a reason. */
    static String name(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
