package dev.hearth.cli;

import dev.hearth.format.Json;
import dev.hearth.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tokens to text. */
@Command(name = "detokenize", description = "Turn tokens into text.", mixinStandardHelpOptions = true)
final class DetokenizeCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description = "A model or a tokenizer.json; without it the embedded model.")
    @Nullable
    private Path model;

    @Option(names = "--ids", required = true, paramLabel = "1,2,3", description = "The tokens.")
    private String ids = "";

    @Option(names = "--no-special", description = "Leave out special tokens.")
    private boolean noSpecial;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Tokenizer tokenizer = TextSource.tokenizer(model);
        int[] tokens = TokenInput.ids("--ids", ids);
        for (int id : tokens) {
            if (id < 0 || id >= tokenizer.vocabSize()) {
                throw new IllegalArgumentException(
                        "--ids: expected ids of 0 to " + (tokenizer.vocabSize() - 1) + ", found " + id);
            }
        }
        String text = noSpecial ? tokenizer.decodeSkippingSpecial(tokens) : tokenizer.decode(tokens);
        if (json) {
            JsonOutput.print(JsonOutput.object("text", new Json.Str(text)));
        } else {
            System.out.println(text);
        }
        return 0;
    }
}
