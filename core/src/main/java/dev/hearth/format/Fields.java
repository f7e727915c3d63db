package dev.hearth.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A JSON object read by name, with a place that errors carry. A member that is {@code null} is the same as absent, as in the
 * configuration files of Hugging Face.
 *
 * @param place file and path of this object, as in {@code "config.json: rope_scaling"}
 */
public record Fields(String place, Json.Obj object) {
    /** The object in a file. */
    public static Fields read(Path file) {
        return of(String.valueOf(file.getFileName()), Json.read(file));
    }

    /** {@code json} as an object. @throws ModelFormatException if it is something else */
    public static Fields of(String place, Json json) {
        if (json instanceof Json.Obj object) {
            return new Fields(place, object);
        }
        throw new ModelFormatException(place, "expected an object, found " + json.kind());
    }

    /** The member, absent if it is null or not there. */
    public Optional<Json> get(String name) {
        Json value = object.members().get(name);
        return value == null || value instanceof Json.Null ? Optional.empty() : Optional.of(value);
    }

    /** Whether the member is there and not null. */
    public boolean has(String name) {
        return get(name).isPresent();
    }

    /** Where a member stands, for errors. */
    public String at(String name) {
        return place + (place.endsWith(".json") ? ": " : ".") + name;
    }

    /** A member of type object. */
    public Optional<Fields> fields(String name) {
        return get(name).map(v -> of(at(name), v));
    }

    /** A member of type array. */
    public Optional<List<Json>> array(String name) {
        return get(name).map(v -> {
            if (v instanceof Json.Arr array) {
                return array.elements();
            }
            throw wrong(name, "an array", v);
        });
    }

    /** A member of type string. */
    public Optional<String> string(String name) {
        return get(name).map(v -> {
            if (v instanceof Json.Str string) {
                return string.value();
            }
            throw wrong(name, "a string", v);
        });
    }

    /** An array of strings. */
    public Optional<List<String>> strings(String name) {
        return array(name).map(list -> {
            List<String> values = new ArrayList<>();
            for (Json element : list) {
                if (!(element instanceof Json.Str(String value))) {
                    throw wrong(name + "[" + values.size() + "]", "a string", element);
                }
                values.add(value);
            }
            return List.copyOf(values);
        });
    }

    /** A member that is an int; a whole number written as 4.0 counts. */
    public OptionalInt integer(String name) {
        return get(name).map(v -> OptionalInt.of(asInt(name, v))).orElse(OptionalInt.empty());
    }

    /** An int that must be there. */
    public int requiredInteger(String name) {
        return integer(name)
                .orElseThrow(() -> new ModelFormatException(at(name), "expected an integer, found nothing"));
    }

    /** A member that is a number. */
    public OptionalDouble number(String name) {
        return get(name).map(v -> OptionalDouble.of(asDouble(name, v))).orElse(OptionalDouble.empty());
    }

    /** A member that is a boolean, or {@code otherwise}. */
    public boolean flag(String name, boolean otherwise) {
        return get(name)
                .map(v -> {
                    if (v instanceof Json.Bool bool) {
                        return bool.value();
                    }
                    throw wrong(name, "true or false", v);
                })
                .orElse(otherwise);
    }

    /** An array of numbers. */
    public Optional<List<Double>> numbers(String name) {
        return array(name).map(list -> {
            List<Double> values = new ArrayList<>();
            for (Json element : list) {
                values.add(asDouble(name + "[" + values.size() + "]", element));
            }
            return List.copyOf(values);
        });
    }

    /** One int or an array of ints; empty if absent. */
    public int[] integers(String name) {
        Optional<Json> value = get(name);
        if (value.isEmpty()) {
            return new int[0];
        }
        List<Json> list = value.get() instanceof Json.Arr array ? array.elements() : List.of(value.get());
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = asInt(name, list.get(i));
        }
        return values;
    }

    /** The error for a member of the wrong kind. */
    public ModelFormatException wrong(String name, String expected, Json found) {
        return new ModelFormatException(at(name), "expected " + expected + ", found " + found.kind());
    }

    private int asInt(String name, Json v) {
        if (v instanceof Json.Int i && i.value() == (int) i.value()) {
            return (int) i.value();
        }
        if (v instanceof Json.Real r && r.value() == (int) r.value()) {
            return (int) r.value();
        }
        throw wrong(name, "an integer of 32 bits", v);
    }

    /** Transformers 5 writes numbers that JSON hasn't as {@code {"__float__": "Infinity"}}. */
    private double asDouble(String name, Json v) {
        return switch (v) {
            case Json.Int i -> i.value();
            case Json.Real r -> r.value();
            case Json.Obj o
            when o.members().get("__float__") instanceof Json.Str(String text) ->
                switch (text) {
                    case "Infinity" -> Double.POSITIVE_INFINITY;
                    case "-Infinity" -> Double.NEGATIVE_INFINITY;
                    case "NaN" -> Double.NaN;
                    default -> throw wrong(name, "a number", v);
                };
            default -> throw wrong(name, "a number", v);
        };
    }
}
