package dev.hearth.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.tinymodel.TinyModel;
import java.util.Collection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark still runs, at sizes at which its time says nothing. */
class BenchmarksTest {
    @BeforeAll
    static void letOthersRunBenchmarksToo() {
        System.setProperty("jmh.ignoreLock", "true");
    }

    private static ChainedOptionsBuilder options(Class<?> benchmark) {
        return new OptionsBuilder()
                .include("^\\Q" + benchmark.getName() + "\\E\\.")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    private static void assertRuns(ChainedOptionsBuilder options, int count) throws RunnerException {
        Collection<RunResult> results = new Runner(options.build()).run();
        assertThat(results)
                .hasSize(count)
                .allSatisfy(result ->
                        assertThat(result.getPrimaryResult().getScore()).isPositive());
    }

    @Test
    void linear_runs() throws RunnerException {
        assertRuns(
                options(LinearBenchmark.class)
                        .param("tokens", "1", "4")
                        .param("kernels", "vector", "scalar")
                        .param("rows", "32")
                        .param("columns", "256")
                        .param("mebibytes", "0")
                        .param("threads", "2")
                        .param("readMebibytes", "1")
                        .param("readThreads", "2")
                        .param("peakThreads", "2"),
                5 * 2 * 2 + 4); // types, tokens, kernels, and the limits of memory, int8, BF16 and F32
    }

    @Test
    void attention_runs() throws RunnerException {
        assertRuns(
                options(AttentionBenchmark.class)
                        .param("context", "40")
                        .param("tokens", "1", "7")
                        .param("sequences", "1", "3")
                        .param("layers", "2")
                        .param("threads", "2")
                        .param("readMebibytes", "1"),
                2 * 2 * 2 + 2); // tokens, sequences, kernels, and the limits of memory and F32
    }

    @Test
    void rows_run() throws RunnerException {
        assertRuns(
                options(RowsBenchmark.class)
                        .param("tokens", "1", "3")
                        .param("width", "256")
                        .param("readMebibytes", "1"),
                4 * 2 * 2 + 1); // operations, tokens, kernels, and the reading of memory
    }

    @Test
    void model_runs() throws RunnerException {
        assertRuns(
                options(ModelBenchmark.class)
                        .param("model", "toy:Q8_0:1")
                        .param("promptTokens", "3")
                        .param("requests", "1", "2")
                        .param("outputTokens", "2")
                        .param("readMebibytes", "1"),
                1 + 2 + 1); // a first token, batches, and the reading of memory
    }

    @Test
    void tokenizer_runs() throws RunnerException {
        String tokenizer = TinyModel.folder().resolve("tokenizer.json").toString();
        assertRuns(
                options(TokenizerBenchmark.class).param("vocabulary", tokenizer).param("units", "2000"),
                2 * 4 * 2); // both ways, four texts, both libraries
    }

    @Test
    void stream_runs() throws RunnerException {
        String tokenizer = TinyModel.folder().resolve("tokenizer.json").toString();
        assertRuns(options(StreamBenchmark.class).param("vocabulary", tokenizer), 3 * 2); // texts; tokens and prompts
    }

    @Test
    void template_runs() throws RunnerException {
        assertRuns(options(TemplateBenchmark.class).param("messages", "1", "3"), 4);
    }
}
