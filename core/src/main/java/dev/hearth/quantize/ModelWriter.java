package dev.hearth.quantize;

import dev.hearth.format.GgufFileWriter;
import dev.hearth.format.GgufValues;
import dev.hearth.format.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleConsumer;

/**
 * Writes a model as a GGUF file, its tensors in the types of a {@link FileType}. Reads, encodes and writes piece by piece: memory
 * is bounded by the number of threads, whatever the model's size. The bytes do not depend on the number of threads.
 */
public final class ModelWriter {
    private static final int PIECE_VALUES = 1 << 20;
    private static final int COPY_BYTES = 1 << 24;

    /** Version 2 of ggml's block layouts, which files with them state. */
    private static final int QUANTIZATION_VERSION = 2;

    private final FileType type;
    private final Path target;
    private GgufFileWriter.Existing existing = GgufFileWriter.Existing.KEEP;
    private Requantizing requantizing = Requantizing.REFUSE;
    private final List<TypeOverride> overrides = new ArrayList<>();
    private int threads = Runtime.getRuntime().availableProcessors();
    private DoubleConsumer progress = part -> {};

    /** What to do about block-quantised tensors that are to get another such type, which adds one error to another. */
    public enum Requantizing {
        /** Refuse. */
        REFUSE,
        /** Do it. */
        ALLOW
    }

    /**
     * What was written.
     *
     * @param bytesByType bytes of all tensors of a type
     */
    public record Result(Path file, FileType type, long bytes, int tensorCount, Map<BlockType, Long> bytesByType) {}

    private ModelWriter(Path target, FileType type) {
        this.target = target;
        this.type = type;
    }

    /** Settings for writing to a file in the types of {@code type}. */
    public static ModelWriter to(Path target, FileType type) {
        return new ModelWriter(target, type);
    }

    /** What to do about a file that is there already; refused unless told otherwise. */
    public ModelWriter existing(GgufFileWriter.Existing choice) {
        existing = choice;
        return this;
    }

    /** What to do about tensors that are quantised already; refused unless told otherwise. */
    public ModelWriter requantizing(Requantizing choice) {
        requantizing = choice;
        return this;
    }

    /** Another type for some matrices; of several that find one the first counts. */
    public ModelWriter override(TypeOverride choice) {
        overrides.add(choice);
        return this;
    }

    /** Threads that encode; by default one a processor. @throws IllegalArgumentException if there are none */
    public ModelWriter threads(int count) {
        if (count < 1 || count > 1024) {
            throw new IllegalArgumentException("threads: expected 1 to 1024, found " + count);
        }
        threads = count;
        return this;
    }

    /** Is told how much of the work is done, from 0 to 1, on the thread that writes. */
    public ModelWriter onProgress(DoubleConsumer listener) {
        progress = listener;
        return this;
    }

    /**
     * Writes the file.
     *
     * @throws ModelFormatException if a value isn't finite or exceeds its type, or a tensor would be quantised twice
     * @throws IllegalArgumentException if the file is there already, the disk too full, or an override finds no matrix
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public Result write(ModelDraft draft) {
        List<Planned> plan = plan(draft);
        List<GgufFileWriter.Tensor> tensors =
                plan.stream().map(Planned::description).toList();
        GgufValues values = draft.values();
        values.uint32("general.quantization_version", QUANTIZATION_VERSION);
        values.uint32("general.file_type", type.number());
        long total = plan.stream().mapToLong(p -> p.tensor.shape().elements()).sum();
        try (GgufFileWriter out = GgufFileWriter.create(target, values, tensors, existing);
                ExecutorService workers = workers()) {
            long done = 0;
            for (Planned planned : plan) {
                if (planned.copied()) {
                    copy(planned, out);
                } else {
                    encode(planned, out, workers, done, total);
                }
                done += planned.tensor.shape().elements();
                progress.accept(total == 0 ? 1 : (double) done / total);
            }
            out.finish();
        }
        return result(plan);
    }

    private ExecutorService workers() {
        return Executors.newFixedThreadPool(
                threads,
                Thread.ofPlatform().daemon().name("hearth-quantize-", 0).factory());
    }

    /** A tensor, the type that it gets, and ggml's number of the type that its bytes have already if they are just copied. */
    private record Planned(DraftTensor tensor, BlockType type, int copiedType) {
        private static final int COMPUTED = -1;

        boolean copied() {
            return copiedType != COMPUTED;
        }

        GgufFileWriter.Tensor description() {
            return new GgufFileWriter.Tensor(tensor.name(), copied() ? copiedType : type.id(), tensor.shape());
        }
    }

    private List<Planned> plan(ModelDraft draft) {
        TypePlan types = new TypePlan(type, draft, overrides);
        List<Planned> plan = new ArrayList<>();
        for (DraftTensor tensor : draft.tensors()) {
            BlockType chosen = types.of(tensor);
            int stored = tensor.data().map(DraftTensor.Encoded::ggmlType).orElse(Planned.COMPUTED);
            boolean same = tensor.rows().isEmpty() || stored == chosen.id();
            if (!same && chosen.isQuantised()) {
                refuseSecondRounding(draft, tensor, chosen);
            }
            plan.add(new Planned(tensor, chosen, same ? stored : Planned.COMPUTED));
        }
        return plan;
    }

    private void refuseSecondRounding(ModelDraft draft, DraftTensor tensor, BlockType chosen) {
        boolean rounded =
                BlockType.named(tensor.typeName()).map(BlockType::isQuantised).orElse(false);
        if (rounded && requantizing == Requantizing.REFUSE) {
            throw new ModelFormatException(
                    draft.place() + ": " + tensor.name(),
                    "expected F32, F16 or BF16 to make " + chosen + " of, found " + tensor.typeName()
                            + ", whose error would add to the new one; begin with a file that isn't quantised, or allow it");
        }
    }

    private static void copy(Planned planned, GgufFileWriter out) {
        MemorySegment bytes = planned.tensor.data().orElseThrow().bytes();
        for (long at = 0; at < bytes.byteSize(); at += COPY_BYTES) {
            out.write(bytes.asSlice(at, Math.min(COPY_BYTES, bytes.byteSize() - at))
                    .asByteBuffer());
        }
    }

    private void encode(Planned planned, GgufFileWriter out, ExecutorService workers, long done, long total) {
        DraftTensor tensor = planned.tensor;
        long rows = tensor.shape().rows();
        long width = Math.max(1, tensor.shape().width());
        long rowsOfPiece = Math.max(1, PIECE_VALUES / width);
        ArrayDeque<Future<ByteBuffer>> pieces = new ArrayDeque<>();
        long next = 0;
        for (long first = 0; first < rows; first += rowsOfPiece) {
            while (next < rows && pieces.size() < 2 * threads) {
                RowEncoder piece = new RowEncoder(tensor, planned.type, next, Math.min(rowsOfPiece, rows - next));
                pieces.add(workers.submit(piece));
                next += piece.count();
            }
            out.write(result(pieces.remove()));
            progress.accept((double) (done + Math.min(rows, first + rowsOfPiece) * width) / total);
        }
    }

    private static ByteBuffer result(Future<ByteBuffer> piece) {
        try {
            return piece.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("a piece could not be encoded", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while a model was written");
        }
    }

    private Result result(List<Planned> plan) {
        Map<BlockType, Long> byType = new EnumMap<>(BlockType.class);
        long bytes = 0;
        for (Planned planned : plan) {
            long size = planned.description().bytes();
            bytes += size;
            if (planned.tensor.rows().isPresent()) {
                byType.merge(planned.type, size, Long::sum);
            }
        }
        return new Result(target, type, bytes, plan.size(), Map.copyOf(byType));
    }
}
