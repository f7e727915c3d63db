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
 * Which state group and which rotation each layer uses: layers with the same window and heads share a group, layers with the same rotary
 * settings one rotation. Immutable.
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

    private record Group(int window, int headCount, int headDim, KvLayout.Values values) {}

    private final List<Optional<Entry>> entries = new ArrayList<>();
    private final List<StateSpec.Kv> groups = new ArrayList<>();

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
                (g, count) -> groups.add(new StateSpec.Kv(count, g.headCount, g.headDim, g.values, g.window)));
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
            entries.add(Optional.of(new Entry(attention, rope, group, used[group]++)));
        }
    }

    private record RopeKey(RopeConfig rope, int headDim) {}

    private static Group group(ModelConfig.Layer layer) {
        return new Group(layer.window(), layer.kvHeadCount(), layer.headDim(), layer.values());
    }

    /** A layer's share. @throws IllegalArgumentException if the layer doesn't attend */
    public Entry layer(int index) {
        return entries.get(index)
                .orElseThrow(() -> new IllegalArgumentException("plan: layer " + index + " has no attention"));
    }

    /** The state groups. */
    public List<StateSpec.Kv> groups() {
        return List.copyOf(groups);
    }
}
