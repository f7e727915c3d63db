package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.model.StateSpec;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of workloads, and the arithmetic of what they read. */
class BenchTest {
    @ParameterizedTest
    @ValueSource(strings = {"pp512", "tg128", "tg128@4", "tg128@d8192", "tg1@16@d1"})
    void workload_isWhatItsNameSays(String name) {
        assertThat(Workload.named(name).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tg", "xx5", "tg128@", "tg128@d8192@4", "tg0", "tg1@0", "pp99999999"})
    void workload_ofNoName_isRefused(String name) {
        assertThatThrownBy(() -> Workload.named(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bench: expected");
    }

    @Test
    void traffic_countsWeightsOnceAndStatesForEachSequence() {
        StateSpec kv = new StateSpec.Kv(3, 2, 8, new KvLayout.Values.Apart(8), 100);
        var traffic = new Traffic(1000, 640, 0.25, List.of(kv), CacheType.F16);
        double perPosition = 3 * 2 * 16 * 2.0;
        assertThat(traffic.stepBytes(1, 10)).isEqualTo(1000 + 160 + 10 * perPosition);
        assertThat(traffic.stepBytes(2, 10)).isCloseTo(1000 + 640 * (1 - 0.75 * 0.75) + 20 * perPosition, within(1e-6));
        assertThat(traffic.stepBytes(1, 500)).isEqualTo(1000 + 160 + 100 * perPosition); // a window
        var scaled = new Traffic(1000, 640, 0.25, List.of(kv), CacheType.INT8);
        assertThat(scaled.stepBytes(1, 10)).isEqualTo(1000 + 160 + 10 * 3 * 2 * (16 + 2 * 4.0));
    }

    @Test
    void arithmetic_countsProductsLogitsAndWhatAttentionSees() {
        var window = new AttentionSpec(4, 1, 0, 3);
        var all = new AttentionSpec(4, 1, 0, AttentionSpec.NO_WINDOW);
        var arithmetic = new Arithmetic(
                new Operations(1000, 0, 10),
                new Operations(0, 0, 500),
                List.of(new Arithmetic.Scores(window, 8), new Arithmetic.Scores(all, 4)));
        double seen = 8 * (1 + 2 + 3 + 3 + 3) + 4 * (1 + 2 + 3 + 4 + 5);
        assertThat(arithmetic.of(Workload.named("pp5"))).isEqualTo(new Operations(5000, 0, 50 + 500 + seen));
        assertThat(arithmetic.of(Workload.named("tg5"))).isEqualTo(new Operations(5000, 0, 50 + 5 * 500 + seen));
        assertThat(arithmetic.of(Workload.named("tg1@2@d9")))
                .isEqualTo(new Operations(2000, 0, 2 * (10 + 500 + 8 * 3 + 4 * 10)));
    }

    @Test
    void result_hasTheMedianAndHalfTheRange() {
        var needs = new Bench.Needs(0.2e9, new Operations(3e9, 0, 1e9));
        var limits = new Bench.Limits(20, Optional.of(new Operations(300, 200, 100)));
        var result = new Bench.Result(Workload.named("tg8"), List.of(10.0, 30.0, 20.0, 50.0), needs, limits);
        assertThat(result.tokensPerSecond()).isEqualTo(25);
        assertThat(result.spreadPercent()).isEqualTo(80);
        assertThat(result.percentOfReadLimit()).isCloseTo(50, within(1e-9));
        assertThat(result.gigaOpsPerSecond()).isEqualTo(100);
        assertThat(result.percentOfPeak().orElseThrow()).isCloseTo(100, within(1e-9));
        assertThat(result.line()).contains("tg8", "25.0", "80.0 %", "50 % of 20", "100", "100 %");
    }

    @Test
    void result_withoutAPeak_saysNothingOfIt() {
        var needs = new Bench.Needs(1, new Operations(1, 0, 1));
        var result =
                new Bench.Result(Workload.named("pp8"), List.of(10.0), needs, new Bench.Limits(20, Optional.empty()));
        assertThat(result.percentOfPeak()).isEmpty();
        assertThat(result.line()).doesNotContain("of 20");
    }
}
