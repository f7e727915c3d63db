package dev.hearth.cli;

import dev.hearth.TokenScore;
import dev.hearth.Usage;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds and prints what {@code --json} promises. */
final class JsonOutput {
    private JsonOutput() {}

    /** One line on standard output. */
    static void print(Json json) {
        System.out.println(JsonWriter.write(json));
    }

    /** An object of alternating names and values. */
    static Json.Obj object(Object... namesAndValues) {
        Map<String, Json> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put((String) namesAndValues[i], (Json) namesAndValues[i + 1]);
        }
        return new Json.Obj(members);
    }

    /** An array of integers. */
    static Json.Arr ints(List<Integer> values) {
        return new Json.Arr(values.stream().map(v -> (Json) new Json.Int(v)).toList());
    }

    /** An array of integers. */
    static Json.Arr ints(int[] values) {
        return ints(java.util.Arrays.stream(values).boxed().toList());
    }

    /** An array of numbers, written as short as they can be read back. */
    static Json.Arr floats(float[] values) {
        List<Json> numbers = new ArrayList<>();
        for (float value : values) {
            numbers.add(new Json.Real(Double.parseDouble(Float.toString(value))));
        }
        return new Json.Arr(numbers);
    }

    /** Tokens, their log probabilities and, if there are any, so many alternatives. */
    static Json.Obj scores(List<TokenScore> scores, int top) {
        List<Json> logprobs = new ArrayList<>();
        List<Json> alternatives = new ArrayList<>();
        for (TokenScore score : scores) {
            logprobs.add(
                    score.logprob().isPresent() ? new Json.Real(score.logprob().getAsDouble()) : Json.Null.NULL);
            alternatives.add(new Json.Arr(score.top().stream()
                    .map(t -> (Json) object("id", new Json.Int(t.id()), "logprob", new Json.Real(t.logprob())))
                    .toList()));
        }
        Json.Arr tokens = ints(scores.stream().map(TokenScore::id).toList());
        return top > 0
                ? object("ids", tokens, "logprobs", new Json.Arr(logprobs), "top", new Json.Arr(alternatives))
                : object("ids", tokens, "logprobs", new Json.Arr(logprobs));
    }

    /** What a request took. */
    static Json.Obj usage(Usage usage) {
        return object(
                "prompt_tokens", new Json.Int(usage.promptTokens()),
                "cached_tokens", new Json.Int(usage.cachedTokens()),
                "output_tokens", new Json.Int(usage.outputTokens()),
                "time_to_first_token_ms", new Json.Real(usage.timeToFirstToken().toNanos() / 1e6),
                "duration_ms", new Json.Real(usage.duration().toNanos() / 1e6));
    }
}
