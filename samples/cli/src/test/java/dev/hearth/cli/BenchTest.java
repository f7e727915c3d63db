package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import java.util.List;
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
    void result_hasTheMedianAndHalfTheRange() {
        var result = new Bench.Result(Workload.named("tg8"), List.of(10.0, 30.0, 20.0, 50.0), 5, 20);
        assertThat(result.tokensPerSecond()).isEqualTo(25);
        assertThat(result.spreadPercent()).isEqualTo(80);
        assertThat(result.percentOfReadLimit()).isEqualTo(25);
        assertThat(result.line()).contains("tg8", "25.0", "80.0 %", "25 % of 20.0");
    }
}
