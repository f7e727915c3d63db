package dev.hearth.cpu;

import dev.hearth.conformance.OracleFiles;
import dev.hearth.format.ModelFolder;
import dev.hearth.model.Architectures;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The models with reference logits that this version promises to run. */
final class Reference {
    /** Small models with odd sizes and settings that the other files don't have. */
    private static final List<String> ODD =
            List.of("olmoe", "dots1", "gpt_oss_odd", "llama4_text_odd", "deepseek_v2_odd", "deepseek_v3_odd");

    /** Small models whose weights are packed, one of each way or two in one. */
    private static final List<String> PACKED = List.of(
            "fp8_block_ragged",
            "fp8_deepseek",
            "fp8_channel",
            "moe_ct_int4",
            "gptq_act_order",
            "gptq_old",
            "gptq_v2",
            "awq_gemm",
            "awq_gemv",
            "ct_int8",
            "ct_int4",
            "bnb_nf4",
            "bnb_fp4",
            "bnb_int8",
            "nvfp4",
            "gpt_oss_mxfp4");

    private Reference() {}

    /** Folders with an oracle; of these, where the property {@code hearth.models} is set, those that it names, comma by comma. */
    static List<Path> folders() {
        List<Path> folders = allFolders();
        String only = System.getProperty("hearth.models", "");
        if (!only.isEmpty()) {
            List<String> names = List.of(only.split(",", -1));
            folders.removeIf(folder -> !names.contains(String.valueOf(folder.getFileName())));
        }
        return folders;
    }

    /** Folders with an oracle: all that there are beside the checkout, else copies in test resources; and some made for Hearth. */
    private static List<Path> allFolders() {
        String shared = System.getProperty("hearth.shared", "");
        List<Path> folders = new ArrayList<>();
        ODD.forEach(name -> folders.add(resource("oracles/" + name)));
        PACKED.forEach(name -> folders.add(resource("oracles/" + name)));
        if (shared.isEmpty()) {
            folders.addAll(List.of(resource("oracles/qwen3"), resource("gguf/llama-Q4_0")));
            return folders;
        }
        folders.addAll(OracleFiles.find(Path.of(shared, "oracles")));
        folders.removeIf(folder -> !known(folder));
        folders.addAll(OracleFiles.find(Path.of(shared, "gguf")));
        return folders;
    }

    private static boolean known(Path folder) {
        String modelType =
                ModelFolder.open(folder).config().string("model_type").orElse("");
        return Architectures.all().stream().anyMatch(f -> f.modelTypes().contains(modelType));
    }

    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(Reference.class.getResource("/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The GGUF file of a folder. */
    static Path gguf(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".gguf")).findFirst().orElseThrow();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
