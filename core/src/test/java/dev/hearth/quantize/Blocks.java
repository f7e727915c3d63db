package dev.hearth.quantize;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RowValues;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Encodes values and reads them back as the specification does. */
final class Blocks {
    private Blocks() {}

    static byte[] encode(BlockType type, float[] x) {
        ByteBuffer out = ByteBuffer.allocate((int) type.rowBytes(x.length)).order(ByteOrder.LITTLE_ENDIAN);
        BlockEncoder encoder = type.encoder();
        for (int i = 0, at = 0; i < x.length; i += type.blockSize(), at += type.blockBytes()) {
            encoder.encode(x, i, out, at);
        }
        return out.array();
    }

    static float[] decode(BlockType type, byte[] bytes) {
        int count = bytes.length / type.blockBytes() * type.blockSize();
        float[] values = new float[count];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes.length, 64);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, data, 0, bytes.length);
            new RowValues(new HostWeight("test", DType.valueOf(type.name()), Shape.of(1, count), data)).read(0, values);
        }
        return values;
    }

    /** Sum of squared differences after encoding and decoding. */
    static double error(BlockType type, float[] x) {
        float[] back = decode(type, encode(type, x));
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double difference = (double) x[i] - back[i];
            sum += difference * difference;
        }
        return sum;
    }
}
