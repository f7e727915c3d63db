package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.Parallel;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.state.LoadCosts;
import dev.hearth.state.LowerStore;
import dev.hearth.state.PagePool;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.HostBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Pages without a network: what a step writes at a position, and leaves in a state of fixed size, is a number that stands for all
 * tokens up to it, and what a step reads has to be the number of its own sequence.
 */
final class PageMemory {
    static final int WINDOW = 50;

    private static final int STATE_SIZE = 128; // F32 numbers: as much as a page of both groups, so that slots are few

    /** What kinds of state there are. */
    enum Kind {
        /** Two groups that grow, one of which looks back {@link #WINDOW} positions. */
        ATTENTION,
        /** The same and one of fixed size. */
        HYBRID,
        /** Two of fixed size. */
        RECURRENT;

        List<StateSpec> specs() {
            return switch (this) {
                case ATTENTION -> List.of(group(Integer.MAX_VALUE), group(WINDOW));
                case HYBRID -> List.of(group(Integer.MAX_VALUE), state(STATE_SIZE), group(WINDOW));
                case RECURRENT -> List.of(state(STATE_SIZE), state(2));
            };
        }
    }

    private final StateCache cache;

    /** Two groups that grow, for so many pages each. */
    PageMemory(int pageLimit) {
        this(Kind.ATTENTION, pageLimit);
    }

    /** Groups that grow for so many pages each, or fewer where states take some. */
    PageMemory(Kind kind, int pageLimit) {
        long bytes = StateCache.bytes(kind.specs(), CacheType.F32, StateCache.PAGE_SIZE) * pageLimit;
        var device = new HostDevice("test", new HostOps(new ScalarKernels(), Parallel.SERIAL));
        cache = new StateCache(device, kind.specs(), CacheType.F32, StateCache.PAGE_SIZE, bytes);
    }

    private static StateSpec group(int window) {
        return new StateSpec.Kv(1, 1, 1, new KvLayout.Values.Apart(1), window);
    }

    /** Keeps what goes in memory of so many pages' size, which a worker writes and reads. */
    MemoryStore keepBelow(int pages, Executor worker, LoadCosts costs) {
        long bytes = Math.max(cache.prefixBytes(), cache.stateBytes());
        MemoryStore store = new MemoryStore(new byte[Math.toIntExact(pages * bytes)]);
        cache.keepBelow(store, worker, costs);
        return store;
    }

    /** A store that can break. */
    static final class MemoryStore implements LowerStore {
        private final byte[] bytes;
        int worksUntil = Integer.MAX_VALUE; // so many more calls
        boolean closed;

        MemoryStore(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long byteSize() {
            return bytes.length;
        }

        @Override
        public void write(long offset, MemorySegment from) throws IOException {
            expectToWork();
            MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, bytes, (int) offset, (int) from.byteSize());
        }

        @Override
        public void read(long offset, MemorySegment to) throws IOException {
            expectToWork();
            MemorySegment.copy(bytes, (int) offset, to, ValueLayout.JAVA_BYTE, 0, (int) to.byteSize());
        }

        /** Changes a bit of everything. */
        void spoil() {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= 4;
            }
        }

        private void expectToWork() throws IOException {
            if (worksUntil-- <= 0) {
                throw new IOException("no space left on a store for tests");
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static StateSpec state(int size) {
        return new StateSpec.Recurrent(1, size);
    }

    StateCache cache() {
        return cache;
    }

    /** Does to pages what a step does. */
    void compute(Sequence sequence) {
        int end = sequence.computed + sequence.planned;
        long[] meanings = meanings(sequence, end);
        for (int group = 0; group < cache.specs().size(); group++) {
            switch (cache.specs().get(group)) {
                case StateSpec.Kv kv -> {
                    for (int position = sequence.computed; position < end; position++) {
                        write(sequence, group, position, meanings[position]);
                    }
                    check(sequence, group, Math.max(0, sequence.computed - kv.window() + 1), meanings);
                }
                case StateSpec.Recurrent state -> {
                    long offset =
                            sequence.heldState().page(group, 0) * state.layout().slotBytes();
                    if (sequence.computed > 0) {
                        expect(
                                memory(group).get(ValueLayout.JAVA_LONG, offset),
                                meanings[sequence.computed - 1],
                                sequence,
                                group,
                                sequence.computed);
                    }
                    memory(group).set(ValueLayout.JAVA_LONG, offset, meanings[end - 1]);
                }
            }
        }
        sequence.heldState().advance(end);
    }

    private void check(Sequence sequence, int group, int from, long[] meanings) {
        for (int seen = from; seen < meanings.length; seen++) {
            expect(read(sequence, group, seen), meanings[seen], sequence, group, seen);
        }
    }

    private static void expect(long found, long meaning, Sequence sequence, int group, int position) {
        if (found != meaning) {
            assertThat(found)
                    .as("group %d, position %d of %s", group, position, Arrays.toString(sequence.tokens.from(0)))
                    .isEqualTo(meaning);
        }
    }

    /* Half of a number is the key of its position, the other half the value. */
    private void write(Sequence sequence, int group, int position, long meaning) {
        MemorySegment memory = memory(group);
        long at = offset(sequence, group, position);
        memory.set(ValueLayout.JAVA_INT, at, (int) meaning);
        memory.set(ValueLayout.JAVA_INT, memory.byteSize() / 2 + at, (int) (meaning >>> 32));
    }

    private long read(Sequence sequence, int group, int position) {
        MemorySegment memory = memory(group);
        long at = offset(sequence, group, position);
        long low = memory.get(ValueLayout.JAVA_INT, at) & 0xffff_ffffL;
        return low | (long) memory.get(ValueLayout.JAVA_INT, memory.byteSize() / 2 + at) << 32;
    }

    private static long offset(Sequence sequence, int group, int position) {
        int page = sequence.heldState().page(group, position / StateCache.PAGE_SIZE);
        assertThat(page).isNotNegative();
        return 4L * (page * StateCache.PAGE_SIZE + position % StateCache.PAGE_SIZE);
    }

    private MemorySegment memory(int group) {
        PagePool pool = cache.pools().get(group);
        return ((HostBuffer) pool.buffer()).segment();
    }

    /** A number for each position that stands for all tokens up to it. */
    private static long[] meanings(Sequence sequence, int count) {
        long[] meanings = new long[count];
        long meaning = 1L + sequence.terms.isolation().hashCode();
        for (int i = 0; i < count; i++) {
            meaning = (meaning + sequence.tokens.get(i) + 1L) * 0x9E37_79B9_7F4A_7C15L;
            meaning ^= meaning >>> 29;
            meanings[i] = meaning;
        }
        return meanings;
    }

    /** Checks that nobody holds a page any more, but for prefixes, and after that nobody at all. */
    void expectNothingHeld() {
        assertThat(cache.usedPages()).isZero();
        assertThat(cache.unusedPrefixCount()).isEqualTo(cache.prefixCount());
        cache.forgetPrefixes();
        cache.pools().forEach(pool -> assertThat(pool.usedCount()).isZero());
    }
}
