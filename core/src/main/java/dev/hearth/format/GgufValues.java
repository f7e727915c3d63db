package dev.hearth.format;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Metadata for a GGUF file to be written: typed values by key, in the order in which keys were first given; a key given again
 * gets the new value. Not thread-safe.
 */
public final class GgufValues {
    private final Map<String, byte[]> encoded = new LinkedHashMap<>();

    /** A string. */
    public GgufValues string(String key, String value) {
        return put(key, GgufType.STRING, text(value));
    }

    /** An unsigned 32-bit integer. @throws IllegalArgumentException if it is negative */
    public GgufValues uint32(String key, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(key + ": expected at least 0, found " + value);
        }
        return put(key, GgufType.UINT32, bytes(4, b -> b.putInt(value)));
    }

    /** A 32-bit floating-point number. */
    public GgufValues float32(String key, float value) {
        return put(key, GgufType.FLOAT32, bytes(4, b -> b.putFloat(value)));
    }

    /** True or false. */
    public GgufValues flag(String key, boolean value) {
        return put(key, GgufType.BOOL, new byte[] {(byte) (value ? 1 : 0)});
    }

    /** An array of strings. */
    public GgufValues strings(String key, List<String> values) {
        ByteArrayOutputStream out = array(GgufType.STRING, values.size());
        values.forEach(v -> out.writeBytes(text(v)));
        return put(key, GgufType.ARRAY, out.toByteArray());
    }

    /** An array of signed 32-bit integers. */
    public GgufValues int32s(String key, List<Integer> values) {
        byte[] numbers = bytes(Math.multiplyExact(4, values.size()), b -> values.forEach(b::putInt));
        return array(key, GgufType.INT32, values.size(), numbers);
    }

    /** An array of 32-bit floating-point numbers. */
    public GgufValues float32s(String key, List<Float> values) {
        byte[] numbers = bytes(Math.multiplyExact(4, values.size()), b -> values.forEach(b::putFloat));
        return array(key, GgufType.FLOAT32, values.size(), numbers);
    }

    /** An array of true and false. */
    public GgufValues flags(String key, List<Boolean> values) {
        byte[] flags = bytes(values.size(), b -> values.forEach(v -> b.put((byte) (v ? 1 : 0))));
        return array(key, GgufType.BOOL, values.size(), flags);
    }

    /**
     * What another file holds under the keys that are wanted, byte for byte.
     *
     * @throws ModelFormatException if a value is larger than 2 GiB
     */
    public GgufValues copy(GgufMetadata from, Predicate<String> wanted) {
        for (String key : from.keys()) {
            if (wanted.test(key)) {
                MemorySegment value = from.encoded(key);
                if (value.byteSize() > Integer.MAX_VALUE - 8) {
                    throw new ModelFormatException(
                            from.at(key), "expected at most 2 GiB, found " + value.byteSize() + " bytes");
                }
                encoded.put(key, value.toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return this;
    }

    /** The keys that have a value. */
    public Set<String> keys() {
        return Set.copyOf(encoded.keySet());
    }

    /** Every key, kind and value, as the file has them. */
    Map<String, byte[]> encoded() {
        return encoded;
    }

    private GgufValues array(String key, GgufType element, int count, byte[] values) {
        ByteArrayOutputStream out = array(element, count);
        out.writeBytes(values);
        return put(key, GgufType.ARRAY, out.toByteArray());
    }

    private static ByteArrayOutputStream array(GgufType element, int count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(12, b -> b.putInt(element.id).putLong(count)));
        return out;
    }

    private GgufValues put(String key, GgufType type, byte[] value) {
        encoded.put(key, bytes(4 + value.length, b -> b.putInt(type.id).put(value)));
        return this;
    }

    /** A string as the format has it. */
    static byte[] text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return bytes(8 + utf8.length, b -> b.putLong(utf8.length).put(utf8));
    }

    /** Bytes in the format's order. */
    static byte[] bytes(int size, Consumer<ByteBuffer> content) {
        byte[] bytes = new byte[size];
        content.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }
}
