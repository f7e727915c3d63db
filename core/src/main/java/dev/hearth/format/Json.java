package dev.hearth.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * A JSON value (RFC 8259), immutable, members in the order of the text. As in Python's reader, {@code NaN} and
 * {@code Infinity} are numbers, and of a member given twice the last one counts. Nesting beyond 200 is refused.
 */
public sealed interface Json {
    /** An object; iteration is in the order of the text. */
    record Obj(Map<String, Json> members) implements Json {}

    /** An array. */
    record Arr(List<Json> elements) implements Json {}

    /** A string. */
    record Str(String value) implements Json {}

    /** A number written without fraction or exponent that fits 64 bits. */
    record Int(long value) implements Json {}

    /** Any other number. */
    record Real(double value) implements Json {}

    /** {@code true} or {@code false}. */
    record Bool(boolean value) implements Json {}

    /** {@code null}. */
    enum Null implements Json {
        /** The one value. */
        NULL
    }

    /**
     * Reads a file.
     *
     * @throws ModelFormatException if it cannot be read or isn't JSON; the place is the file's name
     */
    static Json read(Path file) {
        String place = String.valueOf(file.getFileName());
        try {
            return parse(place, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ModelFormatException(place, "cannot be read: " + e, e);
        } catch (OutOfMemoryError e) { // what readAllBytes throws above 2 GiB
            throw new ModelFormatException(place, "is too large for a JSON file", e);
        }
    }

    /** Parses text; {@code place} is what an error names. */
    static Json parse(String place, String text) {
        return parse(place, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Parses UTF-8; {@code place} is what an error names. Nothing but white space may follow the value. */
    static Json parse(String place, byte[] utf8) {
        try (JsonParser parser = Reader.FACTORY.createParser(ObjectReadContext.empty(), utf8)) {
            return Reader.document(place, parser);
        } catch (JacksonException e) {
            var at = e.getLocation();
            String where = at == null ? place : place + ": line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new ModelFormatException(where, "expected JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** What kind of value this is, in words for an error message. */
    default String kind() {
        return switch (this) {
            case Obj o -> "an object";
            case Arr a -> "an array";
            case Str s -> "\"" + (s.value.length() > 40 ? s.value.substring(0, 40) + "…" : s.value) + "\"";
            case Int i -> Long.toString(i.value);
            case Real r -> Double.toString(r.value);
            case Bool b -> Boolean.toString(b.value);
            case Null n -> "null";
        };
    }

    /** The parse itself: a stack of open containers, so that depth costs heap, never the thread's stack. */
    final class Reader {
        private static final JsonFactory FACTORY = JsonFactory.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(200)
                        .maxStringLength(64 << 20)
                        .maxNameLength(1 << 20)
                        .build())
                .build();

        private Reader() {}

        private static Json document(String place, JsonParser parser) {
            if (parser.nextToken() == null) {
                throw new ModelFormatException(place, "expected JSON, found an empty text");
            }
            Json value = value(parser);
            if (parser.nextToken() != null) {
                throw new ModelFormatException(place, "expected the end of the text after the JSON value");
            }
            return value;
        }

        /** An open container and, for an object, the name whose value comes next. */
        private static final class Open {
            final @Nullable Map<String, Json> members;
            final List<Json> elements = new ArrayList<>();
            String name = "";

            Open(boolean object) {
                members = object ? new LinkedHashMap<>() : null;
            }

            void add(Json value) {
                if (members != null) {
                    members.put(name, value);
                } else {
                    elements.add(value);
                }
            }

            Json close() {
                return members != null
                        ? new Obj(java.util.Collections.unmodifiableMap(members))
                        : new Arr(java.util.Collections.unmodifiableList(elements));
            }
        }

        private static Json value(JsonParser parser) {
            Deque<Open> open = new ArrayDeque<>();
            for (JsonToken token = parser.currentToken(); ; token = parser.nextToken()) {
                Json done = null;
                switch (token) {
                    case START_OBJECT -> open.push(new Open(true));
                    case START_ARRAY -> open.push(new Open(false));
                    case PROPERTY_NAME -> open.element().name = parser.currentName();
                    case END_OBJECT, END_ARRAY -> done = open.pop().close();
                    default -> done = scalar(parser, token);
                }
                if (done != null) {
                    if (open.isEmpty()) {
                        return done;
                    }
                    open.element().add(done);
                }
            }
        }

        private static Json scalar(JsonParser parser, JsonToken token) {
            return switch (token) {
                case VALUE_STRING -> new Str(parser.getString());
                case VALUE_NUMBER_INT ->
                    switch (parser.getNumberType()) {
                        case INT, LONG -> new Int(parser.getLongValue());
                        default -> new Real(parser.getDoubleValue());
                    };
                case VALUE_NUMBER_FLOAT -> new Real(parser.getDoubleValue());
                case VALUE_TRUE -> new Bool(true);
                case VALUE_FALSE -> new Bool(false);
                case VALUE_NULL -> Null.NULL;
                default -> throw new IllegalStateException("token " + token);
            };
        }
    }
}
