package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** Turns F32 values into blocks of one type. Keeps scratch memory, so one thread at a time uses an encoder. */
public interface BlockEncoder {
    /**
     * Encodes one block.
     *
     * @param x values, all finite; the block's are those from {@code from} on
     * @param out little-endian; gets the block's bytes from index {@code at} on, whatever its position
     * @throws ArithmeticException if the values exceed what the type can hold
     */
    void encode(float[] x, int from, ByteBuffer out, int at);
}
