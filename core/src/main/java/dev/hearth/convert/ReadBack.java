package dev.hearth.convert;

import dev.hearth.format.Gguf;
import dev.hearth.format.GgufFileWriter;
import dev.hearth.format.GgufValues;
import dev.hearth.format.ModelFormatException;
import dev.hearth.model.GgufConfig;
import dev.hearth.model.GgufExport;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfig.Layer;
import dev.hearth.model.RopeConfig;
import dev.hearth.quantize.BlockType;
import dev.hearth.quantize.DraftTensor;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Holds a configuration against what a reader of the GGUF file will take it for. Much of what a config.json says has no key in
 * GGUF, and readers take the published models' values for it: a model that differs would load and compute something else.
 */
final class ReadBack {
    private static final double TOLERANCE = 1e-5; // keys are F32

    private final ModelConfig written;
    private final ModelConfig read;
    private final GgufExport export;

    private ReadBack(ModelConfig written, ModelConfig read, GgufExport export) {
        this.written = written;
        this.read = read;
        this.export = export;
    }

    /** @throws ModelFormatException that names what GGUF cannot say */
    static void check(ModelConfig config, GgufExport export, GgufValues values, List<DraftTensor> tensors) {
        try (Gguf file = Gguf.read(config.place(), MemorySegment.ofArray(head(config, values, tensors)))) {
            new ReadBack(config, GgufConfig.read(file), export).compare();
        }
    }

    /** A file without the large tensors. */
    private static byte[] head(ModelConfig config, GgufValues values, List<DraftTensor> tensors) {
        List<GgufFileWriter.Tensor> described = new ArrayList<>();
        List<byte[]> data = new ArrayList<>();
        described.add(
                new GgufFileWriter.Tensor("token_embd.weight", BlockType.F32.id(), Shape.of(config.vocabSize(), 0)));
        data.add(new byte[0]);
        for (DraftTensor tensor : tensors) {
            if (tensor.name().startsWith("rope_")) {
                described.add(new GgufFileWriter.Tensor(tensor.name(), BlockType.F32.id(), tensor.shape()));
                data.add(vector(tensor));
            }
        }
        return GgufFileWriter.inMemory(values, described, data);
    }

    private static byte[] vector(DraftTensor tensor) {
        float[] row = new float[(int) tensor.shape().width()];
        tensor.rows().orElseThrow().get().read(0, row);
        ByteBuffer bytes = ByteBuffer.allocate(4 * row.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : row) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private void compare() {
        same("hidden size", written.hiddenSize(), read.hiddenSize());
        same("heads", written.headCount(), read.headCount());
        same("elements of a head", written.headDim(), read.headDim());
        same("activation", written.activation(), read.activation());
        close("norm epsilon", written.normEpsilon(), read.normEpsilon());
        close("attention scale", written.attentionScale(), read.attentionScale() * export.queryFactor());
        close("attention softcap", written.attentionSoftcap(), read.attentionSoftcap());
        close("logit softcap", written.logitSoftcap(), read.logitSoftcap());
        close("logit scale", written.logitScale(), read.logitScale());
        close("embedding scale", written.embeddingScale(), read.embeddingScale());
        same("experts", written.moe(), read.moe());
        same("number of layers", written.layerCount(), read.layerCount());
        for (int i = 0; i < written.layerCount(); i++) {
            compare("layer " + i + ": ", written.layers().get(i), read.layers().get(i));
        }
        for (String setting : read.settings().keySet()) {
            if (written.has(setting)) {
                close(setting, written.setting(setting), read.setting(setting));
            }
        }
    }

    private void compare(String place, Layer w, Layer r) {
        same(place + "mixer", w.mixer(), r.mixer());
        same(place + "window", w.window(), r.window());
        same(place + "chunk", w.chunk(), r.chunk());
        same(place + "key heads", w.kvHeadCount(), r.kvHeadCount());
        same(place + "elements of a key", w.headDim(), r.headDim());
        same(place + "values", w.values(), r.values());
        same(place + "feed-forward size", w.mlpSize(), r.mlpSize());
        same(place + "rotation", w.rope().isPresent(), r.rope().isPresent());
        if (w.rope().isPresent()) {
            compare(place, w.rope().get(), r.rope().orElseThrow(), w.headDim());
        }
    }

    private void compare(String place, RopeConfig w, RopeConfig r, int dim) {
        same(place + "elements that rotate", w.rotaryDim(), r.rotaryDim());
        RopeSpec.Pairing pairing = export.makesNeighbours() ? RopeSpec.Pairing.NEIGHBOURS : w.pairing();
        same(place + "pairs that rotate", pairing, r.pairing());
        for (int context : new int[] {1, written.contextLength()}) { // some scalings begin with long ones
            RopeSpec ws = w.spec(dim, context);
            RopeSpec rs = r.spec(dim, context);
            close(place + "attention factor of the rotation", ws.magnitude(0), rs.magnitude(0));
            for (int i = 0; i < w.rotaryDim() / 2; i++) {
                close(place + "frequency of pair " + i, ws.inverseFrequency(i), rs.inverseFrequency(i));
            }
        }
    }

    private void close(String what, double expected, double found) {
        if (!(Math.abs(expected - found) <= TOLERANCE * Math.abs(expected))) {
            throw differs(what, expected, found);
        }
    }

    private void same(String what, Object expected, Object found) {
        if (!Objects.equals(expected, found)) {
            throw differs(what, expected, found);
        }
    }

    private ModelFormatException differs(String what, Object expected, Object found) {
        return new ModelFormatException(
                written.place() + ": " + what,
                "expected something that a GGUF file of " + export.architecture() + " can say, found " + expected
                        + ", which readers would take for " + found);
    }
}
