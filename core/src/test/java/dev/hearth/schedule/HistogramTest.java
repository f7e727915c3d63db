package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {
    private final Histogram histogram = new Histogram();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 7, 8, 9, 15, 16, 17, 1_000, 123_456_789, Long.MAX_VALUE / 2, Long.MAX_VALUE})
    void oneTime_isEveryPercentile(long nanos) {
        histogram.record(nanos);
        Latency latency = histogram.look();
        Duration time = Duration.ofNanos(nanos);
        assertThat(latency.count()).isOne();
        assertThat(latency.percentile(0.1)).isEqualTo(time);
        assertThat(latency.percentile(100)).isEqualTo(time);
        assertThat(latency.mean()).isEqualTo(time);
        assertThat(latency.total()).isEqualTo(time);
    }

    @Test
    void noTime_isZero() {
        Latency latency = histogram.look();
        assertThat(latency.count()).isZero();
        assertThat(latency.mean()).isZero();
        assertThat(latency.max()).isZero();
        assertThat(latency.percentile(99)).isZero();
    }

    @Test
    void timeBelowZero_countsAsZero() {
        histogram.record(-5);
        assertThat(histogram.look().count()).isOne();
        assertThat(histogram.look().total()).isZero();
    }

    @Test
    void percentiles_areAtMostAnEighthTooLong() {
        Random random = new Random(20261130);
        long[] times = new long[10_000];
        for (int i = 0; i < times.length; i++) {
            times[i] = random.nextLong(1L << random.nextInt(1, 50));
            histogram.record(times[i]);
        }
        Arrays.sort(times);
        Latency latency = histogram.look();
        for (int percent = 1; percent <= 100; percent++) {
            long exact = times[percent * times.length / 100 - 1];
            assertThat(latency.percentile(percent).toNanos()).isBetween(exact, exact + exact / 8);
        }
        assertThat(latency.total().toNanos()).isEqualTo(Arrays.stream(times).sum());
    }

    @Test
    void look_staysAsItIs() {
        histogram.record(10);
        Latency before = histogram.look();
        histogram.record(20);
        assertThat(before.count()).isOne();
        assertThat(before.max()).isEqualTo(Duration.ofNanos(10));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 100.5, Double.NaN})
    void percentile_outsideIsRefused(double percent) {
        assertThatThrownBy(() -> histogram.look().percentile(percent))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Double.toString(percent));
    }
}
