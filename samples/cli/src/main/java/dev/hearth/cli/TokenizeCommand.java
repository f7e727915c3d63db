package dev.hearth.cli;

import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Text to tokens. */
@Command(name = "tokenize", description = "Turn text into tokens.", mixinStandardHelpOptions = true)
final class TokenizeCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description = "A model or a tokenizer.json, or another tokenizer file; without it the embedded model.")
    @Nullable
    private Path model;

    @Option(names = "--text", paramLabel = "TEXT", description = "The text.")
    @Nullable
    private String text;

    @Option(names = "--file", paramLabel = "F", description = "A text file, or a .json array of strings.")
    @Nullable
    private Path file;

    @Option(names = "--no-special", description = "Without the tokens that begin or end a text.")
    private boolean noSpecial;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        TokenInput.oneOf("--text", text, "--file", file);
        Tokenizer tokenizer = TextSource.tokenizer(model);
        if (file != null && file.toString().endsWith(".json")) {
            List<Json> all = new ArrayList<>();
            for (String one : strings(file)) {
                all.add(JsonOutput.ints(encode(tokenizer, one)));
            }
            JsonOutput.print(JsonOutput.object("ids", new Json.Arr(all)));
            return 0;
        }
        int[] ids = encode(tokenizer, text != null ? text : Files.readString(java.util.Objects.requireNonNull(file)));
        if (json) {
            JsonOutput.print(JsonOutput.object("ids", JsonOutput.ints(ids)));
        } else {
            for (int id : ids) {
                System.out.println(id + "\t" + Shown.token(tokenizer, id));
            }
        }
        return 0;
    }

    private int[] encode(Tokenizer tokenizer, String one) {
        return noSpecial ? tokenizer.encodePlain(one) : tokenizer.encode(one);
    }

    private static List<String> strings(Path file) {
        String place = String.valueOf(file.getFileName());
        if (!(Json.read(file) instanceof Json.Arr array)) {
            throw new ModelFormatException(place, "expected an array of strings");
        }
        List<String> strings = new ArrayList<>();
        for (Json element : array.elements()) {
            if (!(element instanceof Json.Str string)) {
                throw new ModelFormatException(
                        place, "expected an array of strings, found " + element.kind() + " in it");
            }
            strings.add(string.value());
        }
        return strings;
    }
}
