package dev.hearth;

import dev.hearth.format.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A function that the model may ask the application to call.
 *
 * @param parameters JSON Schema of the arguments, an object
 */
public record Tool(String name, String description, String parameters) {
    /** Checks that the parameters are a JSON object. @throws dev.hearth.format.ModelFormatException if they aren't */
    public Tool {
        schema(name, parameters);
    }

    private static Json schema(String name, String parameters) {
        return dev.hearth.format.Fields.of(
                        "tool " + name + ": parameters", Json.parse("tool " + name + ": parameters", parameters))
                .object();
    }

    /** As chat templates expect it. */
    Json.Obj json() {
        Map<String, Json> function = new LinkedHashMap<>();
        function.put("name", new Json.Str(name));
        function.put("description", new Json.Str(description));
        function.put("parameters", schema(name, parameters));
        Map<String, Json> members = new LinkedHashMap<>();
        members.put("type", new Json.Str("function"));
        members.put("function", new Json.Obj(function));
        return new Json.Obj(members);
    }
}
