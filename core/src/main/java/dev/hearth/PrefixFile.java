package dev.hearth;

import dev.hearth.format.ModelFormatException;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.state.PrefixCopy;
import dev.hearth.state.PrefixCopy.Extent;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.HostBuffer;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * Prefixes in a file, for another process with the same model. Big-endian: {@value #MAGIC}, a version, what the model is, tokens and bytes
 * of a page and of states of fixed size; then for each page's worth of tokens, behind the one that it follows, {@value #MORE}, the number of that one, whose
 * it is, the tokens, 1 if states of fixed size are there or 0, the pages of all groups, those states and a CRC-32C of all that; at
 * last {@value #END}.
 */
final class PrefixFile {
    private static final String MAGIC = "hearth prefixes";
    private static final int VERSION = 2;
    private static final int MORE = 1;
    private static final int END = 0;

    private final EngineLoop loop;
    private final String model;

    /** Of an engine's loop, whose model this text identifies. */
    PrefixFile(EngineLoop loop, String model) {
        this.loop = loop;
        this.model = model;
    }

    /** Writes all that is kept; steps run in between. How many tokens that are. */
    int save(Path file) throws IOException {
        return PartFile.replace(file, out -> write(out, PrefixCopy::of));
    }

    /** Appends prefixes; steps run in between. How many tokens that are. */
    int write(DataOutputStream out, Function<StateCache, PrefixCopy> chosen) throws IOException {
        PrefixCopy copy = between(chosen);
        try (Arena arena = Arena.ofShared()) {
            long bytes = bytes(Extent.PAGES);
            long most = bytes(Extent.PAGES_AND_STATE);
            HostBuffer page = new HostBuffer(arena.allocate(Math.max(1, most)));
            out.writeUTF(MAGIC);
            out.writeInt(VERSION);
            out.writeUTF(model);
            out.writeInt(StateCache.PAGE_SIZE);
            out.writeLong(bytes);
            out.writeLong(most - bytes);
            for (int i = 0; i < copy.count(); i++) {
                int number = i;
                PrefixCopy.Entry entry = between(cache -> copy.read(number, page));
                out.writeByte(MORE);
                long size = entry.extent() == Extent.PAGES ? bytes : most;
                write(out, entry, page.segment().asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
            }
            out.writeByte(END);
            return copy.count() * StateCache.PAGE_SIZE;
        } finally {
            between(cache -> closed(copy));
        }
    }

    private static void write(DataOutputStream out, PrefixCopy.Entry entry, byte[] pages) throws IOException {
        out.writeInt(entry.follows());
        out.writeUTF(entry.key());
        for (int token : entry.tokens()) {
            out.writeInt(token);
        }
        out.writeByte(code(entry.extent()));
        out.write(pages);
        out.writeInt(sum(entry, pages));
    }

    private static int sum(PrefixCopy.Entry entry, byte[] pages) {
        CRC32C crc = new CRC32C();
        crc.update(entry.key().getBytes(StandardCharsets.UTF_8));
        number(crc, entry.follows());
        for (int token : entry.tokens()) {
            number(crc, token);
        }
        crc.update(code(entry.extent()));
        crc.update(pages);
        return (int) crc.getValue();
    }

    private static void number(CRC32C crc, int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            crc.update(value >>> shift);
        }
    }

    /**
     * Reads prefixes as far as there are free pages; steps run in between. How many tokens that are.
     *
     * @throws ModelFormatException if the file is broken, of another version or another model
     */
    int load(Path file) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return read(file, in);
        } catch (EOFException | UTFDataFormatException e) {
            throw new ModelFormatException(file.toString(), "expected more prefixes, found the end; save it again", e);
        }
    }

    /** As {@link #load}, from where a file has been read to. */
    int read(Path file, DataInputStream in) throws IOException {
        PrefixCopy copy = between(PrefixCopy::into);
        try (Arena arena = Arena.ofShared()) {
            header(file, in);
            HostBuffer page = new HostBuffer(arena.allocate(Math.max(1, bytes(Extent.PAGES_AND_STATE))));
            int count = 0;
            while (more(file, in)) {
                PrefixCopy.Entry entry = read(file, in, count, page);
                if (!between(cache -> copy.write(entry, page))) {
                    break;
                }
                count++;
            }
            return count * StateCache.PAGE_SIZE;
        } finally {
            between(cache -> closed(copy));
        }
    }

    private void header(Path file, DataInputStream in) throws IOException {
        expect(file, "a file of prefixes", MAGIC, in.readUTF());
        expect(file, "version", VERSION, in.readInt());
        expect(file, "model", model, in.readUTF());
        expect(file, "tokens of a page", StateCache.PAGE_SIZE, in.readInt());
        expect(file, "bytes of a page", bytes(Extent.PAGES), in.readLong());
        expect(file, "bytes of states", bytes(Extent.PAGES_AND_STATE) - bytes(Extent.PAGES), in.readLong());
    }

    private static void expect(Path file, String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new ModelFormatException(
                    file.toString(),
                    what + ": expected " + expected + ", found " + found
                            + "; prefixes fit the model and settings that made them alone");
        }
    }

    private static boolean more(Path file, DataInputStream in) throws IOException {
        int mark = in.readUnsignedByte();
        if (mark != MORE && mark != END) {
            throw new ModelFormatException(file.toString(), "expected " + MORE + " or " + END + ", found " + mark);
        }
        return mark == MORE;
    }

    /** Reads a page's worth of tokens; its pages and states go to {@code page}. */
    private PrefixCopy.Entry read(Path file, DataInputStream in, int number, HostBuffer page) throws IOException {
        int follows = in.readInt();
        String key = in.readUTF();
        List<Integer> tokens = new ArrayList<>();
        while (tokens.size() < StateCache.PAGE_SIZE) {
            tokens.add(in.readInt());
        }
        Extent extent = in.readBoolean() ? Extent.PAGES_AND_STATE : Extent.PAGES;
        var entry = new PrefixCopy.Entry(follows, key, tokens, extent);
        byte[] pages = new byte[Math.toIntExact(bytes(entry.extent()))];
        in.readFully(pages);
        int sum = in.readInt();
        if (sum != sum(entry, pages) || follows < PrefixCopy.NOTHING || follows >= number) {
            throw new ModelFormatException(
                    file.toString(),
                    "prefix " + number + ": expected what its check sum says, found other bytes; save it again");
        }
        MemorySegment.copy(pages, 0, page.segment(), ValueLayout.JAVA_BYTE, 0, pages.length);
        return entry;
    }

    private static int code(Extent extent) {
        return extent == Extent.PAGES ? 0 : 1;
    }

    private long bytes(Extent extent) {
        return between(cache -> PrefixCopy.bytes(cache, extent));
    }

    private static boolean closed(PrefixCopy copy) {
        copy.close();
        return true;
    }

    private <T> T between(Function<StateCache, T> work) {
        return Prefixes.between(loop, work);
    }
}
