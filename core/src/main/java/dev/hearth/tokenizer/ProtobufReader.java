package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The fields of one message in the wire format of Protocol Buffers, one after the other. Every length is checked before it is
 * used. Not thread-safe.
 */
final class ProtobufReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final String place;
    private final ByteBuffer in;
    private int field;
    private int wireType;

    ProtobufReader(String place, byte[] message) {
        this(place, ByteBuffer.wrap(message));
    }

    private ProtobufReader(String place, ByteBuffer in) {
        this.place = place;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes on to the next field, whose value must then be read or skipped; false at the end. */
    boolean next() {
        if (!in.hasRemaining()) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        if (tag >>> 3 == 0 || tag >>> 3 > 1 << 29 || wireType > FIXED32 || wireType == 3 || wireType == 4) {
            throw wrong("a field", "tag " + tag);
        }
        return true;
    }

    /** The number of the current field. */
    int field() {
        return field;
    }

    /** An integer, an enum's number or a flag. */
    long integer() {
        require(VARINT, "an integer");
        return varint();
    }

    boolean flag() {
        return integer() != 0;
    }

    float single() {
        require(FIXED32, "a float");
        return take(Float.BYTES).getFloat();
    }

    String string() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        ByteBuffer value = lengthDelimited();
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return bytes;
    }

    ProtobufReader message() {
        return new ProtobufReader(place, lengthDelimited());
    }

    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> take(Long.BYTES);
            case FIXED32 -> take(Integer.BYTES);
            default -> lengthDelimited();
        }
    }

    private ByteBuffer lengthDelimited() {
        require(BYTES, "bytes");
        return take(varint());
    }

    private ByteBuffer take(long length) {
        if (length < 0 || length > in.remaining()) {
            throw wrong(in.remaining() + " bytes or fewer", Long.toUnsignedString(length));
        }
        ByteBuffer value = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) length);
        return value;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (!in.hasRemaining()) {
                throw wrong("the rest of a number", "the end");
            }
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw wrong("a number of up to 10 bytes", "a longer one");
    }

    private void require(int expected, String what) {
        if (wireType != expected) {
            throw wrong(what + " in field " + field, "wire type " + wireType);
        }
    }

    private ModelFormatException wrong(String expected, String found) {
        return new ModelFormatException(place, "expected " + expected + ", found " + found);
    }
}
