package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Broken files: refused as such or read to the end, with no other exception and little memory. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class GgufHostileTest {
    private static final String REAL = "gguf/qwen3-Q4_0/tiny-qwen3-Q4_0.gguf";
    private static final long[] LIES = {
        0,
        1,
        -1,
        13,
        255,
        1 << 16,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        1L << 60,
        Long.MAX_VALUE,
        Long.MAX_VALUE - 31,
        Long.MIN_VALUE
    };

    private final byte[] real = ReferenceFiles.bytes(REAL);
    private final int headerBytes = headerBytes();

    @Test
    void truncatedAnywhereInTheHeader_isRefused() {
        Hostile hostile = new Hostile();
        for (int size = 0; size < headerBytes; size++) {
            byte[] cut = Arrays.copyOf(real, size);
            hostile.accepts("cut to " + size, 2_000_000, () -> Hostile.readAll(cut));
        }
        assertThat(hostile.accepted()).isZero();
        assertThat(hostile.refused()).isEqualTo(headerBytes).isGreaterThan(13_000);
    }

    @Test
    void truncatedAnywhereInTheData_isRefused() {
        Hostile hostile = new Hostile();
        for (int size = headerBytes; size < real.length; size += 97) {
            byte[] cut = Arrays.copyOf(real, size);
            hostile.accepts("cut to " + size, 2_000_000, () -> Hostile.readAll(cut));
        }
        assertThat(hostile.accepted()).isZero();
        assertThat(hostile.refused()).isGreaterThan(700);
    }

    @Test
    void flippedBytes_areRefusedOrRead() {
        long seed = 20_260_101;
        Random random = new Random(seed);
        Hostile hostile = new Hostile();
        for (int i = 0; i < 10_000; i++) {
            byte[] broken = real.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                broken[random.nextInt(headerBytes)] ^= (byte) (1 + random.nextInt(255));
            }
            hostile.accepts("seed " + seed + ", case " + i, 4_000_000, () -> Hostile.readAll(broken));
        }
        assertThat(hostile.accepted()).isGreaterThan(1000); // texts, mostly
        assertThat(hostile.refused()).isGreaterThan(1000);
    }

    @Test
    void lyingNumbers_areRefusedOrRead() {
        byte[] small = everyKind();
        Hostile hostile = new Hostile();
        for (int at = 4; at + 8 <= small.length; at++) {
            for (long lie : LIES) {
                byte[] broken = small.clone();
                ByteBuffer.wrap(broken).order(ByteOrder.LITTLE_ENDIAN).putLong(at, lie);
                hostile.accepts("byte " + at + " says " + lie, 1_000_000, () -> Hostile.readAll(broken));
            }
        }
        assertThat(hostile.accepted()).isGreaterThan(100);
        assertThat(hostile.refused()).isGreaterThan(1000);
    }

    @Test
    void lyingNumbersInARealFile_areRefusedOrRead() {
        long seed = 20_260_102;
        Random random = new Random(seed);
        Hostile hostile = new Hostile();
        for (int i = 0; i < 5_000; i++) {
            byte[] broken = real.clone();
            int at = random.nextInt(headerBytes - 8);
            ByteBuffer.wrap(broken).order(ByteOrder.LITTLE_ENDIAN).putLong(at, LIES[random.nextInt(LIES.length)]);
            hostile.accepts("seed " + seed + ", case " + i + ", byte " + at, 4_000_000, () -> Hostile.readAll(broken));
        }
        assertThat(hostile.accepted()).isGreaterThan(10);
        assertThat(hostile.refused()).isGreaterThan(1000);
    }

    @Test
    void noise_isRefusedOrRead() {
        long seed = 20_260_103;
        Random random = new Random(seed);
        Hostile hostile = new Hostile();
        byte[] start = new LittleEndian().int32(0x46554747).int32(3).toBytes();
        for (int i = 0; i < 10_000; i++) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            for (int at = 0;
                    at < noise.length;
                    at++) { // mostly small numbers, so that some get further than the counts
                noise[at] = random.nextInt(4) > 0 ? 0 : (byte) (noise[at] & 15);
            }
            byte[] file = new LittleEndian().bytes(start).bytes(noise).toBytes();
            hostile.accepts("seed " + seed + ", case " + i, 1_000_000, () -> Hostile.readAll(file));
        }
        assertThat(hostile.refused()).isGreaterThan(1000);
    }

    @Test
    void arraysOfEmptyArrays_costNoMoreThanTheFile() {
        LittleEndian wide = new LittleEndian().int32(9).int32(9).int64(100_000);
        for (int i = 0; i < 100_000; i++) {
            wide.int32(9).int64(0);
        }
        byte[] file = new GgufWriter().raw("wide", wide).toBytes();
        Hostile hostile = new Hostile();
        hostile.accepts("wide", 20L * file.length, () -> Hostile.readAll(file));
        assertThat(hostile.accepted()).isEqualTo(1);
    }

    private int headerBytes() {
        long dataBytes = 0;
        for (String[] row : ReferenceFiles.rows("gguf-tensors.tsv", REAL)) {
            dataBytes += (Long.parseLong(row[4]) + 31) / 32 * 32;
        }
        return (int) (real.length - dataBytes - 31); // up to 31 bytes of padding before the data may be lost unnoticed
    }

    private static byte[] everyKind() {
        var nested = new GgufWriter.Array(GgufType.INT8, List.of(1L, 2L));
        return new GgufWriter()
                .value("a", GgufType.UINT8, 1L)
                .value("b", GgufType.STRING, "text")
                .value("c", GgufType.ARRAY, new GgufWriter.Array(GgufType.ARRAY, List.of(nested, nested)))
                .value("d", GgufType.ARRAY, new GgufWriter.Array(GgufType.STRING, List.of("x", "yz")))
                .value("e", GgufType.BOOL, true)
                .value("f", GgufType.FLOAT64, 1.5)
                .alignment(8)
                .tensor("t", 0, new byte[16], 2, 2)
                .tensor("u", 8, new byte[34], 32)
                .tensor("v", 13, new byte[176], 256)
                .toBytes();
    }
}
