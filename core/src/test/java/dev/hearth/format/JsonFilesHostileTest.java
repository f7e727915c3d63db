package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Broken safetensors files, indexes and configurations: refused as such or read, with no other exception. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class JsonFilesHostileTest {
    private static final String[] FRAGMENTS = {
        "-1",
        "99999999999999999999",
        "1e999",
        "NaN",
        "null",
        "[]",
        "{}",
        "\"\"",
        "[[[[",
        "{\"a\":",
        "0.5",
        "true",
        "\\u0000",
        "\"",
        ",",
        "9223372036854775807",
        "F8_E4M3",
        "__metadata__",
        "../../etc/passwd",
        "\\ud800",
        "4294967296"
    };

    private final byte[] real = ReferenceFiles.bytes("lora/attention_r4/adapter_model.safetensors");
    private final byte[] index = ReferenceFiles.bytes("oracles/mixtral/model.safetensors.index.json");
    private final byte[] config = ReferenceFiles.bytes("oracles/mixtral/config.json");

    @Test
    void safetensors_truncatedAnywhere_isRefused() {
        Hostile hostile = new Hostile();
        for (int size = 0; size < real.length; size++) {
            byte[] cut = Arrays.copyOf(real, size);
            hostile.accepts("cut to " + size, 1_000_000, () -> safetensors(cut));
        }
        assertThat(hostile.accepted()).isZero();
        assertThat(hostile.refused()).isEqualTo(8192);
    }

    @Test
    void safetensors_broken_isRefusedOrRead() {
        int headerBytes = 8 + (int) MemorySegment.ofArray(real).get(GgufCursor.LONG, 0);
        Hostile hostile = new Hostile();
        Random random = new Random(20_260_111);
        for (int i = 0; i < 10_000; i++) {
            byte[] broken = flipped(real, headerBytes, random);
            hostile.accepts("case " + i, 1_000_000, () -> safetensors(broken));
        }
        for (int i = 0; i < 10_000; i++) {
            byte[] json = spliced(Arrays.copyOfRange(real, 8, headerBytes), random);
            byte[] broken = new LittleEndian()
                    .int64(json.length)
                    .bytes(json)
                    .bytes(Arrays.copyOfRange(real, headerBytes, real.length))
                    .toBytes();
            hostile.accepts("spliced case " + i, 1_000_000, () -> safetensors(broken));
        }
        assertThat(hostile.accepted()).isGreaterThan(100); // names, mostly
        assertThat(hostile.refused()).isGreaterThan(10_000);
    }

    @Test
    void index_broken_isRefusedOrRead() {
        Hostile hostile = new Hostile();
        for (int size = 0; size < index.length; size++) {
            byte[] cut = Arrays.copyOf(index, size);
            hostile.accepts("cut to " + size, 1_000_000, () -> SafetensorsFolder.index("index.json", cut));
        }
        assertThat(hostile.accepted()).isLessThan(3); // only white space was lost
        Random random = new Random(20_260_112);
        for (int i = 0; i < 10_000; i++) {
            byte[] broken = i % 2 == 0 ? flipped(index, index.length, random) : spliced(index, random);
            hostile.accepts(
                    "case " + i,
                    1_000_000,
                    () -> SafetensorsFolder.index("index.json", broken)
                            .values()
                            .forEach(file ->
                                    assertThat(file).endsWith(".safetensors").doesNotContain("/", "\\", "\0")));
        }
        assertThat(hostile.accepted()).isGreaterThan(100);
        assertThat(hostile.refused()).isGreaterThan(1000);
    }

    @Test
    void config_broken_isRefusedOrRead() {
        Hostile hostile = new Hostile();
        Random random = new Random(20_260_113);
        for (int i = 0; i < 10_000; i++) {
            byte[] broken = i % 2 == 0 ? flipped(config, config.length, random) : spliced(config, random);
            hostile.accepts("case " + i, 1_000_000, () -> config(broken));
        }
        for (int size = 0; size < config.length; size++) {
            byte[] cut = Arrays.copyOf(config, size);
            hostile.accepts("cut to " + size, 1_000_000, () -> config(cut));
        }
        assertThat(hostile.accepted()).isGreaterThan(100);
        assertThat(hostile.refused()).isGreaterThan(1000);
    }

    @Test
    void deepNesting_isRefused() {
        Hostile hostile = new Hostile();
        for (String open : new String[] {"[", "{\"a\":"}) {
            byte[] deep = ("{\"a\":" + open.repeat(200_000)).getBytes(StandardCharsets.UTF_8);
            hostile.accepts(
                    "header",
                    20_000_000,
                    () -> safetensors(
                            new LittleEndian().int64(deep.length).bytes(deep).toBytes()));
            hostile.accepts("index", 20_000_000, () -> SafetensorsFolder.index("index.json", deep));
            hostile.accepts("config", 20_000_000, () -> config(deep));
        }
        assertThat(hostile.refused()).isEqualTo(6);
    }

    @Test
    void manyEmptyTensors_costNoMoreThanTheFile() {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (int i = 0; i < 20_000; i++) {
            writer.described(Integer.toString(i), "F32", 0, 0, 0);
        }
        byte[] file = writer.toBytes();
        Hostile hostile = new Hostile();
        hostile.accepts("many", 60L * file.length, () -> safetensors(file));
        assertThat(hostile.accepted()).isEqualTo(1);
    }

    private static void safetensors(byte[] file) {
        Hostile.readAll(Safetensors.read("hostile.safetensors", MemorySegment.ofArray(file)));
    }

    private static void config(byte[] json) {
        Fields fields = Fields.of("config.json", Json.parse("config.json", json));
        fields.requiredInteger("hidden_size");
        fields.flag("tie_word_embeddings", false);
        fields.string("model_type");
        fields.number("rms_norm_eps");
        fields.array("architectures");
        fields.integers("eos_token_id");
    }

    private static byte[] flipped(byte[] file, int within, Random random) {
        byte[] broken = file.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            broken[random.nextInt(within)] ^= (byte) (1 + random.nextInt(255));
        }
        return broken;
    }

    /** With a stretch replaced by something else that JSON may contain, or doubled. */
    private static byte[] spliced(byte[] json, Random random) {
        int from = random.nextInt(json.length);
        int to = Math.min(json.length, from + random.nextInt(30));
        byte[] between = random.nextInt(4) == 0
                ? Arrays.copyOfRange(json, from, Math.min(json.length, to + random.nextInt(400)))
                : FRAGMENTS[random.nextInt(FRAGMENTS.length)].getBytes(StandardCharsets.UTF_8);
        return new LittleEndian()
                .bytes(Arrays.copyOf(json, from))
                .bytes(between)
                .bytes(Arrays.copyOfRange(json, to, json.length))
                .toBytes();
    }
}
