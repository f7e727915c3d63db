package dev.hearth.conformance;

import dev.hearth.format.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file in memory, read independently of the library's own reader: eight bytes of header size, a JSON header of
 * type, shape and offsets, the data. For reference data only: it trusts the file.
 */
final class TensorFile {
    private final String name;
    private final Map<String, Json> header;
    private final byte[] bytes;
    private final int start;

    private TensorFile(String name, Map<String, Json> header, byte[] bytes, int start) {
        this.name = name;
        this.header = header;
        this.bytes = bytes;
        this.start = start;
    }

    static TensorFile read(Path file) {
        try {
            return parse(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static TensorFile parse(String name, byte[] bytes) {
        int length = Math.toIntExact(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
        Json header = Json.parse(name, Arrays.copyOfRange(bytes, 8, 8 + length));
        return new TensorFile(name, ((Json.Obj) header).members(), bytes, 8 + length);
    }

    boolean has(String tensor) {
        return header.containsKey(tensor);
    }

    /** The sizes of a tensor. */
    int[] shape(String tensor) {
        return integers(entry(tensor).get("shape"));
    }

    /** The bytes of a tensor. */
    byte[] bytes(String tensor) {
        int[] offsets = integers(entry(tensor).get("data_offsets"));
        return Arrays.copyOfRange(bytes, start + offsets[0], start + offsets[1]);
    }

    /** An F32 tensor as rows of its innermost axis. */
    float[][] rows(String tensor) {
        expectType(tensor, "F32");
        int[] shape = shape(tensor);
        int width = shape[shape.length - 1];
        ByteBuffer data = ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
        float[][] rows = new float[data.remaining() / 4 / width][width];
        for (float[] row : rows) {
            for (int i = 0; i < width; i++) {
                row[i] = data.getFloat();
            }
        }
        return rows;
    }

    /** An I64 vector whose values fit 32 bits. */
    int[] ids(String tensor) {
        expectType(tensor, "I64");
        ByteBuffer data = ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
        int[] ids = new int[data.remaining() / 8];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.toIntExact(data.getLong());
        }
        return ids;
    }

    private void expectType(String tensor, String type) {
        Json found = entry(tensor).get("dtype");
        if (!new Json.Str(type).equals(found)) {
            throw new IllegalArgumentException(name + ": " + tensor + ": expected " + type + ", found " + found);
        }
    }

    private Map<String, Json> entry(String tensor) {
        if (header.get(tensor) instanceof Json.Obj entry) {
            return entry.members();
        }
        throw new IllegalArgumentException(name + ": expected a tensor " + tensor + ", found " + header.keySet());
    }

    private int[] integers(@org.jspecify.annotations.Nullable Json json) {
        if (json instanceof Json.Arr(List<Json> elements)) {
            return elements.stream()
                    .mapToInt(e -> Math.toIntExact(((Json.Int) e).value()))
                    .toArray();
        }
        throw new IllegalArgumentException(name + ": expected integers, found " + json);
    }
}
