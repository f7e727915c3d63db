package dev.hearth.model;

import dev.hearth.format.Gguf;
import dev.hearth.format.GgufMetadata;
import dev.hearth.format.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/**
 * A GGUF file's metadata under its family's prefix: {@code attention.head_count} is {@code llama.attention.head_count}. Every
 * method throws {@link ModelFormatException} for a value of another kind.
 */
public record GgufKeys(Gguf file, String prefix) {
    /** Those of the file's {@code general.architecture}. */
    static GgufKeys of(Gguf file) {
        return new GgufKeys(file, file.metadata().requiredString("general.architecture") + ".");
    }

    /** Whether the file has this key. */
    public boolean has(String key) {
        return metadata().has(prefix + key);
    }

    /** Where a key stands, for errors. */
    public String at(String key) {
        return metadata().at(prefix + key);
    }

    /** An integer that must be there. */
    public int required(String key) {
        return metadata().requiredInteger(prefix + key);
    }

    /** An integer. */
    public OptionalInt integer(String key) {
        return metadata().integer(prefix + key);
    }

    /** An integer, or {@code otherwise}. */
    public int integer(String key, int otherwise) {
        return integer(key).orElse(otherwise);
    }

    /** A number. */
    public OptionalDouble number(String key) {
        return metadata().number(prefix + key);
    }

    /** A switch, or {@code otherwise}. */
    public boolean flag(String key, boolean otherwise) {
        return metadata().flag(prefix + key, otherwise);
    }

    /** Rows of a tensor, by its name in the file. */
    public int rows(String tensor) {
        return Math.toIntExact(file.tensor(tensor).shape().rows());
    }

    /** A text. */
    public Optional<String> string(String key) {
        return metadata().string(prefix + key);
    }

    /** One integer or an array of them; empty if absent. */
    public int[] integers(String key) {
        return metadata().integers(prefix + key);
    }

    /** An array of numbers; empty if absent. */
    public List<Double> numbers(String key) {
        List<Double> values = new ArrayList<>();
        for (float value : metadata().floats(prefix + key).orElse(new float[0])) {
            values.add((double) value);
        }
        return List.copyOf(values);
    }

    /** A number above nought, {@code otherwise} if absent. */
    public double positive(String key, double otherwise) {
        double value = number(key).orElse(otherwise);
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new ModelFormatException(at(key), "expected a positive number, found " + value);
        }
        return value;
    }

    /** One number for all layers, which some files repeat for each. */
    public OptionalInt uniform(String key) {
        int[] values = integers(key);
        for (int value : values) {
            if (value != values[0]) {
                throw new ModelFormatException(
                        at(key), "expected the same number for every layer, found " + values[0] + " and " + value);
            }
        }
        return values.length == 0 ? OptionalInt.empty() : OptionalInt.of(values[0]);
    }

    /**
     * Which layers slide, by index from 0, as {@code attention.sliding_window_pattern} says: a switch a layer, or the period
     * whose last layer doesn't; without it {@code period} is that.
     */
    public IntPredicate slides(int period) {
        Optional<IntPredicate> chosen = chosen("attention.sliding_window_pattern");
        if (chosen.isPresent()) {
            return chosen.get();
        }
        int[] numbers = integers("attention.sliding_window_pattern");
        int every = Math.max(1, numbers.length == 1 ? numbers[0] : period);
        return i -> (i + 1) % every != 0;
    }

    /** The layers, by index from 0, whose switch in an array is on; empty if there is no array. */
    public Optional<IntPredicate> chosen(String name) {
        String key = prefix + name;
        if (metadata().kind(key).filter(k -> k.endsWith(" bool")).isPresent()) {
            return metadata().flags(key).map(flags -> i -> i < flags.length && flags[i]);
        }
        int[] numbers = metadata().integers(key);
        return numbers.length > 1 ? Optional.of(i -> i < numbers.length && numbers[i] != 0) : Optional.empty();
    }

    private GgufMetadata metadata() {
        return file.metadata();
    }
}
