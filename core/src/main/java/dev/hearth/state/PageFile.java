package dev.hearth.state;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of up to so many bytes that is there as long as it is open; it grows as it is written. */
public final class PageFile implements LowerStore {
    private final FileChannel channel;
    private final long byteSize;

    private PageFile(FileChannel channel, long byteSize) {
        this.channel = channel;
        this.byteSize = byteSize;
    }

    /** A new file in a folder, under a name that no other has. */
    public static PageFile in(Path folder, long byteSize) throws IOException {
        Path file = Files.createTempFile(folder, "hearth-", ".pages"); // readable by its owner alone
        return new PageFile(
                FileChannel.open(
                        file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE),
                byteSize);
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        ByteBuffer bytes = from.asByteBuffer();
        while (bytes.hasRemaining()) {
            channel.write(bytes, offset + bytes.position());
        }
    }

    @Override
    public void read(long offset, MemorySegment to) throws IOException {
        ByteBuffer bytes = to.asByteBuffer();
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new EOFException("expected " + bytes.remaining() + " bytes more, found the end");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
