package dev.hearth.format;

import dev.hearth.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a GGUF file, version 3, as its tensors come: keys and descriptions first, then the data of each tensor in order, aligned.
 * Holds no more than what a caller hands over at a time. The file appears under its name when {@link #finish} has written all of
 * it; whatever happens before, an older file of that name stays as it was. One thread at a time.
 */
public final class GgufFileWriter implements AutoCloseable {
    private static final int ALIGNMENT = 32;
    private static final long SPARE_BYTES = 1 << 20; // what a file system may need beside the file itself

    /** What to do about a file that is there already. */
    public enum Existing {
        /** Refuse to write. */
        KEEP,
        /** Put the new file in its place once that is complete. */
        REPLACE
    }

    /**
     * A tensor to come.
     *
     * @param ggmlType ggml's number of the element type
     * @param shape sizes, outermost first; at most four
     */
    public record Tensor(String name, int ggmlType, Shape shape) {
        /** @throws IllegalArgumentException if the type isn't known, or rows don't fill its blocks */
        public Tensor {
            GgmlType type = type(name, ggmlType);
            if (shape.rank() < 1 || shape.rank() > 4 || shape.width() % type.blockSize != 0) {
                throw new IllegalArgumentException(name + ": expected up to 4 sizes and rows of a multiple of "
                        + type.blockSize + " for " + type + ", found " + shape);
            }
        }

        /** Size of its data. */
        public long bytes() {
            GgmlType type = type(name, ggmlType);
            return Math.multiplyExact(
                    Math.multiplyExact(shape.width() / type.blockSize, (long) type.blockBytes), shape.rows());
        }

        private static GgmlType type(String name, int id) {
            return GgmlType.of(id)
                    .orElseThrow(() -> new IllegalArgumentException(name + ": expected a type of ggml, found " + id));
        }
    }

    private final Path target;
    private final Path part;
    private final Existing existing;
    private final List<Tensor> tensors;
    private final FileChannel channel;
    private int current;
    private long written; // of the current tensor
    private boolean finished;

    private GgufFileWriter(Path target, Path part, Existing existing, List<Tensor> tensors, byte[] head)
            throws IOException {
        this.target = target;
        this.part = part;
        this.existing = existing;
        this.tensors = tensors;
        this.channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            writeAll(ByteBuffer.wrap(head));
            skipEmpty();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * Begins a file beside its place, under a name of its own.
     *
     * @throws IllegalArgumentException if there is a file that is to be kept, too little room on the disk, or a tensor twice
     * @throws UncheckedIOException if the folder cannot be written
     */
    public static GgufFileWriter create(Path target, GgufValues values, List<Tensor> tensors, Existing existing) {
        List<Tensor> copy = List.copyOf(tensors);
        byte[] head = head(values, copy);
        long size = head.length;
        for (Tensor tensor : copy) {
            size = Math.addExact(size, padded(tensor.bytes()));
        }
        Path whole = target.toAbsolutePath();
        Path folder = whole.getParent();
        Path name = whole.getFileName();
        if (folder == null || name == null || Files.isDirectory(whole)) {
            throw new IllegalArgumentException(target + ": expected the name of a file, found a folder");
        }
        refuseExisting(whole, existing);
        try {
            if (!Files.isDirectory(folder)) {
                throw new IllegalArgumentException(target + ": expected a folder " + folder + ", found none");
            }
            FileStore store = Files.getFileStore(folder);
            if (store.getUsableSpace() < size + SPARE_BYTES) {
                throw new IllegalArgumentException(target + ": expected " + (size >> 20) + " MiB of room, found "
                        + (store.getUsableSpace() >> 20) + " MiB; free some, or write to another disk");
            }
            Path part = folder.resolve(name + ".part-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
            return new GgufFileWriter(whole, part, existing, copy, head);
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** A small file as bytes, {@code data} being that of each tensor. */
    public static byte[] inMemory(GgufValues values, List<Tensor> tensors, List<byte[]> data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head(values, tensors));
        for (byte[] bytes : data) {
            out.writeBytes(bytes);
            out.writeBytes(new byte[(int) (padded(bytes.length) - bytes.length)]);
        }
        return out.toByteArray();
    }

    /**
     * The next bytes: of the tensor that isn't complete yet, or of the one behind it, never of two.
     *
     * @throws IllegalArgumentException if they are more than the tensor takes
     */
    public void write(ByteBuffer bytes) {
        if (current == tensors.size()) {
            throw new IllegalArgumentException(target + ": expected no more bytes, found " + bytes.remaining());
        }
        Tensor tensor = tensors.get(current);
        if (bytes.remaining() > tensor.bytes() - written) {
            throw new IllegalArgumentException(tensor.name() + ": expected at most " + (tensor.bytes() - written)
                    + " bytes, found " + bytes.remaining());
        }
        written += bytes.remaining();
        try {
            writeAll(bytes);
            if (written == tensor.bytes()) {
                writeAll(ByteBuffer.allocate((int) (padded(written) - written)));
                current++;
                written = 0;
                skipEmpty();
            }
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /**
     * Makes the file appear under its name.
     *
     * @throws IllegalStateException if a tensor is missing
     * @throws IllegalArgumentException if meanwhile another file has appeared that is to be kept
     */
    public void finish() {
        if (current < tensors.size()) {
            throw new IllegalStateException(tensors.get(current).name() + ": expected "
                    + tensors.get(current).bytes() + " bytes, found " + written);
        }
        refuseExisting(target, existing);
        try {
            channel.force(true);
            channel.close();
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            finished = true;
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** Removes what was written unless it was finished. */
    @Override
    public void close() {
        if (finished) {
            return;
        }
        try {
            channel.close();
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw failed(part, e);
        }
    }

    /** Only what has no bytes at all; a tensor of no elements is never asked for. */
    private void skipEmpty() {
        while (current < tensors.size() && tensors.get(current).bytes() == 0) {
            current++;
        }
    }

    private void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void refuseExisting(Path target, Existing existing) {
        if (existing == Existing.KEEP && Files.exists(target)) {
            throw new IllegalArgumentException(target + ": expected no such file yet, found one; choose another name");
        }
    }

    private static UncheckedIOException failed(Path file, IOException e) {
        return new UncheckedIOException(file + ": cannot be written: " + e, e);
    }

    private static long padded(long bytes) {
        return Math.addExact(bytes, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Everything before the data, padded. */
    private static byte[] head(GgufValues values, List<Tensor> tensors) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(GgufValues.bytes(
                24,
                b -> b.putInt(GgufPart.MAGIC)
                        .putInt(3)
                        .putLong(tensors.size())
                        .putLong(values.encoded().size())));
        values.encoded().forEach((key, value) -> {
            out.writeBytes(GgufValues.text(key));
            out.writeBytes(value);
        });
        Set<String> names = new HashSet<>();
        long offset = 0;
        for (Tensor tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException(tensor.name() + ": expected one tensor of this name, found two");
            }
            out.writeBytes(GgufValues.text(tensor.name()));
            long[] sizes = tensor.shape().sizes();
            long start = offset;
            out.writeBytes(GgufValues.bytes(4 + 8 * sizes.length + 4 + 8, b -> {
                b.putInt(sizes.length);
                for (int i = sizes.length - 1; i >= 0; i--) {
                    b.putLong(sizes[i]);
                }
                b.putInt(tensor.ggmlType()).putLong(start);
            }));
            offset = Math.addExact(offset, padded(tensor.bytes()));
        }
        out.writeBytes(new byte[(int) (padded(out.size()) - out.size())]);
        return out.toByteArray();
    }
}
