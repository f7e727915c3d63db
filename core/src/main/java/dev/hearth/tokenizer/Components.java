package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Reads a component by its {@code type}: what the readers of normalizers, decoders and so on have in common. */
final class Components {
    private Components() {}

    /** Reads one kind of component. */
    interface Reader<T> {
        T read(Fields component);
    }

    /** @throws ModelFormatException if the type is missing or unknown; names those known */
    static <T> T read(Fields component, Map<String, Reader<T>> readers) {
        String type = type(component);
        Reader<T> reader = readers.get(type);
        if (reader == null) {
            throw new ModelFormatException(
                    component.at("type"), "expected one of " + new TreeSet<>(readers.keySet()) + ", found " + type);
        }
        return reader.read(component);
    }

    static String type(Fields component) {
        return component
                .string("type")
                .orElseThrow(() -> new ModelFormatException(component.at("type"), "expected a type, found nothing"));
    }

    /** The members of a {@code Sequence}. */
    static List<Fields> parts(Fields component, String name) {
        List<Json> list = component
                .array(name)
                .orElseThrow(() -> new ModelFormatException(component.at(name), "expected an array, found nothing"));
        List<Fields> parts = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            parts.add(Fields.of(component.at(name) + "[" + i + "]", list.get(i)));
        }
        return parts;
    }

    static String required(Fields component, String name) {
        return component
                .string(name)
                .orElseThrow(() -> new ModelFormatException(component.at(name), "expected a string, found nothing"));
    }

    /** A string of one char. */
    static char character(Fields component, String name) {
        String value = required(component, name);
        if (value.length() != 1) {
            throw new ModelFormatException(component.at(name), "expected one character, found \"" + value + "\"");
        }
        return value.charAt(0);
    }
}
