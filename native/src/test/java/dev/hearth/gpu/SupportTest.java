package dev.hearth.gpu;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.spi.CacheType;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.UnsupportedOnDeviceException;
import dev.hearth.tensor.DType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What is too large for a kernel is refused with the device's name and a remedy. */
class SupportTest {
    private static final Support SUPPORT = new Support("cuda:0");

    private static void refuses(ThrowingCallable call, String found) {
        assertThatExceptionOfType(UnsupportedOnDeviceException.class)
                .isThrownBy(call)
                .withMessageContaining("cuda:0")
                .withMessageContaining(found)
                .withMessageContaining("backend cpu");
    }

    @Test
    void longValues_areRefused() {
        SUPPORT.requireAttend(new KvLayout(1, 1, 512, 16, CacheType.F16));
        refuses(() -> SUPPORT.requireAttend(new KvLayout(1, 1, 513, 16, CacheType.F16)), "513");
    }

    @Test
    void manyExperts_areRefused() {
        SUPPORT.requireRoute(1024);
        refuses(() -> SUPPORT.requireRoute(1025), "1025");
    }

    @Test
    void longKeysOfTheDeltaRule_areRefused() {
        var sharing = DeltaSpec.Sharing.NEIGHBOURS;
        SUPPORT.requireDelta(new DeltaSpec(1, 1, 1024, 8, sharing, 0));
        refuses(() -> SUPPORT.requireDelta(new DeltaSpec(1, 1, 1025, 8, sharing, 0)), "1025");
    }

    @Test
    void activationTypes_areNoWeights() {
        refuses(() -> SUPPORT.requireWeight(DType.A8_32), "A8_32");
    }
}
