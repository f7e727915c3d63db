package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The text of an answer is what it adds to its prompt's: the space between both is part of it. */
class AnswerTextTest {
    private static final Map<String, Tokenizer> SMALL = Stream.of("stories260K", "tiny-qwen3", "tiny-llama3")
            .collect(Collectors.toMap(name -> name, References::small));

    private static String streamed(StreamingDecoder decoder, int[] ids) {
        StringBuilder text = new StringBuilder();
        Arrays.stream(ids).forEach(id -> text.append(decoder.push(id)));
        return text.append(decoder.finish()).toString();
    }

    @Test
    void answer_asHuggingFaceDecodesBoth() {
        Map<String, Optional<Tokenizer>> tokenizers = new HashMap<>();
        Json.Arr cases = (Json.Arr) Json.parse("answers.json", References.resourceBytes("answers.json"));
        int checked = 0;
        for (Json each : cases.elements()) {
            Fields expected = Fields.of("answers.json", each);
            String name = expected.string("tokenizer").orElseThrow();
            Optional<Tokenizer> tokenizer = tokenizers.computeIfAbsent(name, AnswerTextTest::tokenizer);
            if (tokenizer.isPresent()) {
                StreamingDecoder decoder = tokenizer.get().streamingSkippingSpecial();
                int[] prompt = expected.integers("prompt");
                assertThat(decoder.begin(prompt)).isEqualTo(tokenizer.get().decodeSkippingSpecial(prompt));
                assertThat(streamed(decoder, expected.integers("answer")))
                        .as("%s after %s", name, Arrays.toString(prompt))
                        .isEqualTo(expected.string("text").orElseThrow());
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(60);
    }

    private static Optional<Tokenizer> tokenizer(String name) {
        return SMALL.containsKey(name)
                ? Optional.of(SMALL.get(name))
                : References.shared().map(shared -> References.large(shared, name));
    }

    @Property(tries = 500)
    void answer_isWhatFollowsTheTextOfItsPrompt(@ForAll("ids") int[] prompt, @ForAll("ids") int[] answer) {
        int[] both =
                IntStream.concat(Arrays.stream(prompt), Arrays.stream(answer)).toArray();
        for (Tokenizer tokenizer : SMALL.values()) {
            StreamingDecoder decoder = tokenizer.streaming();
            String before = decoder.begin(prompt);
            assertThat(before).isEqualTo(tokenizer.decode(prompt));
            String whole = tokenizer.decode(both);
            int mismatch = Arrays.mismatch(before.toCharArray(), whole.toCharArray());
            int same = mismatch < 0 ? before.length() : mismatch; // bytes of a character may be in both
            assertThat(streamed(decoder, answer)).isEqualTo(whole.substring(same));
        }
    }

    /** Byte tokens in broken order, and others. */
    @Provide
    Arbitrary<int[]> ids() {
        return Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 511),
                        Arbitraries.integers().between(3, 261))
                .array(int[].class)
                .ofMaxSize(20);
    }
}
