package dev.hearth.format;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * A walk over JSON of known form that builds no tree, for the large tables in model files. Stricter than {@link Json}: a
 * member given twice is an error. For one thread.
 */
final class JsonCursor {
    // Names aren't pooled: there are as many as tensors, and a file could choose them to collide.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(20)
                    .maxNameLength(1 << 16)
                    .build())
            .build();

    private final String place;
    private final JsonParser parser;

    private JsonCursor(String place, JsonParser parser) {
        this.place = place;
        this.parser = parser;
    }

    /** Walks UTF-8 that holds one object; {@code member} is told each name and must consume its value. */
    static void read(String place, byte[] utf8, MemberReader member) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(place, "expected UTF-8, found something else", e);
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            JsonCursor cursor = new JsonCursor(place, parser);
            parser.nextToken();
            cursor.object(place, name -> member.read(cursor, name));
            if (parser.nextToken() != null) {
                throw new ModelFormatException(place, "expected nothing after the JSON object");
            }
        } catch (JacksonException e) {
            throw new ModelFormatException(place, "expected JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** What to do with a member of the outermost object. */
    @FunctionalInterface
    interface MemberReader {
        void read(JsonCursor cursor, String name);
    }

    /** Walks an object; {@code member} is told each name and must consume its value. */
    void object(String what, Consumer<String> member) {
        expect(JsonToken.START_OBJECT, what, "an object");
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            member.accept(name);
        }
        expect(JsonToken.END_OBJECT, what, "the end of the object");
    }

    /** The string that is the current value. */
    String string(String what) {
        expect(JsonToken.VALUE_STRING, what, "a string");
        return parser.getString();
    }

    /** The array of integers from 0 on that is the current value. */
    long[] sizes(String what, int most) {
        expect(JsonToken.START_ARRAY, what, "an array");
        long[] values = new long[Math.min(most, 4)];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(JsonToken.VALUE_NUMBER_INT, what, "integers");
            if (count == most) {
                throw wrong(what, "at most " + most + " elements", "more");
            }
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count] = parser.getLongValue();
            if (values[count] < 0) {
                throw wrong(what, "integers of at least 0", Long.toString(values[count]));
            }
            count++;
        }
        return Arrays.copyOf(values, count);
    }

    /** Passes over the current value. */
    void skip() {
        parser.skipChildren();
    }

    private void expect(JsonToken token, String what, String expected) {
        JsonToken found = parser.currentToken();
        if (found != token) {
            throw wrong(what, expected, found == null ? "the end of the text" : "\"" + shownToken() + "\"");
        }
    }

    private String shownToken() {
        String text = parser.getString();
        return text == null ? "" : TensorTable.shown(text);
    }

    private ModelFormatException wrong(String what, String expected, String found) {
        String at = what.equals(place) ? place : place + ": " + what;
        return new ModelFormatException(at, "expected " + expected + ", found " + found);
    }
}
