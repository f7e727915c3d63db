package dev.hearth.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Function;

/** Files as bytes: large ones as a segment of an arena, small ones as an array; anything but a regular file is refused. */
final class ModelBytes {
    private static final byte[] LFS_POINTER = "version https://git-lfs".getBytes(StandardCharsets.US_ASCII);
    private static final int CHUNK_BYTES = 1 << 26;

    private ModelBytes() {}

    /** The file's name as messages give it. */
    static String name(Path file) {
        Path name = file.getFileName();
        return name == null ? file.toString() : name.toString();
    }

    /** Opens something that owns its memory, which is freed again if that fails. */
    @SuppressWarnings("MustBeClosed") // what is opened closes the arena
    static <T> T owning(Function<Arena, T> open) {
        Arena arena = Arena.ofShared();
        try {
            return open.apply(arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /** A whole model file, read-only, alive as long as the arena. */
    static MemorySegment load(Path file, Loading loading, Arena arena) {
        String place = name(file);
        requireRegular(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size == 0) {
                throw new ModelFormatException(place, "expected a model, found an empty file; download it again");
            }
            MemorySegment bytes = switch (loading) {
                case MAPPED -> channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
                case IN_MEMORY -> copy(place, channel, size, arena);
            };
            refusePointer(place, bytes);
            return bytes.asReadOnly();
        } catch (IOException e) {
            throw new ModelFormatException(place, "cannot be read: " + e, e);
        } catch (UnsupportedOperationException e) {
            throw new ModelFormatException(place, "its file system cannot map files; load it IN_MEMORY", e);
        } catch (OutOfMemoryError e) { // what a native allocation throws
            throw new ModelFormatException(place, "does not fit into memory; load it MAPPED", e);
        }
    }

    /** A small file. @throws ModelFormatException if it is larger than {@code mostBytes} or cannot be read */
    static byte[] small(Path file, int mostBytes) {
        String place = name(file);
        requireRegular(file);
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(mostBytes);
            if (bytes.length == mostBytes && in.read() >= 0) {
                throw new ModelFormatException(place, "expected at most " + mostBytes + " bytes, found more");
            }
            refusePointer(place, MemorySegment.ofArray(bytes));
            return bytes;
        } catch (IOException e) {
            throw new ModelFormatException(place, "cannot be read: " + e, e);
        }
    }

    /** Opening a pipe would wait for its writer and a device may never end, so neither is tried. */
    private static void requireRegular(Path file) {
        if (Files.isRegularFile(file)) {
            return;
        }
        String found = Files.isDirectory(file)
                ? "a folder"
                : Files.isSymbolicLink(file) && !Files.exists(file)
                        ? "a symbolic link to nothing; download it again"
                        : Files.exists(file) ? "something else" : "nothing";
        throw new ModelFormatException(
                name(file),
                "expected a file at " + file.toAbsolutePath() + ", found " + found,
                new NoSuchFileException(file.toString()));
    }

    private static MemorySegment copy(String place, FileChannel channel, long size, Arena arena) throws IOException {
        MemorySegment bytes = arena.allocate(size, 64);
        for (long at = 0; at < size; ) {
            ByteBuffer chunk =
                    bytes.asSlice(at, Math.min(CHUNK_BYTES, size - at)).asByteBuffer();
            int count = channel.read(chunk, at);
            if (count < 0) {
                throw new ModelFormatException(
                        place, "expected " + size + " bytes, found " + at + "; it shrank meanwhile");
            }
            at += count;
        }
        return bytes;
    }

    private static void refusePointer(String place, MemorySegment bytes) {
        if (bytes.byteSize() > LFS_POINTER.length) {
            byte[] start = bytes.asSlice(0, LFS_POINTER.length).toArray(ValueLayout.JAVA_BYTE);
            if (Arrays.equals(start, LFS_POINTER)) {
                throw new ModelFormatException(
                        place, "expected a model, found a Git LFS pointer to it; run git lfs pull");
            }
        }
    }
}
