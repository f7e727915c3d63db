package dev.hearth.quickstart;

import dev.hearth.Engine;
import dev.hearth.Event;
import dev.hearth.Generation;
import dev.hearth.Message;
import dev.hearth.Request;
import dev.hearth.tinymodel.TinyModel;
import java.nio.file.Path;

/** The README's program: an answer at once, then one as it comes. */
public final class Quickstart {
    private Quickstart() {}

    /** Takes a model folder or GGUF file; without one the embedded model answers. */
    public static void main(String[] arguments) {
        Path model = arguments.length > 0 ? Path.of(arguments[0]) : TinyModel.folder();
        try (Engine engine = Engine.load(model)) {
            System.out.println(engine.chat("Hello! Who are you?").text());

            Request request = Request.chat(Message.user("Tell me a short story."))
                    .maxTokens(64)
                    .temperature(0.7)
                    .build();
            try (Generation generation = engine.generate(request)) {
                for (Event event : generation) {
                    if (event instanceof Event.Text text) {
                        System.out.print(text.text());
                    }
                }
            }
            System.out.println();
        }
    }
}
