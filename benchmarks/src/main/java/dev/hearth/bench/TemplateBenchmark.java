package dev.hearth.bench;

import dev.hearth.chat.ChatTemplate;
import dev.hearth.format.Json;
import dev.hearth.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Chat templates: compiling one, and rendering a conversation. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TemplateBenchmark {
    /** For JMH. */
    public TemplateBenchmark() {}

    /** A template and a conversation. */
    @State(Scope.Benchmark)
    public static class Conversation {
        /** A {@code .jinja} file; by default the embedded model's. */
        @Param("")
        public String template = "";

        /** Messages, of the user and the assistant in turn. */
        @Param({"1", "33"})
        public int messages;

        private String source = "";
        private Optional<ChatTemplate> compiled = Optional.empty();
        private Json.Obj input = new Json.Obj(Map.of());

        /** For JMH. */
        public Conversation() {}

        /** Reads the template and makes the conversation. */
        @Setup(Level.Trial)
        public void setUp() throws IOException {
            source = Files.readString(
                    template.isEmpty() ? TinyModel.folder().resolve("chat_template.jinja") : Path.of(template));
            compiled = Optional.of(ChatTemplate.parse("benchmark", source));
            List<Json> all = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                all.add(new Json.Obj(Map.of(
                        "role", new Json.Str(i % 2 == 0 ? "user" : "assistant"),
                        "content", new Json.Str("Message " + i + ": the plums are ripe. ".repeat(8)))));
            }
            input = new Json.Obj(Map.of("messages", new Json.Arr(all), "add_generation_prompt", new Json.Bool(true)));
        }
    }

    /** Source to template. */
    @Benchmark
    public ChatTemplate compile(Conversation conversation) {
        return ChatTemplate.parse("benchmark", conversation.source);
    }

    /** Conversation to prompt. */
    @Benchmark
    public ChatTemplate.Rendered render(Conversation conversation) {
        return conversation.compiled.orElseThrow().render(conversation.input);
    }
}
