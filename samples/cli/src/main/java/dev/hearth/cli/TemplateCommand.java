package dev.hearth.cli;

import dev.hearth.chat.ChatTemplate;
import dev.hearth.chat.TemplateException;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.Loading;
import dev.hearth.format.ModelFormatException;
import dev.hearth.model.ModelSource;
import dev.hearth.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Messages to a prompt. */
@Command(name = "template", description = "Render a chat template.", mixinStandardHelpOptions = true)
final class TemplateCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description = "A model or a .jinja file; without it the embedded model.")
    @Nullable
    private Path model;

    @Option(
            names = "--file",
            required = true,
            paramLabel = "F.json",
            description = "Messages and variables, or an object with \"conversations\".")
    private Path file = Path.of("");

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        ChatTemplate template = template();
        Fields input = Fields.read(file);
        var conversations = input.get("conversations");
        if (conversations.isPresent()) {
            JsonOutput.print(all(template, input, conversations.get()));
            return 0;
        }
        String text = template.render(input.object()).text();
        if (json) {
            JsonOutput.print(JsonOutput.object("output", new Json.Str(text)));
        } else {
            System.out.print(text); // byte for byte: no line end of ours
            System.out.flush();
        }
        return 0;
    }

    private ChatTemplate template() throws IOException {
        if (model != null && Files.isRegularFile(model) && !model.toString().endsWith(".gguf")) {
            return ChatTemplate.parse(String.valueOf(model.getFileName()), Files.readString(model));
        }
        try (ModelSource source = ModelSource.open(model == null ? TinyModel.folder() : model, Loading.MAPPED)) {
            return source.chatTemplate()
                    .orElseThrow(
                            () -> new ModelFormatException(source.place(), "expected a chat template, found none"));
        }
    }

    private static Json.Obj all(ChatTemplate template, Fields input, Json conversations) {
        Map<String, Json> common = new LinkedHashMap<>(input.object().members());
        common.remove("conversations");
        Map<String, Json> results = new LinkedHashMap<>();
        Fields.of(input.at("conversations"), conversations).object().members().forEach((name, conversation) -> {
            Map<String, Json> variables = new LinkedHashMap<>(common);
            variables.putAll(Fields.of(name, conversation).object().members());
            Json.Obj result;
            try {
                result = JsonOutput.object(
                        "output",
                        new Json.Str(template.render(new Json.Obj(variables)).text()));
            } catch (TemplateException e) {
                result = JsonOutput.object("error", new Json.Str(String.valueOf(e.getMessage())));
            }
            results.put(name, result);
        });
        return new Json.Obj(results);
    }
}
