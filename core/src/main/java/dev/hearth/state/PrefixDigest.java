package dev.hearth.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.IntUnaryOperator;

/** Stands for all tokens from the first of a sequence to the end of a page, and whose they are: a SHA-256. */
record PrefixDigest(long first, long second, long third, long fourth) {
    private static final int BYTES = 32;

    /** Of sequences of a key, before their first token. */
    static PrefixDigest of(String key) {
        return digest(key.getBytes(StandardCharsets.UTF_8));
    }

    /** After another page, whose tokens begin at {@code at}. */
    PrefixDigest then(IntUnaryOperator tokens, int at) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES + Integer.BYTES * StateCache.PAGE_SIZE);
        bytes.putLong(first).putLong(second).putLong(third).putLong(fourth);
        for (int i = 0; i < StateCache.PAGE_SIZE; i++) {
            bytes.putInt(tokens.applyAsInt(at + i));
        }
        return digest(bytes.array());
    }

    private static PrefixDigest digest(byte[] bytes) {
        try {
            ByteBuffer sum =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new PrefixDigest(sum.getLong(), sum.getLong(), sum.getLong(), sum.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
