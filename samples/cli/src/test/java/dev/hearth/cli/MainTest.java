package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.tinymodel.TinyModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands as a user types them: what they print, and how they end. */
class MainTest {
    private final CapturedOutput captured = new CapturedOutput();
    private final ByteArrayOutputStream out = captured.out();
    private final ByteArrayOutputStream err = captured.err();

    @TempDir
    private Path folder = Path.of("");

    @AfterEach
    void release() {
        captured.close();
    }

    private Fields json(String... args) {
        return captured.json(args);
    }

    private String refused(String... args) {
        return captured.refused(args);
    }

    @Test
    void embed_printsOneVectorOrSeveral() {
        Fields one = json("embed", "--text", "A river.", "--pooling", "MEAN", "--dimensions", "3", "--json");
        assertThat(one.numbers("embedding").orElseThrow()).hasSize(3);
        Fields two = json("embed", "--ids", "1,2", "--ids", "3", "--pooling", "LAST", "--json");
        assertThat(two.array("embeddings").orElseThrow()).hasSize(2);
        assertThat(refused("embed", "--text", "A river.")).contains("doesn't say how it embeds texts");
    }

    @Test
    void embed_needsTextsOrTokens() {
        assertThat(refused("embed", "--text", "a", "--ids", "1")).contains("expected either --text or --ids");
    }

    @Test
    void rerank_needsAModelThatLabels() {
        assertThat(refused("rerank", "--query", "a", "--document", "b")).contains("has no head that labels texts");
    }

    /** A model of 50 tokens with a vocabulary to name them. */
    private String maskedModel() throws IOException {
        Path source = Path.of("..", "..", "cpu-fallback", "src", "test", "resources", "encoders", "bert_masked");
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(source.resolve(file), folder.resolve(file));
        }
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (char c = 'a'; c <= 'z'; c++) {
            vocabulary.add(String.valueOf(c));
        }
        Files.write(folder.resolve("vocab.txt"), vocabulary);
        return folder.toString();
    }

    @Test
    void fill_findsTheMasksOfAText() throws IOException {
        String model = maskedModel();
        Fields text = json("fill", model, "--text", "a [MASK] b [MASK]", "--top", "2", "--json");
        assertThat(text.integers("ids")).containsExactly(2, 5, 4, 6, 4, 3);
        assertThat(text.integers("positions")).containsExactly(2, 4);
        assertThat(text.array("top").orElseThrow()).hasSize(2);
        Fields ids = json("fill", model, "--ids", "2,5,4,6,4,3", "--at", "4", "--top", "2", "--json");
        assertThat(ids.array("top").orElseThrow().getFirst())
                .isEqualTo(text.array("top").orElseThrow().getLast());
        assertThat(Main.run("fill", model, "--text", "a [MASK]")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(6)
                .first()
                .isEqualTo("position 2");
        assertThat(refused("fill", model, "--text", "a b")).contains("expected [MASK] or <mask> in the text");
    }

    @Test
    void fill_needsAModelThatFindsMaskedTokens() {
        assertThat(refused("fill", "--text", "a", "--at", "0")).contains("has no head that finds masked tokens");
    }

    @Test
    void score_givesALogprobForEachTokenButTheFirst() {
        Fields result = json("score", "--text", "Once upon a time", "--top", "2", "--json");
        int[] ids = result.integers("ids");
        List<Json> logprobs = result.array("logprobs").orElseThrow();
        assertThat(logprobs).hasSize(ids.length).startsWith(Json.Null.NULL);
        assertThat(logprobs.get(1)).isInstanceOf(Json.Real.class);
        List<Json> top = result.array("top").orElseThrow();
        Fields best = Fields.of("best", ((Json.Arr) top.get(1)).elements().getFirst());
        assertThat(best.has("id") && best.has("logprob")).isTrue();
    }

    @Test
    void tokenize_andDetokenizeAreInverse() throws IOException {
        int[] ids = json("tokenize", "--text", "A small fox.", "--json").integers("ids");
        String list = String.join(
                ",", java.util.Arrays.stream(ids).mapToObj(String::valueOf).toList());
        assertThat(json("detokenize", "--ids", list, "--json").string("text")).hasValue("A small fox.");
        Path file = Files.writeString(folder.resolve("texts.json"), "[\"A small fox.\", \"\"]");
        List<Json> both = json(
                        "tokenize",
                        TinyModel.folder().resolve("tokenizer.json").toString(),
                        "--file",
                        file.toString(),
                        "--json")
                .array("ids")
                .orElseThrow();
        assertThat(both).hasSize(2);
        assertThat(both.getFirst()).isEqualTo(JsonOutput.ints(ids));
    }

    @Test
    void template_rendersOneOrMany() throws IOException {
        Path one = Files.writeString(
                folder.resolve("one.json"),
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"tools\":null,\"add_generation_prompt\":true}");
        String text = json("template", "--file", one.toString(), "--json")
                .string("output")
                .orElseThrow();
        assertThat(text).contains("<|im_start|>user\nHi<|im_end|>\n");
        Main.run("template", "--file", one.toString());
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(text); // byte for byte, no line end added
        out.reset();
        Path bare = Files.writeString(
                folder.resolve("t.jinja"),
                "{{ raise_exception('no') if messages|length > 1 else messages[0].content }}");
        Path many = Files.writeString(
                folder.resolve("many.json"),
                "{\"conversations\":{\"a\":{\"messages\":[{\"content\":\"x\"}]},\"b\":{\"messages\":[{},{}]}}}");
        Fields results = json("template", bare.toString(), "--file", many.toString(), "--json");
        assertThat(results.fields("a").orElseThrow().string("output")).hasValue("x");
        assertThat(results.fields("b").orElseThrow().string("error").orElseThrow())
                .contains("no");
    }

    @Test
    void inspect_tellsWhatIsInAModel() {
        Fields result = json("inspect", "--json");
        assertThat(result.string("architecture")).hasValue("qwen3");
        assertThat(result.requiredInteger("layers")).isEqualTo(6);
        Fields memory = result.fields("memory").orElseThrow();
        double widened = memory.number("made_bytes").orElseThrow(); // vectors of 16 bits, to F32
        assertThat(widened).isBetween(1.0, 100_000.0);
        assertThat(memory.number("mapped_bytes").orElseThrow())
                .isEqualTo(result.number("bytes").orElseThrow() - widened / 2);
        assertThat(memory.number("cache_bytes").orElseThrow()).isPositive();
        assertThat(memory.number("scratch_bytes").orElseThrow()).isPositive();
        assertThat(result.flag("chat_template", false)).isTrue();
    }

    @Test
    void inspect_countsBytesOfTheCacheTypeThatIsAskedFor() {
        double half = json("inspect", "--json").number("kv_bytes_per_token").orElseThrow();
        double int8 = json("inspect", "--cache-type", "int8", "--json")
                .number("kv_bytes_per_token")
                .orElseThrow();
        assertThat(int8).isBetween(half / 2, half / 2 * 1.2); // a scale of 4 bytes for each head's key and value
    }

    @Test
    void bench_measuresEachTest() {
        assertThat(Main.run("bench", "-p", "16", "-n", "4", "-b", "1,3", "-d", "0,40", "-r", "2", "-t", "1", "--json"))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        Json printed = Json.parse("output", out.toString(StandardCharsets.UTF_8));
        List<Fields> results = ((Json.Arr) printed)
                .elements().stream().map(r -> Fields.of("result", r)).toList();
        assertThat(results)
                .extracting(r -> r.string("test").orElseThrow())
                .containsExactly("pp16", "tg4", "tg4@3", "pp16@d40", "tg4@d40", "tg4@3@d40");
        assertThat(results).allSatisfy(r -> {
            assertThat(r.numbers("runs").orElseThrow()).hasSize(2);
            assertThat(r.number("tokensPerSecond").orElseThrow()).isPositive();
            assertThat(r.number("readLimitGigabytesPerSecond").orElseThrow()).isPositive();
            assertThat(r.has("percentOfReadLimit"))
                    .isEqualTo(r.string("test").orElseThrow().startsWith("tg"));
            assertThat(r.number("gigaOpsPerSecond").orElseThrow()).isPositive();
            assertThat(r.has("percentOfPeak")).isEqualTo(r.has("f32PeakGigaOpsPerSecond"));
        });
    }

    @Test
    void bench_countsEveryWeightOnceAStep() {
        double bytes = json("inspect", "--json").number("bytes").orElseThrow();
        assertThat(Main.run("bench", "-p", "0", "-n", "4", "-b", "2", "-r", "1", "--json"))
                .isZero();
        Json printed = Json.parse("output", out.toString(StandardCharsets.UTF_8));
        Fields result = Fields.of("result", ((Json.Arr) printed).elements().getFirst());
        double perToken = 1e9
                * result.number("gigabytesPerSecond").orElseThrow()
                / result.number("tokensPerSecond").orElseThrow();
        assertThat(perToken)
                .isBetween(bytes / 2, 1.01 * bytes / 2); // two tokens a step; little is kept of two positions
    }

    @Test
    void bench_alternatesWithWhoeverAsks() {
        InputStream realIn = System.in;
        System.setIn(new ByteArrayInputStream("limits\ntg3@2\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(Main.run("bench", "-p", "0", "-n", "3", "-b", "2", "--alternate"))
                    .as(err.toString(StandardCharsets.UTF_8))
                    .isZero();
        } finally {
            System.setIn(realIn);
        }
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst()).contains("\"limits\"", "gigabytesPerSecond");
        assertThat(lines.getLast()).contains("\"tg3@2\"", "tokensPerSecond", "f32GigaOpsPerToken");
    }

    @Test
    void bench_timesStartsOfNewProcesses() {
        assertThat(Main.run("bench", "-p", "0", "-n", "0", "--load", "-r", "2", "-t", "1", "--json"))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        Json printed = Json.parse("output", out.toString(StandardCharsets.UTF_8));
        Fields result = Fields.of("result", ((Json.Arr) printed).elements().getFirst());
        assertThat(result.string("test")).hasValue("load");
        assertThat(result.number("seconds").orElseThrow()).isPositive();
        assertThat(result.numbers("runs").orElseThrow()).hasSize(2);
    }

    @Test
    void bench_refusesWhatItCannotMeasure() {
        assertThat(refused("bench", "-p", "0", "-n", "0")).contains("expected a test");
        err.reset();
        assertThat(refused("bench", "-b", "0")).contains("at least 1");
    }

    @Test
    void badInput_endsInOneLine() throws IOException {
        assertThat(refused("run", "no/such.gguf", "--prompt", "x")).contains("no/such.gguf");
        err.reset();
        assertThat(refused("run", "--prompt", "x", "--ids", "1")).contains("--prompt", "--ids", "both");
        err.reset();
        assertThat(refused("run", "--ids", "1,x")).contains("1,2,3", "x");
        err.reset();
        assertThat(refused("run", "--ids", "999999")).contains("999999");
        err.reset();
        assertThat(refused("run", "--prompt", "x", "--no-such-flag")).contains("--no-such-flag");
        err.reset();
        assertThat(refused("run", "--prompt", "x", "--precision", "half")).contains("exact or fast", "half");
        err.reset();
        assertThat(refused("run", "--prompt", "x", "--cache-type", "int4")).contains("bf16 or int8", "int4");
        err.reset();
        Path broken = Files.writeString(folder.resolve("broken.gguf"), "GGUF and then nothing that makes sense");
        assertThat(refused("inspect", broken.toString())).contains("broken.gguf");
        err.reset();
        assertThat(refused("run", "--prompt", "x", "--max-tokens", "5000")).contains("context of 1024");
    }

    @Test
    void convert_writesTheEmbeddedModelWithTheSameAnswers() {
        Path file = folder.resolve("tiny.gguf");
        Fields written = json("convert", TinyModel.folder().toString(), file.toString(), "--threads", "2", "--json");
        assertThat(written.string("type")).hasValue("BF16");
        assertThat(written.fields("bytes_by_type").orElseThrow().object().members())
                .containsOnlyKeys("BF16", "F32");
        String[] run = {"run", "--prompt", "Once upon a time", "--max-tokens", "8", "--temperature", "0", "--json"};
        List<String> converted = new ArrayList<>(List.of(run));
        converted.add(1, file.toString());
        assertThat(json(converted.toArray(String[]::new)).integers("ids"))
                .isEqualTo(json(run).integers("ids"));
        assertThat(refused("convert", TinyModel.folder().toString(), file.toString()))
                .contains("expected no such file yet");
    }

    @Test
    void quantize_takesFilesAndFolders() {
        Path file = folder.resolve("tiny-Q4_K_M.gguf");
        Fields written = json(
                "quantize",
                TinyModel.folder().toString(),
                file.toString(),
                "--type",
                "q4_k_m",
                "--tensor-type",
                "attn_k=Q8_0",
                "--json");
        assertThat(written.string("type")).hasValue("Q4_K_M");
        assertThat(written.fields("bytes_by_type").orElseThrow().has("Q8_0")).isTrue();
        Path plain = folder.resolve("plain.gguf");
        assertThat(refused("quantize", file.toString(), plain.toString(), "--type", "Q5_0"))
                .contains("begin with a file that isn't quantised");
        err.reset();
        assertThat(Main.run("quantize", file.toString(), plain.toString(), "--type", "F16"))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("F16");
        out.reset();
        assertThat(json("inspect", plain.toString(), "--json").string("architecture"))
                .hasValue("qwen3");
        assertThat(refused("quantize", plain.toString(), file.toString(), "--type", "Q9", "--force"))
                .contains("Q4_K_M")
                .contains("found Q9");
    }
}
