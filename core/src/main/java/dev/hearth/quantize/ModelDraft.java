package dev.hearth.quantize;

import dev.hearth.format.Gguf;
import dev.hearth.format.GgufMetadata;
import dev.hearth.format.GgufValues;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RowValues;
import dev.hearth.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A model that is to be written as a GGUF file: its metadata but for the type of the file, and its tensors. Closing it frees the
 * memory that the tensors lie in. Readable from any thread until then.
 *
 * @param place what messages call it
 * @param notes what whoever writes it should know
 */
public record ModelDraft(
        String place,
        Facts facts,
        GgufValues values,
        List<DraftTensor> tensors,
        List<String> notes,
        AutoCloseable memory)
        implements AutoCloseable {
    /**
     * What the choice of types depends on.
     *
     * @param architecture {@code general.architecture}
     * @param headsPerKeyHead query heads that share a key head
     * @param expertCount experts of a layer, 0 without
     */
    public record Facts(String architecture, int layerCount, int headsPerKeyHead, int expertCount) {}

    /** Copies the lists. */
    public ModelDraft {
        tensors = List.copyOf(tensors);
        notes = List.copyOf(notes);
    }

    /**
     * A GGUF file as it is, which is closed with the draft, or at once where there is none.
     *
     * @throws ModelFormatException if it lacks what the draft needs
     */
    public static ModelDraft of(Gguf file) {
        try {
            GgufMetadata metadata = file.metadata();
            GgufValues values = new GgufValues().copy(metadata, ModelDraft::isKept);
            List<DraftTensor> tensors = new ArrayList<>();
            for (TensorEntry entry : file.entries()) {
                tensors.add(tensor(file, entry));
            }
            return new ModelDraft(file.place(), facts(metadata), values, tensors, List.of(), file);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /** Split files are joined, alignment and types are the new file's own. */
    private static boolean isKept(String key) {
        return !key.startsWith("split.")
                && !key.equals("general.alignment")
                && !key.equals("general.file_type")
                && !key.equals("general.quantization_version");
    }

    private static Facts facts(GgufMetadata m) {
        String architecture = m.requiredString("general.architecture");
        int heads = most(m.integers(architecture + ".attention.head_count"), 1);
        int keyHeads = most(m.integers(architecture + ".attention.head_count_kv"), heads);
        return new Facts(
                architecture,
                m.integer(architecture + ".block_count").orElse(1),
                heads / Math.max(1, keyHeads),
                m.integer(architecture + ".expert_count").orElse(0));
    }

    /** Hybrids give a number for each layer, 0 for layers without attention. */
    private static int most(int[] values, int otherwise) {
        int most = 0;
        for (int value : values) {
            most = Math.max(most, value);
        }
        return most > 0 ? most : otherwise;
    }

    private static DraftTensor tensor(Gguf file, TensorEntry entry) {
        TensorInfo info = file.tensor(entry.name());
        Optional<Supplier<RowReader>> rows =
                info.type() == DType.I32 ? Optional.empty() : Optional.of(() -> rows(info));
        var data = new DraftTensor.Encoded(file.typeId(entry.name()), info.data());
        return new DraftTensor(entry.name(), entry.shape(), entry.typeName(), Optional.of(data), rows);
    }

    /** The rows of a tensor in a file. */
    public static RowReader rows(TensorInfo info) {
        return new RowValues(new HostWeight(info.place(), info.type(), info.shape(), info.data()))::read;
    }

    @Override
    public void close() {
        try {
            memory.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ModelFormatException(place, "cannot be closed: " + e, e);
        }
    }
}
