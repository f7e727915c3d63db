package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken files of every format: refused as they should be, or a tokenizer that works. */
@Timeout(60)
class TokenizerFilesHostileTest {
    private static final String TEXT = "Hello  wörld 123 \n <|im_start|> 你好 😀 \u0000 ﬁ e\u0301";

    @TempDir
    private Path folder;

    private boolean refused(String name, byte[] file) throws IOException {
        Path path = folder.resolve(name);
        Files.write(path, file);
        try {
            works(Tokenizer.load(path));
            return false;
        } catch (ModelFormatException e) {
            assertThat(e.getMessage()).isNotBlank();
            return true;
        }
    }

    private static void works(Tokenizer tokenizer) {
        int[] ids = tokenizer.encode(TEXT);
        tokenizer.decode(ids);
        tokenizer.encode(TEXT, List.of(new TextSpan(0, TEXT.length())));
        tokenizer.bytesOf(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unigram.model",
                "bpe-bytes.model",
                "unigram.json",
                "unigram-bytes.json",
                "tekken.json",
                "qwen.tiktoken"
            })
    void flippedBytes(String name) throws IOException {
        byte[] file = References.resourceBytes("files/" + name);
        Random random = new Random(11);
        int refusals = 0;
        for (int i = 0; i < 250; i++) {
            byte[] broken = file.clone();
            for (int k = random.nextInt(3); k >= 0; k--) {
                int bound = random.nextBoolean() ? Math.min(3000, file.length) : file.length;
                broken[random.nextInt(bound)] ^= (byte) (1 << random.nextInt(8));
            }
            refusals += refused(name, broken) ? 1 : 0;
        }
        assertThat(refusals).isBetween(1, 249);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unigram.model", "bpe-bytes.model", "unigram-bytes.json", "tekken.json", "qwen.tiktoken"})
    void truncated(String name) throws IOException {
        byte[] file = References.resourceBytes("files/" + name);
        int refusals = 0;
        for (int length = 0; length < file.length; length += 1 + file.length / 100) {
            refusals += refused(name, Arrays.copyOf(file, length)) ? 1 : 0;
        }
        assertThat(refusals).isGreaterThan(10);
    }

    @Test
    void randomBytes_areRefused() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] file = new byte[random.nextInt(300)];
            random.nextBytes(file);
            assertThat(refused("tokenizer.model", file)).as("file %d", i).isTrue();
        }
    }

    @Test
    void protobuf_lengthsAndNumbers() {
        for (byte[] broken : List.of(
                new byte[] {0x0A, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F}, // 4 GiB of bytes
                new byte[] {0x0A, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0x7F}, // a length below zero
                new byte[] {0x0A, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, // a number without end
                new byte[] {0x0B}, // a group
                new byte[] {0x02, 0x00}, // field 0
                new byte[] {0x0A, 0x02, 0x15, 0x00}, // half a float
                new byte[] {0x08, 0x01}, // an integer for a message
                new byte[] {0x0A})) {
            assertThatThrownBy(() -> SentencePieceFile.read("m", broken))
                    .as(Arrays.toString(broken))
                    .isInstanceOf(ModelFormatException.class);
        }
    }

    /** Any bytes as a charsmap: no place outside of it is read, and no text grows without bound. */
    @Test
    void charsmap_ofAnyBytes() {
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] map = new byte[4 + random.nextInt(1000)];
            random.nextBytes(map);
            int size = random.nextInt(map.length / 4) * 4;
            map[0] = (byte) size;
            map[1] = (byte) (size >> 8);
            map[2] = 0;
            map[3] = 0;
            String file = "{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\""
                    + Base64.getEncoder().encodeToString(map)
                    + "\"},\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0],[\"a\",-1]]}}";
            Tokenizer tokenizer = Tokenizer.fromJson(
                    Fields.of("t", Json.parse("t", file.getBytes(StandardCharsets.UTF_8))), Optional.empty());
            works(tokenizer);
            Charsmap charsmap = Charsmap.read("m", map);
            var parts = new CharsmapNormalizer(charsmap, CharsmapNormalizer.Units.LONGEST_PARTS);
            assertThat(parts.apply(NormalizedText.of(TEXT)).text.length()).isLessThan(1024 * TEXT.length());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "t5", "rwkv", "plamo2", "llama", "gpt2", "gemma4", "whitespace", "nonsense"})
    void ggufKinds_withAnyIds(String model) {
        Random random = new Random(9);
        for (int i = 0; i < 100; i++) {
            List<String> tokens = IntStream.range(0, random.nextInt(300))
                    .mapToObj(t -> random.nextInt(4) == 0 ? "<0x%02X>".formatted(t & 0xFF) : "▁a\\x4" + (char) t)
                    .toList();
            List<Integer> types =
                    tokens.stream().map(t -> random.nextInt(9) - 1).toList();
            List<Float> scores = tokens.stream()
                    .map(t -> random.nextInt(5) == 0 ? Float.NaN : -random.nextFloat())
                    .toList();
            OptionalInt id = random.nextBoolean() ? OptionalInt.of(random.nextInt(400) - 50) : OptionalInt.empty();
            var file = new GgufVocabulary(
                    model,
                    Optional.empty(),
                    tokens,
                    scores,
                    types,
                    List.of(),
                    id,
                    id,
                    id,
                    id,
                    GgufVocabulary.Options.UNSAID);
            try {
                works(Tokenizer.fromGguf(file));
            } catch (ModelFormatException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    /** A quadratic algorithm would need hours. */
    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "\n", "\u0301", "e\u0301", "你", "😀", "▁", "1", "<sep>", "ﬁ", "\u200D", "ab "})
    void longText_takesTimeInProportion(String unit) throws IOException {
        String text = unit.repeat(300_000 / unit.length());
        for (String name : List.of(
                "unigram.model",
                "unigram-bytes.json",
                "bpe.model",
                "bpe-bytes.model",
                "tekken.json",
                "qwen.tiktoken")) {
            Path path = folder.resolve(name);
            Files.write(path, References.resourceBytes("files/" + name));
            Tokenizer tokenizer = Tokenizer.load(path);
            int[] ids = tokenizer.encode(text);
            assertThat(ids.length).isLessThanOrEqualTo(4 * text.length());
            assertThat(tokenizer.decode(ids).length()).isLessThanOrEqualTo(2 * text.length() + 4);
        }
    }

    @Test
    void longTokens_areRefused() {
        String vocab = "{\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0],[\"" + "a".repeat(5000)
                + "\",-1]]}}";
        Fields fields = Fields.of("t", Json.parse("t", vocab.getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> Tokenizer.fromJson(fields, Optional.empty()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("5000");
    }
}
