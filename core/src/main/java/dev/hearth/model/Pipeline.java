package dev.hearth.model;

import dev.hearth.spi.Device;
import java.util.List;

/**
 * The devices that the layers of a network run on, one after another: the first also makes the layers' input, the last what follows them.
 * Immutable. Huang and others 2018, arXiv:1811.06965, for one step at a time.
 */
public final class Pipeline {
    private final List<Device> devices;
    private final List<Integer> stages; // of each layer; empty if there is one device

    private Pipeline(List<Device> devices, List<Integer> stages) {
        this.devices = devices;
        this.stages = stages;
    }

    /** Everything on one device. */
    public static Pipeline on(Device device) {
        return new Pipeline(List.of(device), List.of());
    }

    /** A model's layers on the devices that its configuration counts, each with at least one layer and all layers that share keys. */
    public static Pipeline of(ModelConfig config, List<? extends Device> devices) {
        List<Integer> stages =
                config.layers().stream().map(ModelConfig.Layer::stage).toList();
        for (int i = 0; i < stages.size(); i++) {
            int before = i == 0 ? 0 : stages.get(i - 1);
            if (stages.get(i) < before || stages.get(i) > (i == 0 ? 0 : before + 1)) {
                throw new IllegalArgumentException("pipeline: expected stages from 0 on that ascend, found " + stages);
            }
            if (stages.get(i) != before && !config.canBeginAt(i)) {
                throw new IllegalArgumentException(
                        "pipeline: expected layers on the device of those whose keys they use,"
                                + " found others from layer " + i + " on");
            }
        }
        if (stages.getLast() != devices.size() - 1) {
            throw new IllegalArgumentException(
                    "pipeline: expected " + (stages.getLast() + 1) + " devices, one a stage, found " + devices.size());
        }
        return new Pipeline(List.copyOf(devices), devices.size() == 1 ? List.of() : stages);
    }

    /** The same layers on other devices. */
    public Pipeline with(List<? extends Device> others) {
        if (others.size() != devices.size()) {
            throw new IllegalArgumentException(
                    "pipeline: expected " + devices.size() + " devices, found " + others.size());
        }
        return new Pipeline(List.copyOf(others), stages);
    }

    /** How many devices there are. */
    public int stageCount() {
        return devices.size();
    }

    /** Which device has a layer, from 0. */
    public int stageOf(int layer) {
        return stages.isEmpty() ? 0 : stages.get(layer);
    }

    /** The devices in order. */
    public List<Device> devices() {
        return devices;
    }

    /** The device that makes the first layer's input. */
    public Device first() {
        return devices.getFirst();
    }

    /** The device that has what follows the layers. */
    public Device last() {
        return devices.getLast();
    }
}
