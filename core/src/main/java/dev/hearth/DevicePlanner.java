package dev.hearth;

import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.UnsupportedOnDeviceException;
import dev.hearth.state.StateCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shares a model's layers out. A device that computes with the files' own memory, as the processor does, takes all; others need room for
 * copies of the weights. What is too large for them runs in part on the processor: the first layers, with the table of tokens, of
 * which a step reads a few rows; the last layers and the head go to the devices.
 */
final class DevicePlanner {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\..*");
    private static final int POSITIONS = 4096; // for which there is to be room where no context is asked for
    private static final int SPARE = 16; // one part of so many is left for a step's values

    private final ModelConfig config;
    private final TensorCatalog catalog;
    private final CacheType cache;
    private final OptionalInt context;
    private final OptionalLong cacheBytes;
    private final long[] layerBytes;
    private long inputBytes;
    private long outputBytes;

    DevicePlanner(
            ModelConfig config, TensorCatalog catalog, CacheType cache, OptionalInt context, OptionalLong cacheBytes) {
        this.config = config;
        this.catalog = catalog;
        this.cache = cache;
        this.context = context;
        this.cacheBytes = cacheBytes;
        this.layerBytes = new long[config.layerCount()];
        for (TensorEntry entry : catalog.entries()) {
            count(entry);
        }
        if (catalog.entry("output.weight").isEmpty()) { // the table of tokens serves as head, and may be needed twice
            outputBytes +=
                    catalog.entry("token_embd.weight").map(TensorEntry::bytes).orElse(0L);
        }
    }

    private void count(TensorEntry entry) {
        Matcher layer = LAYER.matcher(entry.name());
        if (layer.matches() && Integer.parseInt(layer.group(1)) < layerBytes.length) {
            layerBytes[Integer.parseInt(layer.group(1))] += entry.bytes();
        } else if (entry.name().startsWith("output")) {
            outputBytes += entry.bytes();
        } else {
            inputBytes += entry.bytes();
        }
    }

    /**
     * Everything on one device.
     *
     * @throws InsufficientMemoryException if the weights are larger than what is free
     */
    DevicePlan whole(Device device) {
        MemoryInfo memory = device.memory();
        long needed = device.copiesWeights()
                ? catalog.entries().stream().mapToLong(TensorEntry::bytes).sum()
                : catalog.madeBytes();
        if (needed > memory.freeBytes()) {
            String found = mib(memory.freeBytes()) + " are free";
            throw new InsufficientMemoryException(catalog.place() + ": "
                    + (device.copiesWeights()
                            ? mib(needed) + " of weights go to " + device.name() + ", of which " + found
                                    + "; encode them smaller, or leave the choice of a device to the engine"
                            : mib(needed) + " of weights have to be made in memory, but " + found
                                    + "; use a model whose weights are not packed, or free memory"));
        }
        return new DevicePlan(
                config, List.of(device), new MemoryInfo(memory.totalBytes(), memory.freeBytes() - needed));
    }

    /**
     * The last layers on the devices, as many as fit or as are asked for, the others on the processor.
     *
     * @param asked how many layers go to the devices; empty for as many as fit
     * @throws InsufficientMemoryException if not one layer fits, or not as many as asked
     * @throws UnsupportedOnDeviceException if the layers that are asked for use keys of one that isn't among them
     */
    DevicePlan split(Device processor, List<Device> devices, OptionalInt asked) {
        int first = Math.max(0, config.layerCount() - asked.orElse(config.layerCount()));
        if (first < config.layerCount() && !config.canBeginAt(first)) {
            throw new UnsupportedOnDeviceException(apart(first));
        }
        List<Device> used = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        int end = config.layerCount();
        for (int count = 1; count <= devices.size() && end > first; count++) { // as few devices as will do
            used.clear();
            starts.clear();
            end = fill(devices.subList(0, count), first, used, starts);
        }
        if (used.isEmpty() && first < config.layerCount() || asked.isPresent() && end > first) {
            throw new InsufficientMemoryException(arithmetic(devices, asked, config.layerCount() - end));
        }
        if (end > 0) {
            used.addFirst(processor);
            starts.addFirst(0);
        }
        return plan(used, starts);
    }

    /** Gives each device, from the last, as many layers as fit; returns the first layer that has a device. */
    private int fill(List<Device> devices, int first, List<Device> used, List<Integer> starts) {
        int end = config.layerCount();
        for (Device device : devices.reversed()) {
            int start = end;
            for (int next = end - 1; next >= first && fits(device, next, end); next--) {
                start = config.canBeginAt(next) ? next : start;
            }
            if (start < end) {
                used.addFirst(device);
                starts.addFirst(start);
                end = start;
            }
        }
        return end;
    }

    /** Whether a plan leaves a context that is of use, or the one that was asked for, and a cache that is there. */
    boolean isRoomy(MemoryPlan plan, MemoryInfo memory) {
        return plan.cacheBytes() <= memory.freeBytes()
                && (context.isPresent() || plan.contextLength() >= Math.min(config.contextLength(), POSITIONS));
    }

    private DevicePlan plan(List<Device> devices, List<Integer> starts) {
        List<Integer> stages = new ArrayList<>();
        for (int layer = 0; layer < config.layerCount(); layer++) {
            int stage = stages.isEmpty() ? 0 : stages.getLast();
            boolean next = stage + 1 < starts.size() && starts.get(stage + 1) == layer;
            stages.add(next ? stage + 1 : stage);
        }
        ModelConfig staged = config.withStages(stages);
        List<StateSpec> states = new LayerPlan(staged).groups();
        double all = StateCache.bytes(states, cache, StateCache.PAGE_SIZE);
        double free = Double.MAX_VALUE;
        long total = 0;
        for (int stage = 0; stage < devices.size(); stage++) {
            int end = stage + 1 < starts.size() ? starts.get(stage + 1) : config.layerCount();
            MemoryInfo memory = devices.get(stage).memory();
            long left = memory.freeBytes() - weightBytes(devices.get(stage), starts.get(stage), end);
            double share = StateCache.bytes(of(stage, states), cache, StateCache.PAGE_SIZE) / all;
            free = share > 0 ? Math.min(free, left / share) : free;
            total += memory.totalBytes();
        }
        return new DevicePlan(staged, devices, new MemoryInfo(total, (long) free));
    }

    private boolean fits(Device device, int first, int end) {
        long free = device.memory().freeBytes();
        return weightBytes(device, first, end) + stateBytes(first, end) <= free - free / SPARE;
    }

    private long weightBytes(Device device, int first, int end) {
        if (!device.copiesWeights()) {
            return catalog.madeBytes();
        }
        long bytes = (first == 0 ? inputBytes : 0) + (end == config.layerCount() ? outputBytes : 0);
        for (int i = first; i < end; i++) {
            bytes += layerBytes[i];
        }
        return bytes;
    }

    /** The layers' part of the cache, if its size is asked for; else twice what one sequence needs, as half of what is free becomes cache. */
    private long stateBytes(int first, int end) {
        List<Integer> stages = new ArrayList<>(Collections.nCopies(first, 0));
        stages.addAll(Collections.nCopies(end - first, 1));
        stages.addAll(Collections.nCopies(config.layerCount() - end, 2));
        List<StateSpec> states = new LayerPlan(config.withStages(stages)).groups();
        long positions = context.orElse(Math.min(config.contextLength(), POSITIONS));
        long part = StateCache.bytes(of(1, states), cache, positions);
        return cacheBytes.isEmpty()
                ? 2 * part
                : (long) ((double) cacheBytes.getAsLong() * part / StateCache.bytes(states, cache, positions));
    }

    private static List<StateSpec> of(int stage, List<StateSpec> states) {
        return states.stream().filter(s -> s.stage() == stage).toList();
    }

    private String apart(int first) {
        int before = first;
        while (!config.canBeginAt(before)) {
            before--;
        }
        return catalog.place() + ": the last " + (config.layerCount() - first)
                + " layers should go to the devices, but use keys of earlier ones; ask for "
                + (config.layerCount() - before) + " or more";
    }

    private String arithmetic(List<Device> devices, OptionalInt asked, int fitting) {
        int last = config.layerCount() - 1;
        StringBuilder free = new StringBuilder();
        for (Device device : devices) {
            free.append(free.isEmpty() ? "" : ", ")
                    .append(mib(device.memory().freeBytes()))
                    .append(" on ")
                    .append(device.name());
        }
        return catalog.place() + ": " + (asked.isPresent() ? asked.getAsInt() + " layers" : "the last layer")
                + " should go to the devices, " + fitting + " fit: the last takes " + mib(layerBytes[last])
                + ", the head "
                + mib(outputBytes) + ", keys and values of a layer " + mib(stateBytes(last, last + 1)) + "; free are "
                + free
                + "; ask for fewer layers there, a shorter context, or a smaller cache";
    }

    private static String mib(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
