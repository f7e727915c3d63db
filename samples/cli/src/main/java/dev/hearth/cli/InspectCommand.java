package dev.hearth.cli;

import dev.hearth.format.Json;
import dev.hearth.format.Loading;
import dev.hearth.format.TensorEntry;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Precision;
import dev.hearth.state.StateCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is in a model. */
@Command(name = "inspect", description = "Show what is in a model.", mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Option(names = "--tensors", description = "List every tensor.")
    private boolean tensors;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        try (ModelSource source = ModelSource.open(engineOptions.path(), Loading.MAPPED)) {
            ModelConfig config = source.config();
            List<TensorEntry> entries = source.catalog().entries();
            Map<String, Long> types = new TreeMap<>();
            entries.forEach(e -> types.merge(e.typeName(), e.bytes(), Long::sum));
            long parameters =
                    entries.stream().mapToLong(e -> e.shape().elements()).sum();
            long bytes = entries.stream().mapToLong(TensorEntry::bytes).sum();
            List<StateSpec> kept = config.bothWays() ? List.of() : new LayerPlan(config).groups();
            CacheType cache = engineOptions.cacheType().orElse(Precision.FAST.cache());
            long position = StateCache.bytes(kept, cache, StateCache.PAGE_SIZE) / StateCache.PAGE_SIZE;
            MemoryStatement memory = MemoryStatement.of(source, engineOptions);
            if (json) {
                JsonOutput.print(json(source, config, types, parameters, bytes, position, memory, entries));
            } else {
                show(source, config, types, parameters, bytes, position, cache, memory, entries);
            }
        }
        return 0;
    }

    private Json.Obj json(
            ModelSource source,
            ModelConfig c,
            Map<String, Long> types,
            long parameters,
            long bytes,
            long position,
            MemoryStatement memory,
            List<TensorEntry> entries) {
        List<Json> list = new ArrayList<>();
        for (TensorEntry e : tensors ? entries : List.<TensorEntry>of()) {
            List<Json> shape = new ArrayList<>();
            for (long size : e.shape().sizes()) {
                shape.add(new Json.Int(size));
            }
            list.add(JsonOutput.object(
                    "name", new Json.Str(e.name()), "type", new Json.Str(e.typeName()), "shape", new Json.Arr(shape)));
        }
        Map<String, Json> byType = new TreeMap<>();
        types.forEach((name, size) -> byType.put(name, new Json.Int(size)));
        return JsonOutput.object(
                "model", new Json.Str(source.place()),
                "architecture", new Json.Str(c.architecture()),
                "parameters", new Json.Int(parameters),
                "bytes", new Json.Int(bytes),
                "bytes_by_type", new Json.Obj(byType),
                "layers", new Json.Int(c.layerCount()),
                "hidden_size", new Json.Int(c.hiddenSize()),
                "heads", new Json.Int(c.headCount()),
                "kv_heads", new Json.Int(c.kvHeadCount()),
                "head_dim", new Json.Int(c.headDim()),
                "vocabulary", new Json.Int(c.vocabSize()),
                "context_length", new Json.Int(c.contextLength()),
                "kv_bytes_per_token", new Json.Int(position),
                "memory", memory.json(),
                "chat_template", new Json.Bool(source.chatTemplate().isPresent()),
                "tensors", new Json.Arr(list));
    }

    private void show(
            ModelSource source,
            ModelConfig c,
            Map<String, Long> types,
            long parameters,
            long bytes,
            long position,
            CacheType cache,
            MemoryStatement memory,
            List<TensorEntry> entries) {
        line("model", source.place());
        line("architecture", c.architecture());
        line(
                "parameters",
                String.format(
                        Locale.ROOT, "%.2f M in %.1f MiB %s", parameters / 1e6, bytes / 1048576.0, types.keySet()));
        line("layers", c.layerCount() + ", hidden " + c.hiddenSize() + ", feed-forward " + c.mlpSize());
        line("heads", c.headCount() + " of " + c.headDim() + ", keys and values " + c.kvHeadCount());
        c.moe().ifPresent(m -> line("experts", m.expertCount() + ", " + m.usedCount() + " a token"));
        line("vocabulary", String.valueOf(c.vocabSize()));
        line("context", c.contextLength() + " tokens, " + position + " bytes a token in " + cache);
        line("memory", memory.line());
        line("chat template", source.chatTemplate().isPresent() ? "yes" : "none");
        if (tensors) {
            entries.forEach(e -> System.out.printf("%-40s %-6s %s%n", e.name(), e.typeName(), e.shape()));
        }
    }

    private static void line(String name, String value) {
        System.out.printf("%-14s %s%n", name, value);
    }
}
