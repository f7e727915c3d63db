package dev.hearth.model;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.RopeSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which state group and which rotation each layer uses: layers with the same window and heads on one device share a group, layers with the
 * same rotary settings one rotation. Immutable.
 */
public final class LayerPlan {
    /**
     * One layer's share.
     *
     * @param group index of its state group
     * @param indexInGroup its place there
     * @param rope empty where positions are not encoded
     */
    public record Entry(AttentionSpec attention, Optional<RopeSpec> rope, int group, int indexInGroup) {}

    /**
     * A recurrent layer's share.
     *
     * @param group index of its state group
     * @param indexInGroup its place there
     */
    public record Recurrent(int group, int indexInGroup) {}

    private record Group(int window, int headCount, int headDim, KvLayout.Values values, int stage) {}

    /** The setting of a configuration that says how many F32 numbers a recurrent layer keeps. */
    public static final String RECURRENT_SIZE = "recurrent_size";

    private final List<Optional<Entry>> entries = new ArrayList<>();
    private final List<Optional<Recurrent>> recurrent = new ArrayList<>();
    private final List<StateSpec> groups = new ArrayList<>();

    /** The plan for a model. */
    public LayerPlan(ModelConfig c) {
        Map<RopeKey, RopeSpec> ropes = new HashMap<>();
        Map<Group, Integer> layersByGroup = new LinkedHashMap<>();
        for (ModelConfig.Layer layer : c.layers()) {
            if (layer.mixer().attends()) {
                layersByGroup.merge(group(layer), 1, Integer::sum);
            }
        }
        List<Group> known = List.copyOf(layersByGroup.keySet());
        layersByGroup.forEach(
                (g, count) -> groups.add(new StateSpec.Kv(count, g.headCount, g.headDim, g.values, g.window, g.stage)));
        int[] used = new int[known.size()];
        for (ModelConfig.Layer layer : c.layers()) {
            if (!layer.mixer().attends()) {
                entries.add(Optional.empty());
                continue;
            }
            int group = known.indexOf(group(layer));
            Optional<RopeSpec> rope = layer.rope()
                    .map(r -> ropes.computeIfAbsent(
                            new RopeKey(r, layer.headDim()), k -> r.spec(layer.headDim(), c.contextLength())));
            AttentionSpec attention = new AttentionSpec(
                            c.headCount(), c.attentionScale(), c.attentionSoftcap(), layer.window())
                    .withChunk(layer.chunk());
            AttentionSpec seen = c.bothWays() ? attention.bothWays() : attention;
            entries.add(Optional.of(new Entry(seen, rope, group, used[group]++)));
        }
        planRecurrent(c);
    }

    private void planRecurrent(ModelConfig c) {
        int stage = -1; // of the last layer that recurs
        int count = 0;
        for (ModelConfig.Layer layer : c.layers()) {
            if (!layer.mixer().recurs()) {
                recurrent.add(Optional.empty());
                continue;
            }
            if (layer.stage() != stage) {
                stage = layer.stage();
                count = 0;
                groups.add(new StateSpec.Recurrent(0, c.size(RECURRENT_SIZE), stage));
            }
            recurrent.add(Optional.of(new Recurrent(groups.size() - 1, count++)));
            groups.set(groups.size() - 1, new StateSpec.Recurrent(count, c.size(RECURRENT_SIZE), stage));
        }
    }

    private record RopeKey(RopeConfig rope, int headDim) {}

    private static Group group(ModelConfig.Layer layer) {
        return new Group(layer.window(), layer.kvHeadCount(), layer.headDim(), layer.values(), layer.stage());
    }

    /** A layer's share. @throws IllegalArgumentException if the layer doesn't attend */
    public Entry layer(int index) {
        return entries.get(index)
                .orElseThrow(() -> new IllegalArgumentException("plan: layer " + index + " has no attention"));
    }

    /** A recurrent layer's share. @throws IllegalArgumentException if the layer keeps no state of fixed size */
    public Recurrent recurrent(int index) {
        return recurrent
                .get(index)
                .orElseThrow(() -> new IllegalArgumentException("plan: layer " + index + " is not recurrent"));
    }

    /** The state groups. */
    public List<StateSpec> groups() {
        return List.copyOf(groups);
    }
}
