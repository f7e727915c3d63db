package dev.hearth.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.reference.ScalarMath;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Parts of the specification that no operation shows alone. */
class SpecificationTest {
    /** Every 251st float where exp is neither zero nor infinity: over four million of them. */
    @Test
    void exp_isWithinTwoUnits() {
        double worst = 0;
        for (long bits = 0; bits < 1L << 32; bits += 251) {
            float x = Float.intBitsToFloat((int) bits);
            if (x > -104 && x < 88.72f) {
                double exact = Math.exp(x);
                worst = Math.max(worst, Math.abs(ScalarMath.exp(x) - exact) / Math.ulp((float) exact));
            }
        }
        assertThat(worst).isLessThan(2);
    }

    @Test
    void exp_saturates() {
        assertThat(ScalarMath.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(ScalarMath.exp(88.73f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(ScalarMath.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(ScalarMath.exp(-104)).isZero();
        assertThat(ScalarMath.exp(-103)).isEqualTo(Float.MIN_VALUE);
        assertThat(ScalarMath.exp(0)).isEqualTo(1);
        assertThat(ScalarMath.exp(-0f)).isEqualTo(1);
        assertThat(ScalarMath.exp(Float.NaN)).isNaN();
    }

    @Test
    void layout_hasTheOrderItSays() {
        KvLayout layout = new KvLayout(3, 2, 8, 4, CacheType.F16);
        long piece = 4 * 8 * 2; // slots * head dim * bytes
        assertThat(layout.pageBytes()).isEqualTo(3 * 2 * 2 * piece);
        assertThat(layout.pieceBytes()).containsOnly(piece).hasSize(3 * 2 * 2);
        try (Arena arena = Arena.ofConfined()) {
            Buffer pool = new HostBuffer(arena.allocate(7 * layout.pageBytes()));
            Tensor table = Tensor.of(arena.allocate(4), DType.I32, 1, 1);
            KvView first = new KvView(pool, layout, 0, table);
            assertThat(first.keyOffset(0, 0)).isZero();
            assertThat(first.keyOffset(3, 1)).isEqualTo(10 * piece);
            assertThat(first.valueOffset(0, 0)).isEqualTo(14 * piece);
            KvView last = new KvView(pool, layout, 2, table);
            assertThat(last.keyOffset(0, 0)).isEqualTo(56 * piece);
            assertThat(last.valueOffset(5, 1)).isEqualTo((56 + 14 + 7 + 5) * piece);
        }
    }

    @Test
    void layout_hasScalesBehindThePagesOfAHead() {
        KvLayout layout = new KvLayout(2, 2, 5, new KvLayout.Values.Apart(3), 4, CacheType.INT8);
        assertThat(layout.pieceBytes()).containsExactly(36, 36, 28, 28, 36, 36, 28, 28); // slots * (dim + 4)
        KvLayout inKey = new KvLayout(2, 2, 5, new KvLayout.Values.InKey(1, 3), 4, CacheType.INT8);
        assertThat(inKey.pieceBytes()).containsExactly(36, 36, 36, 36);
        try (Arena arena = Arena.ofConfined()) {
            Tensor table = Tensor.of(arena.allocate(4), DType.I32, 1, 1);
            KvView apart = new KvView(new HostBuffer(arena.allocate(3 * layout.pageBytes())), layout, 0, table);
            assertThat(apart.keyScaleOffset(2, 1)).isEqualTo(5 * 36 + 20);
            assertThat(apart.valueOffset(2, 1)).isEqualTo(6 * 36 + 5 * 28);
            assertThat(apart.valueScaleOffset(2, 1)).isEqualTo(6 * 36 + 5 * 28 + 12);
            KvView within = new KvView(new HostBuffer(arena.allocate(3 * inKey.pageBytes())), inKey, 1, table);
            assertThat(within.valueOffset(0, 0)).isEqualTo(6 * 36 + 1);
            assertThat(within.valueScaleOffset(1, 0)).isEqualTo(within.keyScaleOffset(1, 0));
        }
    }

    @Test
    void views_stayInsideTheirTensor() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.of(arena.allocate(6 * 16), DType.F32, 6, 4).rows(1, 4);
            assertThatThrownBy(() -> x.rows(Long.MAX_VALUE, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> x.rows(4, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> x.rows(-1, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> x.columns(Long.MAX_VALUE, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThat(x.rows(4, 0).rows()).isZero();
        }
    }
}
