package dev.hearth.cli;

import dev.hearth.format.GgufFileWriter.Existing;
import dev.hearth.format.Json;
import dev.hearth.quantize.FileType;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.ModelWriter;
import dev.hearth.quantize.ModelWriter.Requantizing;
import dev.hearth.quantize.TypeOverride;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to write a GGUF file: what every command that writes a model takes. */
final class ModelOutput {
    private static final long SHOWN_EVERY_NANOS = 100_000_000;

    @Option(
            names = "--tensor-type",
            paramLabel = "NAME=TYPE",
            description = "Another type for matrices whose name has NAME, a regular expression; may be repeated.")
    private List<String> tensorTypes = new ArrayList<>();

    @Option(names = "--threads", paramLabel = "N", description = "Threads that encode; by default one a processor.")
    @Nullable
    private Integer threads;

    @Option(names = "--force", description = "Replace the file if it is there.")
    private boolean force;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** Writes the model in these types and says what was written. */
    void write(ModelDraft draft, Path out, FileType type, Requantizing requantizing) {
        ModelWriter writer = ModelWriter.to(out, type)
                .existing(force ? Existing.REPLACE : Existing.KEEP)
                .requantizing(requantizing);
        tensorTypes.stream().map(TypeOverride::parse).forEach(writer::override);
        if (threads != null) {
            writer.threads(threads);
        }
        boolean terminal = Terminal.isThere();
        if (terminal) {
            showProgress(writer);
        }
        draft.notes().forEach(note -> System.err.println("hearth: note: " + note));
        ModelWriter.Result result = writer.write(draft);
        if (terminal) {
            System.err.print("\r              \r");
        }
        print(result);
    }

    private static void showProgress(ModelWriter writer) {
        long[] shown = {System.nanoTime()};
        writer.onProgress(part -> {
            if (System.nanoTime() - shown[0] > SHOWN_EVERY_NANOS) {
                System.err.printf(Locale.ROOT, "\rwriting %3.0f %%", part * 100);
                shown[0] = System.nanoTime();
            }
        });
    }

    private void print(ModelWriter.Result result) {
        Map<String, Json> byType = new TreeMap<>();
        result.bytesByType().forEach((type, bytes) -> byType.put(type.name(), new Json.Int(bytes)));
        if (json) {
            JsonOutput.print(JsonOutput.object(
                    "file", new Json.Str(result.file().toString()),
                    "type", new Json.Str(result.type().name()),
                    "bytes", new Json.Int(result.bytes()),
                    "tensors", new Json.Int(result.tensorCount()),
                    "bytes_by_type", new Json.Obj(byType)));
        } else {
            System.out.printf(
                    Locale.ROOT,
                    "%s: %s, %d tensors, %.1f MiB %s%n",
                    result.file(),
                    result.type(),
                    result.tensorCount(),
                    result.bytes() / 1048576.0,
                    byType.keySet());
        }
    }
}
