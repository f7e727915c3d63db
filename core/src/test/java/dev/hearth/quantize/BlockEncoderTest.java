package dev.hearth.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every type that can be written. */
class BlockEncoderTest {
    private static final int COUNT = 1024;

    /** Half of the least positive f16 number. */
    private static final double LEAST_HALF = 0x1p-25;

    /** The most that an element may differ, as a part of the greatest magnitude of its block. */
    private static final Map<BlockType, Double> BOUNDS = Map.ofEntries(
            Map.entry(BlockType.F32, 0.0),
            Map.entry(BlockType.F16, 0.0005),
            Map.entry(BlockType.BF16, 0.004),
            Map.entry(BlockType.Q8_0, 0.0045),
            Map.entry(BlockType.Q4_0, 0.13),
            Map.entry(BlockType.Q4_1, 0.14),
            Map.entry(BlockType.Q5_0, 0.07),
            Map.entry(BlockType.Q5_1, 0.07),
            Map.entry(BlockType.Q2_K, 0.55),
            Map.entry(BlockType.Q3_K, 0.35),
            Map.entry(BlockType.Q4_K, 0.15),
            Map.entry(BlockType.Q5_K, 0.08),
            Map.entry(BlockType.Q6_K, 0.05),
            Map.entry(BlockType.IQ4_NL, 0.2),
            Map.entry(BlockType.MXFP4, 0.34));

    private static float[] uniform(long seed, int count, float scale) {
        Random draw = new Random(seed);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = scale * (2 * draw.nextFloat() - 1);
        }
        return x;
    }

    private static void assertWithin(BlockType type, float[] x, String what) {
        float[] back = Blocks.decode(type, Blocks.encode(type, x));
        int block = Math.max(type.blockSize(), 1);
        for (int i = 0; i < x.length; i++) {
            float greatest = 0;
            for (int j = i / block * block; j < (i / block + 1) * block; j++) {
                greatest = Math.max(greatest, Math.abs(x[j]));
            }
            assertThat(Math.abs((double) x[i] - back[i]))
                    .as("%s of %s: element %d, %s", what, type, i, x[i])
                    .isLessThanOrEqualTo(Objects.requireNonNull(BOUNDS.get(type)) * greatest + LEAST_HALF);
        }
    }

    @ParameterizedTest
    @EnumSource(BlockType.class)
    void encode_boundsTheErrorOfEachElement(BlockType type) {
        for (long seed = 1; seed <= 20; seed++) {
            assertWithin(type, uniform(seed, COUNT, 1), "seed " + seed);
            assertWithin(type, uniform(seed, COUNT, 3000), "seed " + seed + ", large");
            assertWithin(type, uniform(seed, COUNT, 1e-2f), "seed " + seed + ", small");
        }
    }

    @ParameterizedTest
    @EnumSource(BlockType.class)
    void encode_keepsZeros(BlockType type) {
        assertThat(Blocks.decode(type, Blocks.encode(type, new float[COUNT]))).containsOnly(0f);
    }

    @ParameterizedTest
    @EnumSource(BlockType.class)
    void encode_dependsOnTheBlockAlone(BlockType type) {
        float[] x = uniform(5, COUNT, 1);
        byte[] expected = Blocks.encode(type, x);
        BlockEncoder used = type.encoder();
        ByteBuffer scratch = ByteBuffer.allocate(expected.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long seed = 6; seed < 10; seed++) {
            float[] other = seed == 9 ? new float[COUNT] : uniform(seed, COUNT, (float) seed);
            used.encode(other, 0, scratch, 0);
            for (int i = 0, at = 0; i < COUNT; i += type.blockSize(), at += type.blockBytes()) {
                used.encode(x, i, scratch, at);
            }
            assertThat(scratch.array()).as("after seed %d", seed).isEqualTo(expected);
        }
    }

    /** Scales that f16 holds badly or not at all: nothing may become infinite, nor farther away than zero is. */
    @ParameterizedTest
    @EnumSource(BlockType.class)
    void encode_ofTinyValuesStaysFinite(BlockType type) {
        for (float scale : new float[] {1e-4f, 1e-6f, 1e-7f, 1e-9f, 1e-30f, Float.MIN_NORMAL, Float.MIN_VALUE}) {
            float[] x = uniform(3, COUNT, scale);
            float[] back = Blocks.decode(type, Blocks.encode(type, x));
            double error = 0;
            double squares = 0;
            for (int i = 0; i < COUNT; i++) {
                assertThat(back[i]).as("%s at %s", type, scale).isFinite();
                error += Math.pow((double) x[i] - back[i], 2);
                squares += Math.pow(x[i], 2);
            }
            assertThat(error).as("%s at %s", type, scale).isLessThanOrEqualTo(squares * (1 + 1e-6));
        }
    }

    @ParameterizedTest
    @EnumSource(BlockType.class)
    void encode_ofHugeValuesIsRightOrRefused(BlockType type) {
        for (float scale : new float[] {60_000, 1e6f, 1e20f, Float.MAX_VALUE}) {
            float[] x = uniform(4, COUNT, scale);
            try {
                assertWithin(type, x, "scale " + scale);
            } catch (ArithmeticException e) {
                assertThat(e).hasMessageContaining("exceeds");
                assertThat(type).isNotEqualTo(BlockType.F32);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BlockType.class)
    void encode_ofOneValueAmongZeros(BlockType type) {
        for (int place : new int[] {0, 1, 15, 16, 31, 255, 256, COUNT - 1}) {
            for (float value : new float[] {1, -1, 0.37f}) {
                float[] x = new float[COUNT];
                x[place] = value;
                float[] back = Blocks.decode(type, Blocks.encode(type, x));
                assertThat(back[place]).as("%s at %d", type, place).isBetween(value - 0.04f, value + 0.04f);
                back[place] = 0;
                for (float other : back) {
                    assertThat(other).as("%s beside %d", type, place).isBetween(-0.01f, 0.01f);
                }
            }
        }
    }

    @Test
    void bf16_roundsToEven() {
        float[] x = {1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1p-8f + 0x1p-20f, -0f};
        assertThat(Blocks.decode(BlockType.BF16, Blocks.encode(BlockType.BF16, x)))
                .containsExactly(1, 1 + 4 * 0x1p-8f, 1 + 2 * 0x1p-8f, -0f);
        assertThatThrownBy(() -> Blocks.encode(BlockType.BF16, new float[] {Float.MAX_VALUE}))
                .hasMessageContaining("use F32");
    }

    @Test
    void names_areFoundInAnyCase() {
        assertThat(Arrays.stream(BlockType.values()).map(Enum::name).map(BlockType::named))
                .doesNotContain(java.util.Optional.empty());
        assertThat(BlockType.named("q4_k")).hasValue(BlockType.Q4_K);
        assertThat(FileType.named("q4_k")).isEqualTo(FileType.Q4_K_M);
        assertThatThrownBy(() -> FileType.named("Q7"))
                .hasMessageContaining("Q6_K")
                .hasMessageContaining("found Q7");
    }
}
