package dev.hearth.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Gguf;
import dev.hearth.format.GgufFileWriter;
import dev.hearth.format.GgufFileWriter.Existing;
import dev.hearth.format.GgufValues;
import dev.hearth.format.Loading;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorEntry;
import dev.hearth.quantize.ModelWriter.Requantizing;
import dev.hearth.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole files: written in every type, read back, or not written at all. */
class ModelWriterTest {
    private static final int ROWS = 96;
    private static final int WIDTH = 512;

    @TempDir
    private Path folder = Path.of("");

    /** Element i of row r of a matrix. */
    private static float value(long row, int i) {
        return (float) Math.sin(row * 0.7 + i * 0.013) * (1 + i % 7) / 8;
    }

    private static DraftTensor matrix(String name, long... sizes) {
        return DraftTensor.computed(name, Shape.of(sizes), "F32", () -> (row, out) -> {
            for (int i = 0; i < out.length; i++) {
                out[i] = value(row, i);
            }
        });
    }

    private static ModelDraft draft(DraftTensor... more) {
        List<DraftTensor> tensors = new ArrayList<>(List.of(
                matrix("token_embd.weight", ROWS, WIDTH),
                DraftTensor.of("blk.0.attn_norm.weight", new float[] {1, 2, 3}),
                matrix("blk.0.attn_v.weight", ROWS, WIDTH),
                matrix("blk.0.ffn_gate_exps.weight", 3, 4, WIDTH),
                matrix("blk.0.ffn_up.weight", 5, 40)));
        tensors.addAll(List.of(more));
        GgufValues values = new GgufValues()
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 1)
                .string("tokenizer.chat_template", "{{ x }}");
        return new ModelDraft("model", new ModelDraft.Facts("llama", 1, 1, 3), values, tensors, List.of(), () -> {});
    }

    private Path written(FileType type, int threads) {
        Path file = folder.resolve(type + "-" + threads + ".gguf");
        try (ModelDraft draft = draft()) {
            ModelWriter.to(file, type).threads(threads).write(draft);
        }
        return file;
    }

    @ParameterizedTest
    @EnumSource(FileType.class)
    void write_makesAFileOfTheType(FileType type) throws IOException {
        Path file = written(type, 3);
        assertThat(file).hasSameBinaryContentAs(written(type, 1));
        try (Gguf gguf = Gguf.open(file, Loading.MAPPED);
                ModelDraft draft = draft()) {
            assertThat(gguf.metadata().requiredInteger("general.file_type")).isEqualTo(type.number());
            assertThat(gguf.metadata().string("tokenizer.chat_template")).hasValue("{{ x }}");
            TypePlan plan = new TypePlan(type, draft, List.of());
            assertThat(gguf.entries().stream().map(TensorEntry::name))
                    .containsExactlyElementsOf(
                            draft.tensors().stream().map(DraftTensor::name).toList());
            for (DraftTensor tensor : draft.tensors()) {
                BlockType chosen = plan.of(tensor);
                TensorEntry entry = gguf.entry(tensor.name()).orElseThrow();
                assertThat(entry.typeName()).isEqualTo(chosen.name());
                assertThat(entry.shape()).isEqualTo(tensor.shape());
                assertRows(gguf, tensor, chosen);
            }
        }
        assertThat(leftovers()).isEmpty();
    }

    /** Each row as encoding it alone gives it. */
    private static void assertRows(Gguf gguf, DraftTensor tensor, BlockType type) {
        RowReader expected = tensor.rows().orElseThrow().get();
        RowReader found = ModelDraft.rows(gguf.tensor(tensor.name()));
        float[] row = new float[(int) tensor.shape().width()];
        float[] read = new float[row.length];
        for (long r = 0; r < tensor.shape().rows(); r++) {
            expected.read(r, row);
            found.read(r, read);
            assertThat(read).as(tensor.name()).isEqualTo(Blocks.decode(type, Blocks.encode(type, row)));
        }
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> !f.toString().endsWith(".gguf")).toList();
        }
    }

    @Test
    void write_ofAFileAgainKeepsItsBytes() {
        Path first = written(FileType.Q4_K_M, 2);
        Path second = folder.resolve("second.gguf");
        try (ModelDraft draft = ModelDraft.of(Gguf.open(first, Loading.MAPPED))) {
            ModelWriter.to(second, FileType.Q4_K_M).write(draft);
        }
        assertThat(second).hasSameBinaryContentAs(first);
    }

    @Test
    void draftOfAFileWithoutArchitecture_closesTheFile() throws IOException {
        var tensor = new GgufFileWriter.Tensor("a.weight", BlockType.F32.id(), Shape.of(1));
        byte[] bytes = GgufFileWriter.inMemory(new GgufValues(), List.of(tensor), List.of(new byte[4]));
        Path path = folder.resolve("nameless.gguf");
        Files.write(path, bytes);
        Gguf file = Gguf.open(path, Loading.MAPPED);
        var data = file.tensor("a.weight").data();
        assertThatThrownBy(() -> ModelDraft.of(file)).isInstanceOf(ModelFormatException.class);
        assertThat(data.scope().isAlive()).isFalse();
    }

    @Test
    void write_quantisesOnceUnlessAllowed() {
        Path first = written(FileType.Q8_0, 1);
        Path second = folder.resolve("again.gguf");
        try (ModelDraft draft = ModelDraft.of(Gguf.open(first, Loading.MAPPED))) {
            assertThatThrownBy(() -> ModelWriter.to(second, FileType.Q4_0).write(draft))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("token_embd.weight")
                    .hasMessageContaining("found Q8_0");
            assertThat(second).doesNotExist();
            ModelWriter.to(second, FileType.Q4_0)
                    .requantizing(Requantizing.ALLOW)
                    .write(draft);
            assertThat(second).exists();
        }
    }

    @Test
    void write_keepsAFileThatIsThere() throws IOException {
        Path file = folder.resolve("there.gguf");
        Files.writeString(file, "mine");
        try (ModelDraft draft = draft()) {
            assertThatThrownBy(() -> ModelWriter.to(file, FileType.F16).write(draft))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected no such file yet");
            assertThat(file).hasContent("mine");
            ModelWriter.to(file, FileType.F16).existing(Existing.REPLACE).write(draft);
        }
        assertThat(Files.size(file)).isGreaterThan(1000);
        assertThat(leftovers()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = FileType.class,
            names = {"F32", "F16", "Q8_0", "Q4_K_M"})
    void write_ofABrokenWeightLeavesNoFile(FileType type) throws IOException {
        for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            Path file = folder.resolve("broken.gguf");
            DraftTensor tensor = DraftTensor.computed(
                    "blk.0.attn_q.weight",
                    Shape.of(3, WIDTH),
                    "F32",
                    () -> (row, out) -> out[77] = row == 2 ? broken : 0);
            try (ModelDraft draft = draft(tensor)) {
                assertThatThrownBy(() -> ModelWriter.to(file, type).write(draft))
                        .isInstanceOf(ModelFormatException.class)
                        .hasMessageContaining("blk.0.attn_q.weight: row 2, column 77")
                        .hasMessageContaining(String.valueOf(broken));
            }
            assertThat(file).doesNotExist();
            assertThat(leftovers()).isEmpty();
        }
    }

    @Test
    void write_ofAValueThatTheTypeCannotHoldNamesTheRow() {
        DraftTensor tensor = DraftTensor.computed(
                "blk.0.attn_q.weight", Shape.of(2, WIDTH), "F32", () -> (row, out) -> out[3] = row * 1e6f);
        try (ModelDraft draft = draft(tensor)) {
            assertThatThrownBy(() -> ModelWriter.to(folder.resolve("x.gguf"), FileType.F16)
                            .write(draft))
                    .hasMessageContaining("blk.0.attn_q.weight: row 1")
                    .hasMessageContaining("65504");
        }
    }

    @Test
    void write_tellsProgressUpToOne() {
        List<Double> parts = new ArrayList<>();
        try (ModelDraft draft = draft()) {
            ModelWriter.to(folder.resolve("p.gguf"), FileType.Q8_0)
                    .onProgress(parts::add)
                    .write(draft);
        }
        assertThat(parts).isSorted().allMatch(p -> p > 0 && p <= 1).last().isEqualTo(1.0);
    }
}
