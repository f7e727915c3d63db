package dev.hearth.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a GGUF file: typed values by key. The file is checked as a whole when it is opened; values are decoded when
 * asked for, so that a vocabulary nobody reads costs nothing. Safe for all threads; unusable once the file is closed.
 *
 * <p>Text that is not UTF-8 is read with U+FFFD in place of what is wrong, since published vocabularies contain such tokens.
 */
public final class GgufMetadata {
    /** Values of one array that {@link #json} makes objects of: enough for any vocabulary. */
    private static final int MOST_JSON_ELEMENTS = 1 << 21;

    private static final int MOST_KEYS = 1 << 16;
    private static final int MOST_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

    /** Where a value begins and ends; an array begins with its first element, of kind {@code element}. */
    private record Slot(GgufType type, @Nullable GgufType element, long count, long offset, long end) {
        String shown() {
            return element == null ? type.shown() : "array of " + count + " " + element.shown();
        }
    }

    private final String place;
    private final MemorySegment bytes;
    private final Map<String, Slot> slots = new LinkedHashMap<>();

    /** Reads {@code count} keys from the cursor, which then stands behind them. */
    GgufMetadata(GgufCursor cursor, long count) {
        place = cursor.place();
        bytes = cursor.bytes();
        if (count > MOST_KEYS) {
            throw cursor.broken("expected at most " + MOST_KEYS + " keys, found " + count);
        }
        for (long i = 0; i < count; i++) {
            String key = cursor.name("key " + i);
            GgufType type = cursor.type(TensorTable.shown(key));
            long start = cursor.position();
            cursor.skip(type, TensorTable.shown(key));
            if (slots.putIfAbsent(key, slot(type, start, cursor.position())) != null) {
                throw new ModelFormatException(at(key), "expected this key once, found it twice");
            }
        }
    }

    /** Keys in the order of the file. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(slots.keySet());
    }

    /** Whether there is a value, of whatever kind. */
    public boolean has(String key) {
        return slots.containsKey(key);
    }

    /** The kind of a value in words, such as {@code "uint32"} or {@code "array of 151936 string"}; empty without one. */
    public Optional<String> kind(String key) {
        return Optional.ofNullable(slots.get(key)).map(Slot::shown);
    }

    /** Where a value stands, for errors: {@code "model.gguf: general.architecture"}. */
    public String at(String key) {
        return place + ": " + TensorTable.shown(key);
    }

    /** A string. @throws ModelFormatException if the value is something else */
    public Optional<String> string(String key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return Optional.empty();
        }
        if (slot.type != GgufType.STRING) {
            throw wrong(key, "a string", slot.shown());
        }
        return Optional.of(text(key, slot.offset));
    }

    /** A string that must be there. @throws ModelFormatException if it isn't */
    public String requiredString(String key) {
        return string(key).orElseThrow(() -> wrong(key, "a string", "nothing"));
    }

    /** An integer of any width, signed or not. @throws ModelFormatException if the value is none or exceeds 63 bits */
    public OptionalLong longInteger(String key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return OptionalLong.empty();
        }
        if (!slot.type.isInteger()) {
            throw wrong(key, "an integer", slot.shown());
        }
        return OptionalLong.of(integerAt(key, slot.type, slot.offset));
    }

    /** An integer of any width, signed or not. @throws ModelFormatException if the value is none or exceeds an int */
    public OptionalInt integer(String key) {
        OptionalLong value = longInteger(key);
        return value.isEmpty() ? OptionalInt.empty() : OptionalInt.of(narrow(key, value.getAsLong()));
    }

    /** An int that must be there. @throws ModelFormatException if it isn't */
    public int requiredInteger(String key) {
        return integer(key).orElseThrow(() -> wrong(key, "an integer", "nothing"));
    }

    /** A floating-point number or an integer. @throws ModelFormatException if the value is neither */
    public OptionalDouble number(String key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return OptionalDouble.empty();
        }
        if (!isNumber(slot.type)) {
            throw wrong(key, "a number", slot.shown());
        }
        return OptionalDouble.of(numberAt(key, slot.type, slot.offset));
    }

    /** A boolean, or {@code otherwise} where there is none. @throws ModelFormatException if the value is something else */
    public boolean flag(String key, boolean otherwise) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return otherwise;
        }
        if (slot.type != GgufType.BOOL) {
            throw wrong(key, "a bool", slot.shown());
        }
        return flagAt(key, slot.offset);
    }

    /** An array of strings. @throws ModelFormatException if the value is something else */
    public Optional<List<String>> strings(String key) {
        Slot slot = array(key, "an array of strings", GgufType.STRING);
        if (slot == null) {
            return Optional.empty();
        }
        long size = slot.end - slot.offset;
        if (size > MOST_ARRAY_LENGTH) {
            throw wrong(key, "at most " + MOST_ARRAY_LENGTH + " bytes of strings", Long.toString(size));
        }
        // one copy of the whole is several times faster than one for each of 150,000 tokens
        byte[] utf8 = bytes.asSlice(slot.offset, size).toArray(ValueLayout.JAVA_BYTE);
        ByteBuffer sizes = ByteBuffer.wrap(utf8).order(ByteOrder.LITTLE_ENDIAN);
        String[] values = new String[length(key, slot)];
        int at = 0;
        for (int i = 0; i < values.length; i++) {
            int count = (int) sizes.getLong(at);
            values[i] = new String(utf8, at + 8, count, StandardCharsets.UTF_8);
            at += 8 + count;
        }
        return Optional.of(List.of(values));
    }

    /** One integer or an array of them; empty if absent. @throws ModelFormatException if it is something else or not an int */
    public int[] integers(String key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return new int[0];
        }
        if (slot.type.isInteger()) {
            return new int[] {narrow(key, integerAt(key, slot.type, slot.offset))};
        }
        GgufType element = slot.element;
        if (element == null || !(element.isInteger() || slot.count == 0)) {
            throw wrong(key, "an integer or an array of integers", slot.shown());
        }
        int[] values = new int[length(key, slot)];
        for (int i = 0; i < values.length; i++) {
            values[i] = narrow(key, integerAt(key, element, slot.offset + (long) i * element.leastBytes));
        }
        return values;
    }

    /** An array of numbers as floats. @throws ModelFormatException if the value is something else */
    public Optional<float[]> floats(String key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return Optional.empty();
        }
        GgufType element = slot.element;
        if (element == null || !(isNumber(element) || slot.count == 0)) {
            throw wrong(key, "an array of numbers", slot.shown());
        }
        float[] values = new float[length(key, slot)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) numberAt(key, element, slot.offset + (long) i * element.leastBytes);
        }
        return Optional.of(values);
    }

    /** An array of booleans. @throws ModelFormatException if the value is something else */
    public Optional<boolean[]> flags(String key) {
        Slot slot = array(key, "an array of bools", GgufType.BOOL);
        if (slot == null) {
            return Optional.empty();
        }
        boolean[] values = new boolean[length(key, slot)];
        for (int i = 0; i < values.length; i++) {
            values[i] = flagAt(key, slot.offset + i);
        }
        return Optional.of(values);
    }

    /**
     * A value of any kind, arrays of arrays too. An unsigned integer above 63 bits becomes a {@link Json.Real}.
     *
     * @throws ModelFormatException if it has over 2 million elements, or a bool is neither 0 nor 1
     */
    public Optional<Json> json(String key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return Optional.empty();
        }
        // an array's own offset lies before its kind and count, which the tree reads again
        long start = slot.element == null ? slot.offset : slot.offset - GgufType.ARRAY.leastBytes;
        return Optional.of(new Tree(key, start).value(slot.type));
    }

    /** A value with its kind before it, as it lies in the file. */
    MemorySegment encoded(String key) {
        Slot slot = Objects.requireNonNull(slots.get(key), key);
        long start = slot.element == null ? slot.offset : slot.offset - GgufType.ARRAY.leastBytes;
        return bytes.asSlice(start - 4, slot.end - start + 4); // the kind's id stands before the value
    }

    /** Makes a tree of one value. The cursor's walk has shown that it is well formed and not too deep. */
    private final class Tree {
        private final String key;
        private long at;
        private int left = MOST_JSON_ELEMENTS;

        Tree(String key, long at) {
            this.key = key;
            this.at = at;
        }

        Json value(GgufType type) {
            long start = at;
            switch (type) {
                case STRING -> {
                    at += 8 + bytes.get(GgufCursor.LONG, at);
                    return new Json.Str(text(key, start));
                }
                case ARRAY -> {
                    return array();
                }
                default -> at += type.leastBytes;
            }
            if (type == GgufType.BOOL) {
                return new Json.Bool(flagAt(key, start));
            }
            long bits = type.isInteger() ? rawInteger(type, start) : 0;
            if (type == GgufType.UINT64 && bits < 0) {
                return new Json.Real(((bits >>> 1) | (bits & 1)) * 2.0); // halved, the lost bit kept for rounding
            }
            return type.isInteger() ? new Json.Int(bits) : new Json.Real(numberAt(key, type, start));
        }

        private Json array() {
            GgufType element = elementType(at);
            long count = bytes.get(GgufCursor.LONG, at + 4);
            if (count > left) {
                throw wrong(key, "at most " + MOST_JSON_ELEMENTS + " elements", "more");
            }
            left -= (int) count;
            at += GgufType.ARRAY.leastBytes;
            List<Json> elements = new ArrayList<>((int) count);
            for (long i = 0; i < count; i++) {
                elements.add(value(element));
            }
            return new Json.Arr(Collections.unmodifiableList(elements));
        }
    }

    private GgufType elementType(long array) {
        return GgufType.of(bytes.get(GgufCursor.INT, array)).orElseThrow(); // the cursor has met it already
    }

    private Slot slot(GgufType type, long start, long end) {
        if (type != GgufType.ARRAY) {
            return new Slot(type, null, 1, start, end);
        }
        GgufType element = elementType(start);
        return new Slot(type, element, bytes.get(GgufCursor.LONG, start + 4), start + type.leastBytes, end);
    }

    /** The array under this key, null if there is no value. An empty array passes as one of any kind. */
    private @Nullable Slot array(String key, String expected, GgufType element) {
        Slot slot = slots.get(key);
        if (slot != null && (slot.element == null || (slot.element != element && slot.count > 0))) {
            throw wrong(key, expected, slot.shown());
        }
        return slot;
    }

    private int length(String key, Slot slot) {
        if (slot.count > MOST_ARRAY_LENGTH) {
            throw wrong(key, "at most " + MOST_ARRAY_LENGTH + " elements", Long.toString(slot.count));
        }
        return (int) slot.count;
    }

    private String text(String key, long at) {
        long count = bytes.get(GgufCursor.LONG, at);
        if (count > MOST_ARRAY_LENGTH) {
            throw wrong(key, "a string of at most " + MOST_ARRAY_LENGTH + " bytes", Long.toString(count));
        }
        byte[] utf8 = new byte[(int) count];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at + 8, utf8, 0, utf8.length);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private boolean flagAt(String key, long at) {
        byte value = bytes.get(ValueLayout.JAVA_BYTE, at);
        if (value != 0 && value != 1) {
            throw wrong(key, "a bool of 0 or 1", Integer.toString(value & 0xff));
        }
        return value == 1;
    }

    private static boolean isNumber(GgufType type) {
        return type.isInteger() || type == GgufType.FLOAT32 || type == GgufType.FLOAT64;
    }

    private double numberAt(String key, GgufType type, long at) {
        return switch (type) {
            case FLOAT32 -> Float.intBitsToFloat(bytes.get(GgufCursor.INT, at));
            case FLOAT64 -> Double.longBitsToDouble(bytes.get(GgufCursor.LONG, at));
            default -> integerAt(key, type, at);
        };
    }

    private long integerAt(String key, GgufType type, long at) {
        long value = rawInteger(type, at);
        if (type == GgufType.UINT64 && value < 0) {
            throw wrong(key, "an integer of 63 bits", Long.toUnsignedString(value));
        }
        return value;
    }

    private long rawInteger(GgufType type, long at) {
        return switch (type) {
            case UINT8 -> bytes.get(ValueLayout.JAVA_BYTE, at) & 0xffL;
            case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
            case UINT16 -> bytes.get(GgufCursor.SHORT, at) & 0xffffL;
            case INT16 -> bytes.get(GgufCursor.SHORT, at);
            case UINT32 -> bytes.get(GgufCursor.INT, at) & 0xffff_ffffL;
            case INT32 -> bytes.get(GgufCursor.INT, at);
            case UINT64, INT64 -> bytes.get(GgufCursor.LONG, at);
            default -> throw new IllegalStateException(type + " is not an integer");
        };
    }

    private int narrow(String key, long value) {
        if (value != (int) value) {
            throw wrong(key, "an integer of 32 bits", Long.toString(value));
        }
        return (int) value;
    }

    private ModelFormatException wrong(String key, String expected, String found) {
        return new ModelFormatException(at(key), "expected " + expected + ", found " + found);
    }
}
