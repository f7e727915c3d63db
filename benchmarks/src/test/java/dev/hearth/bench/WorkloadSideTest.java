package dev.hearth.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.quantize.FileType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A trace is replayed whole and in its order. */
class WorkloadSideTest {
    private static final String TRACE = """
            {"id":0,"after":null,"delay":0.0,"prompt":[300,301,302],"output":4}
            {"id":1,"after":0,"delay":0.01,"prompt":[300,301,302,303],"output":2}
            {"id":2,"after":null,"delay":0.0,"prompt":[299],"output":1}
            """;

    @TempDir
    private Path folder = Path.of("");

    private Trace trace() throws IOException {
        return Trace.read(Files.writeString(folder.resolve("trace.jsonl"), TRACE));
    }

    @Test
    void trace_isRead() throws IOException {
        Trace trace = trace();
        assertThat(trace.first()).extracting(Trace.Asked::id).containsExactly(0, 2);
        assertThat(trace.after(trace.requests().getFirst()))
                .extracting(Trace.Asked::id)
                .containsExactly(1);
        assertThat(trace.requests().get(1).prompt()).containsExactly(300, 301, 302, 303);
        assertThat(trace.warmUp(256)).containsExactly(299);
    }

    @ParameterizedTest
    @EnumSource(WorkloadSide.Service.class)
    void everyRequest_endsAfterTheOneItWaitsFor(WorkloadSide.Service service) throws IOException, InterruptedException {
        Path model = folder.resolve("model.gguf");
        RandomModel.write(ModelShape.titled("toy"), 1, FileType.named("Q8_0"), model);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WorkloadSide.replay(
                model,
                trace(),
                new WorkloadSide.Limits(1, 2, 64, service),
                new PrintStream(out, false, StandardCharsets.UTF_8));
        List<Fields> lines = out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> Fields.of("line", Json.parse("line", line)))
                .toList();
        assertThat(lines.getFirst().string("library")).isPresent();
        List<Fields> records = lines.subList(1, 4);
        assertThat(records).noneMatch(record -> record.has("error"));
        assertThat(records)
                .extracting(record -> record.requiredInteger("tokens"))
                .containsExactlyInAnyOrder(4, 2, 1);
        assertThat(number(records, 1, "arrival")).isGreaterThanOrEqualTo(number(records, 0, "end"));
    }

    private static double number(List<Fields> records, int id, String name) {
        return records.stream()
                .filter(record -> record.requiredInteger("id") == id)
                .findFirst()
                .orElseThrow()
                .number(name)
                .orElseThrow();
    }
}
