package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Ops;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.Buffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Pages without a network: what a step writes at a position is a number that stands for all tokens up to it, and what a step reads
 * has to be the number of its own sequence.
 */
final class PageMemory {
    static final int WINDOW = 50;

    private final StateCache cache;
    private final Map<Long, long[]> pages = new HashMap<>();

    /** Two groups, one of which looks back {@link #WINDOW} positions, for so many pages each. */
    PageMemory(int pageLimit) {
        List<StateSpec> specs = List.of(group(Integer.MAX_VALUE), group(WINDOW));
        long bytes = StateCache.bytes(specs, CacheType.F32, StateCache.PAGE_SIZE) * pageLimit;
        cache = new StateCache(new NoDevice(), specs, CacheType.F32, StateCache.PAGE_SIZE, bytes);
    }

    private static StateSpec group(int window) {
        return new StateSpec.Kv(1, 1, 1, new KvLayout.Values.Apart(1), window);
    }

    StateCache cache() {
        return cache;
    }

    /** Does to pages what a step does. */
    void compute(Sequence sequence) {
        int end = sequence.computed + sequence.planned;
        long[] meanings = meanings(sequence, end);
        for (int position = sequence.computed; position < end; position++) {
            for (int group = 0; group < 2; group++) {
                page(sequence, group, position)[position % StateCache.PAGE_SIZE] = meanings[position];
            }
        }
        check(sequence, 0, 0, meanings);
        check(sequence, 1, Math.max(0, sequence.computed - WINDOW + 1), meanings);
        sequence.heldState().advance(end);
    }

    private void check(Sequence sequence, int group, int from, long[] meanings) {
        for (int seen = from; seen < meanings.length; seen++) {
            long found = page(sequence, group, seen)[seen % StateCache.PAGE_SIZE];
            if (found != meanings[seen]) {
                assertThat(found)
                        .as("group %d, position %d of %s", group, seen, Arrays.toString(sequence.tokens.from(0)))
                        .isEqualTo(meanings[seen]);
            }
        }
    }

    private long[] page(Sequence sequence, int group, int position) {
        int page = sequence.heldState().page(group, position / StateCache.PAGE_SIZE);
        assertThat(page).isNotNegative();
        return pages.computeIfAbsent((long) group << 32 | page, p -> new long[StateCache.PAGE_SIZE]);
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

    private record NoDevice() implements Device {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public Weight load(WeightSource source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Allocation allocate(long bytes) {
            return new Nothing(new Sized(bytes));
        }

        @Override
        public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {}

        @Override
        public Ops ops() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScratchMeter scratchMeter(int positions) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MemoryInfo memory() {
            return new MemoryInfo(Long.MAX_VALUE, Long.MAX_VALUE);
        }
    }

    private record Sized(long byteSize) implements Buffer {}

    private record Nothing(Sized buffer) implements Device.Allocation {
        @Override
        public void close() {}
    }
}
