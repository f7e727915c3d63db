package dev.hearth.cli;

import dev.hearth.convert.HuggingFaceModel;
import dev.hearth.quantize.FileType;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.ModelWriter.Requantizing;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model folder as one file. */
@Command(name = "convert", description = "Write a model folder as a GGUF file.", mixinStandardHelpOptions = true)
final class ConvertCommand implements Callable<Integer> {
    private static final String AS_STORED = "auto";

    @Parameters(
            index = "0",
            paramLabel = "FOLDER",
            description = "A model folder, or org/name in the Hugging Face cache.")
    private Path folder = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write.")
    private Path out = Path.of("");

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "F32, F16, BF16, Q8_0 and so on; by default auto, the type of most weights.")
    private String type = AS_STORED;

    @Mixin
    private ModelOutput output = new ModelOutput();

    @Override
    public Integer call() {
        try (ModelDraft draft = HuggingFaceModel.draft(folder)) {
            FileType types = type.equals(AS_STORED) ? HuggingFaceModel.storedType(draft) : FileType.named(type);
            output.write(draft, out, types, Requantizing.REFUSE);
        }
        return 0;
    }
}
