package dev.hearth.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.Device;
import dev.hearth.spi.DeviceException;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a GPU's driver may refuse or break off, each of which ends in an exception that says what and where. */
public interface GpuFaults {
    /** The emulated driver, which the tests change. */
    Emulation emulation();

    /** As the engine opens it. */
    Backend open();

    /** As in {@code cuda:0}. */
    String deviceName();

    @AfterEach
    default void reset() {
        emulation().set("reset", 0);
    }

    private static Tensor rows(Device.Allocation memory, long count, long width) {
        return new Tensor(memory.buffer(), 0, DType.F32, Shape.of(count, width), width);
    }

    @Test
    default void noDevice_isUnavailable() {
        emulation().set("devices", 0);
        assertThatExceptionOfType(BackendUnavailableException.class)
                .isThrownBy(this::open)
                .withMessageContaining("not used")
                .withMessageContaining("expected a device");
    }

    @Test
    default void oldDriver_isUnavailable() {
        emulation().set("version", 11080);
        assertThatExceptionOfType(BackendUnavailableException.class)
                .isThrownBy(this::open)
                .withMessageContaining("older than");
    }

    @Test
    default void missingKernel_isUnavailableAndNamed() {
        emulation().set("hide:hearth_rotate", 0);
        assertThatExceptionOfType(BackendUnavailableException.class)
                .isThrownBy(this::open)
                .withMessageContaining("hearth_rotate on " + deviceName());
        assertThat(emulation().count("allocations")).isZero();
    }

    @Test
    default void tooLittleMemory_isADeviceException() {
        emulation().set("memory", 1 << 20);
        try (Backend backend = open()) {
            Device device = backend.devices().getFirst();
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> device.allocate(2 << 20))
                    .withMessageContaining("2097152 bytes on " + deviceName());
            device.allocate(1000).close(); // what fits still does
        }
    }

    @Test
    default void failedLaunch_isToldByTheFenceAndStays() {
        try (Backend backend = open()) {
            Device device = backend.devices().getFirst();
            try (Device.Allocation memory = device.allocate(64)) {
                Tensor x = rows(memory, 2, 8);
                device.ops().scale(x, 2);
                device.ops().fence().await();
                emulation().set("fail-launch", 1);
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> {
                            device.ops().scale(x, 2);
                            device.ops().fence().await();
                        })
                        .withMessageContaining(deviceName())
                        .withMessageContaining("hearth_scale");
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> device.ops().fence().await());
                emulation().set("reset", 0);
            }
        }
    }

    /** Memory that is free again: no kernel of ours may touch it, but if one did, the process goes on. */
    @Test
    default void illegalAccess_isADeviceException() {
        try (Backend backend = open()) {
            Device device = backend.devices().getFirst();
            Device.Allocation memory = device.allocate(1 << 20);
            Tensor x = rows(memory, 1 << 10, 1 << 8);
            memory.close();
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> {
                        device.ops().scale(x, 2);
                        device.ops().fence().await();
                    })
                    .withMessageContaining(deviceName())
                    .withMessageContaining("hearth_scale")
                    .withMessageContaining("illegal memory access");
            emulation().set("reset", 0);
        }
    }

    @Test
    default void foreignTensors_areRefused() {
        try (Backend backend = open();
                Arena arena = Arena.ofShared()) {
            Device device = backend.devices().getFirst();
            Tensor host = Tensor.of(arena.allocate(64, 64), DType.F32, 2, 8);
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> device.ops().scale(host, 2))
                    .withMessageContaining("expected memory of this device");
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> device.copy(host.buffer(), 0, host.buffer(), 0, 8))
                    .withMessageContaining("copy");
        }
    }

    @Test
    default void everything_isFreed() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(ValueLayout.JAVA_FLOAT, 64);
            try (Backend backend = open()) {
                Device device = backend.devices().getFirst();
                device.load(new WeightSource("kept", DType.F32, Shape.of(8, 8), data)); // left to the device
                var weight = device.load(new WeightSource("closed", DType.F32, Shape.of(8, 8), data));
                weight.close();
                weight.close();
                device.allocate(0).close();
                try (Device.Allocation host = device.allocateHost(64);
                        Device.Allocation memory = device.allocate(64)) {
                    assertThat(host.buffer()).isInstanceOf(HostBuffer.class);
                    device.copy(memory.buffer(), 0, host.buffer(), 0, 64);
                }
            }
        }
        assertThat(emulation().count("allocations")).isZero();
        assertThat(emulation().count("handles")).isZero();
    }

    /** More than is on the way at once, from memory that changes as soon as it is loaded. */
    @Test
    default void weight_isWholeHoweverSlowTheBus() {
        int count = 20 << 20;
        try (Arena arena = Arena.ofShared();
                Backend backend = open()) {
            Device device = backend.devices().getFirst();
            MemorySegment data = arena.allocate(ValueLayout.JAVA_INT, count);
            for (int i = 0; i < count; i++) {
                data.setAtIndex(ValueLayout.JAVA_INT, i, i);
            }
            emulation().set("copy-micros", 20_000);
            Weight weight = device.load(new WeightSource("large", DType.F32, Shape.of(1024, count / 1024), data));
            data.fill((byte) -1);
            GpuBuffer there = new GpuBuffer(((HostWeight) weight).data().address(), data.byteSize());
            device.copy(new HostBuffer(data), 0, there, 0, data.byteSize());
            for (int i = 0; i < count; i++) {
                if (data.getAtIndex(ValueLayout.JAVA_INT, i) != i) {
                    assertThat(data.getAtIndex(ValueLayout.JAVA_INT, i)).isEqualTo(i);
                }
            }
        }
        assertThat(emulation().count("handles")).isZero();
    }

    /** Four launches and a fence. */
    private static void step(Device device, Tensor x, float factor) {
        for (int i = 0; i < 4; i++) {
            device.ops().scale(x, factor);
        }
        device.ops().fence().await();
    }

    @Test
    default void refusedChangeOfAGraph_isToldWithTheKernel() {
        try (Backend backend = open()) {
            Device device = backend.devices().getFirst();
            try (Device.Allocation memory = device.allocate(64)) {
                Tensor x = rows(memory, 2, 8);
                for (int i = 0; i < 3; i++) {
                    step(device, x, 1);
                }
                assertThat(emulation().count("handles")).isEqualTo(2); // the graph, and what was made of it
                emulation().set("fail-graph-change", 1);
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> step(device, x, 2))
                        .withMessageContaining("ExecKernelNodeSetParams of hearth_scale on " + deviceName());
                assertThat(emulation().count("handles")).isZero();
                step(device, x, 2);
            }
        }
    }

    @Test
    default void failedLaunchInAGraph_isToldByTheFence() {
        try (Backend backend = open()) {
            Device device = backend.devices().getFirst();
            try (Device.Allocation memory = device.allocate(64)) {
                Tensor x = rows(memory, 2, 8);
                for (int i = 0; i < 4; i++) {
                    step(device, x, 1);
                }
                emulation().set("fail-launch", 3);
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> step(device, x, 1))
                        .withMessageContaining(deviceName())
                        .withMessageContaining("hearth_scale");
                emulation().set("reset", 0);
            }
        }
        assertThat(emulation().count("handles")).isZero();
    }

    /** An old driver, or one that is out of memory. */
    @Test
    default void refusedGraphs_leaveLaunchesOneByOne() {
        emulation().set("no-graphs", 1);
        long before = emulation().count("graph-launches");
        try (Backend backend = open()) {
            Device device = backend.devices().getFirst();
            try (Device.Allocation memory = device.allocate(64)) {
                for (int i = 0; i < 5; i++) {
                    step(device, rows(memory, 2, 8), 2);
                }
            }
        }
        assertThat(emulation().count("graph-launches")).isEqualTo(before);
    }
}
