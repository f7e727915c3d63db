package dev.hearth.bench;

import dev.hearth.spi.CacheType;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Numbers that a model could have, drawn from a seed: a kernel may take longer over infinities and denormals. */
final class RandomWeights {
    private final Arena arena;
    private final SplittableRandom random;

    RandomWeights(Arena arena, long seed) {
        this.arena = arena;
        this.random = new SplittableRandom(seed);
    }

    /** F32 of about unit size. */
    MemorySegment floats(long count) {
        MemorySegment memory = arena.allocate(4 * count, 64);
        for (long i = 0; i < count; i++) {
            memory.set(Tensor.FLOAT, 4 * i, random.nextFloat(-1, 1));
        }
        return memory;
    }

    /** Rows of a weight, dense. */
    MemorySegment weight(DType type, long rows, long columns) {
        long count = rows * columns;
        if (type == DType.F32) {
            return floats(count);
        }
        MemorySegment memory = arena.allocate(rows * type.bytes(columns), 64);
        switch (type) {
            case F16 -> {
                for (long i = 0; i < count; i++) {
                    memory.set(Tensor.SHORT, 2 * i, Float.floatToFloat16(random.nextFloat(-1, 1)));
                }
            }
            case BF16 -> {
                for (long i = 0; i < count; i++) {
                    memory.set(Tensor.SHORT, 2 * i, (short) (Float.floatToRawIntBits(random.nextFloat(-1, 1)) >> 16));
                }
            }
            case Q8_0, Q4_0, Q4_K, Q6_K -> blocks(type, memory);
            default -> throw new IllegalArgumentException("benchmark: no weight is of type " + type);
        }
        return memory;
    }

    /** Keys and values of {@code heads} heads of as many pages and layers, sizes as {@link CacheType#pageBytes} has them. */
    MemorySegment cache(CacheType type, long heads, long slots, long dim) {
        if (type != CacheType.INT8) {
            return weight(DType.valueOf(type.name()), heads * slots, dim);
        }
        long headBytes = type.pageBytes(slots, dim);
        MemorySegment memory = arena.allocate(heads * headBytes, 64);
        for (long at = 0; at < memory.byteSize(); at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt(-127, 128));
        }
        for (long head = 0; head < heads; head++) {
            for (long slot = 0; slot < slots; slot++) {
                long scale = head * headBytes + slots * type.bytes(dim) + slot * type.scaleBytes();
                memory.set(Tensor.FLOAT, scale, random.nextFloat(0.005f, 0.015f));
            }
        }
        return memory;
    }

    /** Codes of any bits under scales of about 1/100. */
    private void blocks(DType type, MemorySegment memory) {
        for (long at = 0; at + 2 <= memory.byteSize(); at += 2) {
            memory.set(Tensor.SHORT, at, (short) random.nextInt());
        }
        int scaleAt = type == DType.Q6_K ? 208 : 0; // ggml-common.h: d is the last field of a Q6_K block
        for (long at = scaleAt; at < memory.byteSize(); at += type.blockBytes()) {
            memory.set(Tensor.SHORT, at, Float.floatToFloat16(random.nextFloat(0.005f, 0.015f)));
            if (type == DType.Q4_K) {
                memory.set(Tensor.SHORT, at + 2, Float.floatToFloat16(random.nextFloat(0.005f, 0.015f)));
            }
        }
    }
}
