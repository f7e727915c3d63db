package dev.hearth.model;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.RopeSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which state group and which rotation each layer uses: layers with the same window share a group, layers with the same rotary
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

    private final List<Entry> entries = new ArrayList<>();
    private final List<StateSpec.Kv> groups = new ArrayList<>();

    /** The plan for a model. */
    public LayerPlan(ModelConfig c) {
        Map<RopeConfig, RopeSpec> ropes = new HashMap<>();
        Map<Integer, Integer> layersByWindow = new LinkedHashMap<>();
        for (ModelConfig.Layer layer : c.layers()) {
            layersByWindow.merge(layer.window(), 1, Integer::sum);
        }
        List<Integer> windows = List.copyOf(layersByWindow.keySet());
        layersByWindow.forEach(
                (window, count) -> groups.add(new StateSpec.Kv(count, c.kvHeadCount(), c.headDim(), window)));
        int[] used = new int[windows.size()];
        for (ModelConfig.Layer layer : c.layers()) {
            int group = windows.indexOf(layer.window());
            Optional<RopeSpec> rope =
                    layer.rope().map(r -> ropes.computeIfAbsent(r, key -> key.spec(c.headDim(), c.contextLength())));
            AttentionSpec attention =
                    new AttentionSpec(c.headCount(), c.attentionScale(), c.attentionSoftcap(), layer.window());
            entries.add(new Entry(attention, rope, group, used[group]++));
        }
    }

    /** A layer's share. */
    public Entry layer(int index) {
        return entries.get(index);
    }

    /** The state groups. */
    public List<StateSpec.Kv> groups() {
        return List.copyOf(groups);
    }
}
