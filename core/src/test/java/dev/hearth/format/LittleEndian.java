package dev.hearth.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes put one after another, least significant first. */
final class LittleEndian {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    LittleEndian int8(long value) {
        out.write((int) value);
        return this;
    }

    LittleEndian int16(long value) {
        return bytes(buffer(2).putShort((short) value).array());
    }

    LittleEndian int32(long value) {
        return bytes(buffer(4).putInt((int) value).array());
    }

    LittleEndian int64(long value) {
        return bytes(buffer(8).putLong(value).array());
    }

    LittleEndian string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return int64(utf8.length).bytes(utf8);
    }

    LittleEndian bytes(byte[] value) {
        out.writeBytes(value);
        return this;
    }

    LittleEndian pad(long alignment) {
        while (out.size() % alignment != 0) {
            out.write(0);
        }
        return this;
    }

    int size() {
        return out.size();
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
