package dev.hearth.quantize;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.format.TensorMemory;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RowValues;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A model's tensors under GGUF's names, plain matrices of products encoded in a block type as they are read, on every core. Norms,
 * biases, what is kept plain in quantised files too, what has another type already, rows that don't fill blocks and matrices that a
 * family rearranges stay as they are.
 */
public final class QuantizedTensors implements TensorCatalog {
    private static final long ELEMENTS_AT_ONCE = 1 << 18;

    /** Matrices that are taken apart before they multiply. */
    private static final String TAKEN_APART = "attn_kv_b";

    private final TensorCatalog base;
    private final BlockType type;
    private final DType stored;

    private QuantizedTensors(TensorCatalog base, BlockType type) {
        this.base = base;
        this.type = type;
        this.stored = stored(type);
    }

    /**
     * Encodes matrices of {@code base}, which is closed with the result.
     *
     * @throws IllegalArgumentException if the type is not one of blocks
     */
    public static TensorCatalog of(TensorCatalog base, BlockType type) {
        return new QuantizedTensors(base, type);
    }

    /** What tensors of the type are in memory. @throws IllegalArgumentException if it is not one of blocks */
    public static DType stored(BlockType type) {
        if (!type.isQuantised()) {
            throw new IllegalArgumentException("weights: expected a type of blocks such as Q8_0, found " + type);
        }
        return DType.valueOf(type.name());
    }

    private boolean encodes(TensorEntry entry) {
        boolean plain = entry.type()
                .filter(t -> t == DType.F32 || t == DType.F16 || t == DType.BF16)
                .isPresent();
        return plain
                && TypePlan.isMatrix(entry.name(), entry.shape())
                && !entry.name().contains(TAKEN_APART)
                && type.fits(entry.shape().width());
    }

    private boolean encodes(String name) {
        return base.entry(name).filter(this::encodes).isPresent();
    }

    private TensorEntry encoded(TensorEntry entry) {
        return encodes(entry)
                ? new TensorEntry(entry.name(), type.name(), Optional.of(stored), entry.shape(), bytes(entry.shape()))
                : entry;
    }

    private long bytes(Shape shape) {
        return Math.multiplyExact(type.rowBytes(shape.width()), shape.rows());
    }

    @Override
    public String place() {
        return base.place();
    }

    @Override
    public List<TensorEntry> entries() {
        return base.entries().stream().map(this::encoded).toList();
    }

    @Override
    public Optional<TensorEntry> entry(String name) {
        return base.entry(name).map(this::encoded);
    }

    @Override
    public TensorInfo tensor(String name) {
        if (encodes(name)) {
            throw new ModelFormatException(
                    place() + ": " + name,
                    "expected a tensor of the file, found one to be encoded; read it into memory");
        }
        return base.tensor(name);
    }

    @Override
    public TensorInfo tensor(String name, Arena memory) {
        if (!encodes(name)) {
            return base.tensor(name, memory);
        }
        try (Arena passing = Arena.ofShared()) {
            return encode(base.tensor(name, passing), memory);
        }
    }

    @Override
    public List<TensorInfo> parts(String name, Arena memory) {
        if (!encodes(name)) {
            return base.parts(name, memory);
        }
        try (Arena passing = Arena.ofShared()) {
            return base.parts(name, passing).stream()
                    .map(part -> encode(part, memory))
                    .toList();
        }
    }

    private TensorInfo encode(TensorInfo tensor, Arena memory) {
        long rowBytes = type.rowBytes(tensor.shape().width());
        MemorySegment blocks = TensorMemory.allocate(memory, () -> bytes(tensor.shape()), tensor.place(), "as " + type);
        HostWeight values = new HostWeight(tensor.name(), tensor.type(), tensor.shape(), tensor.data());
        DraftTensor draft = DraftTensor.computed(
                tensor.place(), tensor.shape(), tensor.type().name(), () -> new RowValues(values)::read);
        long rows = tensor.shape().rows();
        long atOnce = Math.max(1, ELEMENTS_AT_ONCE / tensor.shape().width());
        LongStream.range(0, (rows + atOnce - 1) / atOnce).parallel().forEach(piece -> {
            long first = piece * atOnce;
            RowEncoder encoder = new RowEncoder(draft, type, first, Math.min(atOnce, rows - first));
            MemorySegment made = MemorySegment.ofBuffer(encoder.call());
            MemorySegment.copy(made, 0, blocks, first * rowBytes, made.byteSize());
        });
        return new TensorInfo(tensor.name(), stored, tensor.shape(), blocks.asReadOnly(), tensor.file());
    }

    @Override
    public TensorCatalog plain() {
        return base;
    }

    @Override
    public long madeBytes() {
        return base.madeBytes()
                + base.entries().stream()
                        .filter(this::encodes)
                        .mapToLong(entry -> bytes(entry.shape()))
                        .sum();
    }

    @Override
    public void close() {
        base.close();
    }
}
