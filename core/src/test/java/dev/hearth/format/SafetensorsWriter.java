package dev.hearth.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes safetensors files for tests. */
public final class SafetensorsWriter {
    private final List<String> members = new ArrayList<>();
    private final LittleEndian data = new LittleEndian();

    /** A member of the header as it is to stand there. */
    SafetensorsWriter member(String json) {
        members.add(json);
        return this;
    }

    /** A tensor and its bytes. */
    public SafetensorsWriter tensor(String name, String type, byte[] content, long... shape) {
        int begin = data.size();
        data.bytes(content);
        return described(name, type, begin, data.size(), shape);
    }

    SafetensorsWriter described(String name, String type, long begin, long end, long... shape) {
        return member("%s:{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(quoted(name), type, Arrays.toString(shape), begin, end));
    }

    SafetensorsWriter content(byte[] content) {
        data.bytes(content);
        return this;
    }

    /** The file. */
    public byte[] toBytes() {
        return file("{" + String.join(",", members) + "}", data.toBytes());
    }

    /** A file of a header and data, whatever they are. */
    static byte[] file(String header, byte[] data) {
        byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
        return new LittleEndian().int64(utf8.length).bytes(utf8).bytes(data).toBytes();
    }

    /** JSON string syntax, everything outside printable ASCII escaped. */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars()
                .forEach(c -> json.append(
                        c < 0x20 || c > 0x7e || c == '"' || c == '\\' ? "\\u%04x".formatted(c) : "" + (char) c));
        return json.append('"').toString();
    }
}
