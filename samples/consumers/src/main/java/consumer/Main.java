package consumer;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Request;
import dev.hearth.tinymodel.TinyModel;

/** Continues a text with the embedded model; prints the module that it runs in, the tokens, and the text. */
public final class Main {
    private Main() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        Request request =
                Request.prompt("Once upon a time").maxTokens(16).temperature(0).build();
        try (Engine engine = Engine.load(TinyModel.folder())) {
            Completion story = engine.complete(request);
            System.out.println(Main.class.getModule().isNamed() ? "module consumer" : "no module");
            System.out.println(story.ids());
            System.out.println(story.text());
        }
    }
}
