package dev.hearth.tokenizer;

import java.util.Arrays;

/**
 * Encodes pieces: short ones by looking through all neighbours for the best again and again, long ones with a heap, in
 * O(n log n).
 */
final class BpeEncoder implements Model.Encoder {
    /** From here on a heap is faster. */
    private static final int LONG = 48;

    private final Bpe bpe;
    private final MergeTable merges;
    private final Model.Encoder computing = this::compute;
    private final IntList symbols = new IntList(64);

    private final int[] shortSymbols = new int[LONG];
    private final long[] shortMerges = new long[LONG];

    private int[] symbol = {};
    private int[] previous = {};
    private int[] next = {};
    /** Of a symbol and its next: {@link MergeTable#find}. */
    private long[] merge = {};
    /** {@code rank << 32 | index of the left symbol}, a binary heap, least first. */
    private long[] heap = {};

    private int heapSize;

    BpeEncoder(Bpe bpe) {
        this.bpe = bpe;
        this.merges = bpe.merges();
    }

    @Override
    public void encode(char[] text, int from, int to, IntList ids) {
        if (bpe.separators().isNone()) {
            bpe.cache().encode(text, from, to, ids, computing);
            return;
        }
        for (int at = from; at < to; ) {
            int end = bpe.separators().next(text, at, to);
            bpe.cache().encode(text, at, end, ids, computing);
            at = end;
        }
    }

    private void compute(char[] text, int from, int to, IntList ids) {
        int whole = bpe.findWhole(text, from, to);
        if (whole >= 0) {
            ids.add(whole);
            return;
        }
        symbols.clear();
        bpe.symbols().read(text, from, to, symbols);
        if (symbols.size() < LONG) {
            mergeShort(ids);
        } else {
            mergeLong(ids);
        }
    }

    private void mergeShort(IntList ids) {
        int[] s = shortSymbols;
        long[] m = shortMerges;
        int n = symbols.size();
        for (int i = 0; i < n; i++) {
            s[i] = symbols.get(i);
        }
        for (int i = 0; i + 1 < n; i++) {
            m[i] = merges.find(s[i], s[i + 1]);
        }
        while (n > 1) {
            int best = 0;
            for (int i = 1; i < n - 1; i++) {
                if (m[i] >>> 32 < m[best] >>> 32) {
                    best = i;
                }
            }
            if (m[best] == MergeTable.NONE) {
                break;
            }
            s[best] = (int) m[best];
            n--;
            System.arraycopy(s, best + 2, s, best + 1, n - best - 1);
            if (best + 1 < n) {
                System.arraycopy(m, best + 2, m, best + 1, n - best - 2);
                m[best] = merges.find(s[best], s[best + 1]);
            }
            if (best > 0) {
                m[best - 1] = merges.find(s[best - 1], s[best]);
            }
        }
        for (int i = 0; i < n; i++) {
            bpe.symbols().write(s[i], ids);
        }
    }

    private void mergeLong(IntList ids) {
        int n = symbols.size();
        link(n);
        while (heapSize > 0) {
            long top = pop();
            int left = (int) top;
            if (merge[left] == MergeTable.NONE || merge[left] >>> 32 != top >>> 32) {
                continue; // merged since, into something else
            }
            int right = next[left];
            symbol[left] = (int) merge[left];
            merge[right] = MergeTable.NONE;
            next[left] = next[right];
            if (next[left] < n) {
                previous[next[left]] = left;
            }
            refresh(left, n);
            if (previous[left] >= 0) {
                refresh(previous[left], n);
            }
        }
        for (int i = 0; i < n; i = next[i]) {
            bpe.symbols().write(symbol[i], ids);
        }
    }

    private void link(int n) {
        if (symbol.length < n) {
            symbol = new int[n];
            previous = new int[n];
            next = new int[n];
            merge = new long[n];
            heap = new long[n];
        }
        for (int i = 0; i < n; i++) {
            symbol[i] = symbols.get(i);
            previous[i] = i - 1;
            next[i] = i + 1;
        }
        heapSize = 0;
        for (int i = 0; i + 1 < n; i++) {
            merge[i] = merges.find(symbol[i], symbol[i + 1]);
            if (merge[i] != MergeTable.NONE) {
                heap[heapSize++] = merge[i] >>> 32 << 32 | i;
            }
        }
        merge[n - 1] = MergeTable.NONE;
        for (int i = heapSize / 2 - 1; i >= 0; i--) {
            siftDown(i);
        }
    }

    /** Looks up what {@code left} and its next merge into, and queues it. */
    private void refresh(int left, int n) {
        merge[left] = next[left] < n ? merges.find(symbol[left], symbol[next[left]]) : MergeTable.NONE;
        if (merge[left] != MergeTable.NONE) {
            push(merge[left] >>> 32 << 32 | left);
        }
    }

    private void push(long value) {
        if (heapSize == heap.length) {
            heap = Arrays.copyOf(heap, heapSize + (heapSize >> 1) + 16);
        }
        int i = heapSize++;
        while (i > 0 && heap[(i - 1) / 2] > value) {
            heap[i] = heap[(i - 1) / 2];
            i = (i - 1) / 2;
        }
        heap[i] = value;
    }

    private long pop() {
        long top = heap[0];
        heap[0] = heap[--heapSize];
        if (heapSize > 0) {
            siftDown(0);
        }
        return top;
    }

    private void siftDown(int start) {
        long value = heap[start];
        int i = start;
        for (int child = 2 * i + 1; child < heapSize; child = 2 * i + 1) {
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= value) {
                break;
            }
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = value;
    }
}
