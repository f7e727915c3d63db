package dev.hearth.format;

import java.util.List;

/** Writes GGUF files for tests, by the specification and independent of the reader; told to, wrong ones too. */
final class GgufWriter {
    /** An array as a metadata value: the kind of its elements, and those. */
    record Array(GgufType element, List<?> values) {}

    private final LittleEndian keys = new LittleEndian();
    private final LittleEndian infos = new LittleEndian();
    private final LittleEndian data = new LittleEndian();
    private long keyCount;
    private long tensorCount;
    private long version = 3;
    private long alignment = 32;

    GgufWriter version(long version) {
        this.version = version;
        return this;
    }

    /** Pads by this and says so. */
    GgufWriter alignment(long alignment) {
        this.alignment = alignment;
        return value("general.alignment", GgufType.UINT32, alignment);
    }

    GgufWriter keyCount(long count) {
        this.keyCount = count;
        return this;
    }

    GgufWriter tensorCount(long count) {
        this.tensorCount = count;
        return this;
    }

    /** Integers as Long, floats as Float or Double, then Boolean, String and {@link Array}. */
    GgufWriter value(String key, GgufType type, Object value) {
        keys.string(key).int32(type.id);
        put(keys, type, value);
        keyCount++;
        return this;
    }

    /** A key whose kind and value are what {@code raw} says. */
    GgufWriter raw(String key, LittleEndian raw) {
        keys.string(key).bytes(raw.toBytes());
        keyCount++;
        return this;
    }

    /** A tensor with its data, behind those before it. */
    GgufWriter tensor(String name, int type, byte[] content, long... sizes) {
        data.pad(alignment);
        return info(name, type, data.size(), sizes).content(content);
    }

    /** A tensor's description alone; sizes outermost first. */
    GgufWriter info(String name, int type, long offset, long... sizes) {
        infos.string(name).int32(sizes.length);
        for (int i = sizes.length - 1; i >= 0; i--) {
            infos.int64(sizes[i]);
        }
        infos.int32(type).int64(offset);
        tensorCount++;
        return this;
    }

    GgufWriter content(byte[] content) {
        data.bytes(content);
        return this;
    }

    byte[] toBytes() {
        LittleEndian out = new LittleEndian();
        out.int32(0x46554747).int32(version).int64(tensorCount).int64(keyCount);
        out.bytes(keys.toBytes()).bytes(infos.toBytes());
        if (data.size() > 0) {
            out.pad(alignment).bytes(data.toBytes());
        }
        return out.toBytes();
    }

    private static void put(LittleEndian out, GgufType type, Object value) {
        switch (type) {
            case UINT8, INT8 -> out.int8((Long) value);
            case UINT16, INT16 -> out.int16((Long) value);
            case UINT32, INT32 -> out.int32((Long) value);
            case UINT64, INT64 -> out.int64((Long) value);
            case FLOAT32 -> out.int32(Float.floatToRawIntBits((Float) value));
            case FLOAT64 -> out.int64(Double.doubleToRawLongBits((Double) value));
            case BOOL -> out.int8((Boolean) value ? 1 : 0);
            case STRING -> out.string((String) value);
            case ARRAY -> {
                Array array = (Array) value;
                out.int32(array.element.id).int64(array.values.size());
                array.values.forEach(v -> put(out, array.element, v));
            }
        }
    }
}
