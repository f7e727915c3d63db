package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /* Random123 1.14, tests/kat_vectors, the lines "philox4x32 10": counter, key, words. */

    @Test
    void block_zeros() {
        assertThat(Philox.block(0, 0, 0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    }

    @Test
    void block_ones() {
        assertThat(Philox.block(-1, -1, -1, -1, -1)).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    }

    @Test
    void block_digitsOfPi() {
        assertThat(Philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0x299f31d0_a4093822L))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void uniform_takesTheUpperBitsOfTheFirstTwoWords() {
        // the vector of zeros: words 6627e8d5 and e169c58d
        assertThat(Philox.uniform(0, 0, 0, 0)).isEqualTo((0xe169c58d6627eL + 0.5) / (1L << 52));
    }

    @Test
    void uniform_differsByEachArgument() {
        Set<Double> seen = new HashSet<>();
        for (long seed : new long[] {0, 1, 1L << 32, -1}) {
            for (int choice = 0; choice < 3; choice++) {
                for (int position = 0; position < 50; position++) {
                    for (int draw = 0; draw < 3; draw++) {
                        double u = Philox.uniform(seed, choice, position, draw);
                        assertThat(u).isStrictlyBetween(0.0, 1.0);
                        seen.add(u);
                    }
                }
            }
        }
        assertThat(seen).hasSize(4 * 3 * 50 * 3);
    }

    @Test
    void uniform_fillsTheInterval() {
        int[] bins = new int[64];
        int draws = 64_000;
        for (int position = 0; position < draws; position++) {
            bins[(int) (64 * Philox.uniform(7, 0, position, 0))]++;
        }
        double chiSquare = 0;
        for (int bin : bins) {
            chiSquare += (bin - 1000.0) * (bin - 1000.0) / 1000;
        }
        assertThat(chiSquare).isBetween(29.0, 117.0); // 63 degrees of freedom, 1e-4 in either tail
    }
}
