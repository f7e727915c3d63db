package dev.hearth.cli;

import dev.hearth.convert.HuggingFaceModel;
import dev.hearth.format.Gguf;
import dev.hearth.format.Loading;
import dev.hearth.quantize.FileType;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.ModelWriter.Requantizing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model in fewer bits. */
@Command(
        name = "quantize",
        description = "Write a model as a GGUF file of another type.",
        mixinStandardHelpOptions = true)
final class QuantizeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A .gguf file or a model folder.")
    private Path model = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write.")
    private Path out = Path.of("");

    @Option(names = "--type", required = true, paramLabel = "TYPE", description = "Q4_K_M, Q8_0 and so on.")
    private String type = "";

    @Option(
            names = "--allow-requantize",
            description = "Take tensors that are quantised already, whose error adds to the new one.")
    private boolean again;

    @Mixin
    private ModelOutput output = new ModelOutput();

    @Override
    public Integer call() {
        FileType types = FileType.named(type);
        try (ModelDraft draft = Files.isRegularFile(model)
                ? ModelDraft.of(Gguf.open(model, Loading.MAPPED))
                : HuggingFaceModel.draft(model)) {
            output.write(draft, out, types, again ? Requantizing.ALLOW : Requantizing.REFUSE);
        }
        return 0;
    }
}
