package dev.hearth.convert;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.model.GgufExport;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.Rearranged;
import dev.hearth.model.RopeConfig;
import dev.hearth.model.RopeScaling;
import dev.hearth.model.TensorRule;
import dev.hearth.quantize.DraftTensor;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.RowReader;
import dev.hearth.tensor.DType;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tensors of a GGUF file, made of those of a Hugging Face folder as a family says. */
final class ConvertedTensors {
    private static final Pattern NAME = Pattern.compile("(?:blk\\.(\\d{1,6})\\.)?(.*?)(?:\\.(?:weight|bias))?");

    /** Types whose elements stand for themselves. */
    private static final Set<DType> REARRANGED = EnumSet.of(DType.F32, DType.F16, DType.BF16);

    private final ModelConfig config;
    private final GgufExport export;
    private final List<String> notes;
    private final Arena memory;

    /** @param memory holds what no file has as it is, and outlives what is made of it */
    ConvertedTensors(ModelConfig config, GgufExport export, List<String> notes, Arena memory) {
        this.memory = memory;
        this.config = config;
        this.export = export;
        this.notes = notes;
    }

    /** Those of a catalogue that has GGUF's names, layer by layer. What has to be made is made when it is read. */
    List<DraftTensor> of(TensorCatalog catalog) {
        notes.addAll(export.notes());
        List<DraftTensor> tensors = new ArrayList<>(rotationFactors());
        List<String> further = new ArrayList<>();
        for (TensorEntry entry : catalog.entries()) {
            if (layer(entry.name()) >= config.layerCount()) {
                further.add(entry.name());
            } else if (!isTied(entry.name())) {
                tensors.addAll(converted(catalog, entry));
            }
        }
        if (!further.isEmpty()) {
            notes.add(further.size() + " tensors of layers beyond the model's " + config.layerCount()
                    + " are left out, " + further.getFirst() + " first");
        }
        if (tensors.stream().anyMatch(t -> t.name().endsWith(".scale"))) {
            notes.add("llama.cpp does not round the inputs of ternary weights, as the model and Hearth do");
        }
        tensors.sort(Comparator.comparingInt(t -> layer(t.name())));
        return tensors;
    }

    private List<DraftTensor> converted(TensorCatalog catalog, TensorEntry entry) {
        Supplier<List<TensorInfo>> parts = new Made(() -> catalog.parts(entry.name(), memory));
        float offset = entry.name().endsWith("norm.weight") ? config.normOffset() : 0;
        String tensor = matched(entry.name()).group(2);
        float factor = (float) export.factor(tensor);
        Optional<TensorRule> rule = export.rule(tensor);
        if (rule.isEmpty()) {
            return List.of(DraftTensor.computed(
                    entry.name(), entry.shape(), entry.typeName(), adjusted(offset, factor, () -> whole(parts.get()))));
        }
        if (entry.type().filter(REARRANGED::contains).isEmpty()) {
            throw new ModelFormatException(
                    catalog.place() + ": " + entry.name(),
                    "expected " + REARRANGED + " to rearrange, found " + entry.typeName());
        }
        List<DraftTensor> tensors = new ArrayList<>();
        for (Rearranged target : rule.get().apply(entry.name(), entry.shape())) {
            tensors.add(DraftTensor.computed(
                    target.name(),
                    target.shape(),
                    entry.typeName(),
                    adjusted(offset, factor, () -> new ElementReader(target, parts.get()))));
        }
        return tensors;
    }

    /** The parts of a tensor, got once, whichever thread asks first. */
    private static final class Made implements Supplier<List<TensorInfo>> {
        private final Supplier<List<TensorInfo>> source;
        private List<TensorInfo> parts = List.of();

        Made(Supplier<List<TensorInfo>> source) {
            this.source = source;
        }

        @Override
        public synchronized List<TensorInfo> get() {
            if (parts.isEmpty()) {
                parts = source.get();
            }
            return parts;
        }
    }

    /** The rows of parts, one after the other. */
    private static RowReader whole(List<TensorInfo> parts) {
        List<RowReader> readers = parts.stream().map(ModelDraft::rows).toList();
        long rows = Math.max(1, parts.getFirst().shape().rows());
        return (row, out) -> readers.get((int) (row / rows)).read(row % rows, out);
    }

    private static Supplier<RowReader> adjusted(float offset, float factor, Supplier<RowReader> rows) {
        if (offset == 0 && factor == 1) {
            return rows;
        }
        return () -> {
            RowReader reader = rows.get();
            return (row, out) -> {
                reader.read(row, out);
                for (int i = 0; i < out.length; i++) {
                    out[i] = (out[i] + offset) * factor;
                }
            };
        };
    }

    /** Some files repeat the embedding as the output matrix that it is. */
    private boolean isTied(String name) {
        return name.equals("output.weight") && export.file().flag("tie_word_embeddings", false);
    }

    /** What llama.cpp has as tensors instead of keys: by how much each frequency is divided. */
    private List<DraftTensor> rotationFactors() {
        Optional<RopeConfig> full = config.layers().stream()
                .filter(layer -> !layer.slides())
                .flatMap(layer -> layer.rope().stream())
                .findFirst();
        RopeConfig rope = full.or(() -> config.layers().stream()
                        .flatMap(layer -> layer.rope().stream())
                        .findFirst())
                .orElse(null);
        if (rope == null) {
            return List.of();
        }
        return switch (rope.scaling()) {
            case RopeScaling.Llama3 llama ->
                List.of(DraftTensor.of("rope_freqs.weight", floats(rope.divisors(config.contextLength()))));
            case RopeScaling.LongRope longRope ->
                List.of(
                        DraftTensor.of("rope_factors_short.weight", floats(longRope.shortFactors())),
                        DraftTensor.of("rope_factors_long.weight", floats(longRope.longFactors())));
            default -> List.of();
        };
    }

    private static float[] floats(List<Double> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return floats;
    }

    /** -1 for what is in no layer. */
    private static int layer(String name) {
        String number = matched(name).group(1);
        return number == null ? -1 : Integer.parseInt(number);
    }

    private static Matcher matched(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalStateException("no name of a tensor: " + name);
        }
        return matcher;
    }
}
