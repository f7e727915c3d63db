package dev.hearth.spi.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostMemoryTest {
    @Test
    void available_countsWhatTheKernelGivesBack() {
        String meminfo = "MemTotal:       24689216 kB\nMemFree:          512000 kB\nMemAvailable:   20000000 kB\n";
        assertThat(HostMemory.available(meminfo)).hasValue(20_000_000L * 1024);
        assertThat(HostMemory.available("MemTotal: 1 kB\n")).isEmpty();
        assertThat(HostMemory.available("MemAvailable: many kB\n")).isEmpty();
    }

    @Test
    void info_isSane() {
        assertThat(HostMemory.info().freeBytes())
                .isPositive()
                .isLessThanOrEqualTo(HostMemory.info().totalBytes());
    }
}
