package dev.hearth.cli;

import dev.hearth.Usage;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
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
        java.util.List<Json> numbers = new java.util.ArrayList<>();
        for (float value : values) {
            numbers.add(new Json.Real(Double.parseDouble(Float.toString(value))));
        }
        return new Json.Arr(numbers);
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
