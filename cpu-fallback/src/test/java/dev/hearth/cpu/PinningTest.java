package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.ffi.LinuxSystem;
import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.Device;
import dev.hearth.spi.host.Workers;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Phaser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Which cores engines take, and who runs where. */
class PinningTest {
    private static final List<Integer> MANY = List.of(1000, 1002, 1004, 1006); // cores that no test shares

    @Test
    void engines_keepApartWhileThereIsRoom() {
        List<Integer> first = Pinning.take(2, MANY);
        List<Integer> second = Pinning.take(2, MANY);
        assertThat(first).containsExactly(1000, 1002);
        assertThat(second).containsExactly(1004, 1006);
        List<Integer> third = Pinning.take(3, MANY);
        assertThat(third).containsExactly(1000, 1002, 1004);
        Pinning.giveBack(third);
        Pinning.giveBack(first);
        assertThat(Pinning.take(2, MANY)).containsExactly(1000, 1002);
        Pinning.giveBack(first);
        Pinning.giveBack(second);
    }

    @Test
    void fewerCoresThanThreads_areRefused() {
        assertThatThrownBy(() -> Pinning.take(5, MANY))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("each of 5 threads, found 4")
                .hasMessageContaining("unpinned");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void threads_runOnTheirCores_theCallerInItsTurnAlone() {
        LinuxSystem system = LinuxSystem.open().orElseThrow();
        BitSet before = system.affinity();
        int threads = Cores.usable().size();
        ConcurrentLinkedQueue<BitSet> seen = new ConcurrentLinkedQueue<>();
        Phaser all = new Phaser(threads);
        try (Workers workers = new Workers("cpu", threads, Optional.of(Pinning.of(threads)))) {
            try (Device.Turn _ = workers.turn()) {
                workers.run(threads, 1, (from, to) -> {
                    seen.add(system.affinity());
                    all.arriveAndAwaitAdvance();
                });
            }
            assertThat(system.affinity()).isEqualTo(before);
        }
        assertThat(seen).hasSize(threads).doesNotHaveDuplicates().allMatch(mask -> mask.cardinality() == 1);
    }
}
