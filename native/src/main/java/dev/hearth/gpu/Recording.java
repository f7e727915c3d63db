package dev.hearth.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Launches in their order: kernels, blocks, and a copy of each one's parameters. Used by one thread at a time. */
final class Recording implements AutoCloseable {
    private static final int MOST_LAUNCHES = 4096;
    private static final int MOST_BYTES = 1 << 20; // of parameters
    private static final long MIXER = 0x9e3779b97f4a7c15L; // 2^64 divided by the golden ratio

    private final Arena arena = Arena.ofShared();
    private final GpuKernel[] kernels;
    private final int[] gridX;
    private final int[] gridY;
    private final int[] ends; // where a launch's parameters end and the next one's begin
    private final MemorySegment parameters;
    private int size;
    private long blocks;
    private long hash; // of kernels and blocks

    /** An empty one, for up to {@value #MOST_LAUNCHES}. */
    Recording() {
        this(MOST_LAUNCHES, MOST_BYTES);
    }

    private Recording(int launches, long bytes) {
        kernels = new GpuKernel[launches];
        gridX = new int[launches];
        gridY = new int[launches];
        ends = new int[launches];
        parameters = arena.allocate(bytes, Long.BYTES);
    }

    /** One that stays as this is now, but for {@link #take}. */
    Recording copy() {
        Recording copy = new Recording(size, end(size - 1));
        for (int i = 0; i < size; i++) {
            copy.add(kernels[i], gridX[i], gridY[i], parameters(i));
        }
        return copy;
    }

    /** Whether there is room for a launch with so many bytes of parameters. */
    boolean hasRoom(long bytes) {
        return size < kernels.length && end(size - 1) + bytes <= parameters.byteSize();
    }

    /** Adds a launch; its parameters, a multiple of 8 bytes, are copied. */
    void add(GpuKernel kernel, int x, int y, MemorySegment its) {
        int start = end(size - 1);
        MemorySegment.copy(its, 0, parameters, start, its.byteSize());
        kernels[size] = kernel;
        gridX[size] = x;
        gridY[size] = y;
        ends[size] = start + (int) its.byteSize();
        size++;
        blocks += (long) x * y;
        hash = (hash ^ kernel.handle()) * MIXER;
        hash = (hash ^ (((long) x << Integer.SIZE) | y)) * MIXER;
        hash ^= hash >>> Integer.SIZE;
    }

    /** Forgets all. */
    void clear() {
        Arrays.fill(kernels, 0, size, null);
        size = 0;
        blocks = 0;
        hash = 0;
    }

    /** How many launches. */
    int size() {
        return size;
    }

    /** Blocks of all launches together. */
    long blocks() {
        return blocks;
    }

    /** The same for recordings with the same kernels and blocks. */
    long hash() {
        return hash;
    }

    GpuKernel kernel(int launch) {
        return kernels[launch];
    }

    int gridX(int launch) {
        return gridX[launch];
    }

    int gridY(int launch) {
        return gridY[launch];
    }

    MemorySegment parameters(int launch) {
        int start = end(launch - 1);
        return parameters.asSlice(start, ends[launch] - start, Long.BYTES);
    }

    private int end(int launch) {
        return launch < 0 ? 0 : ends[launch];
    }

    /** Whether another has the same kernels with as many blocks and bytes of parameters. */
    boolean isLike(Recording other) {
        if (hash != other.hash || size != other.size) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (kernels[i].handle() != other.kernels[i].handle()
                    || gridX[i] != other.gridX[i]
                    || gridY[i] != other.gridY[i]
                    || ends[i] != other.ends[i]) {
                return false;
            }
        }
        return true;
    }

    /** The first launch from one on whose parameters differ from those in a like one; the number of launches if none do. */
    int difference(Recording like, int from) {
        long start = end(from - 1);
        long end = end(size - 1);
        long at = MemorySegment.mismatch(parameters, start, end, like.parameters, start, end);
        if (at < 0) {
            return size;
        }
        int launch = from;
        while (ends[launch] <= start + at) {
            launch++;
        }
        return launch;
    }

    /** Takes over a launch's parameters from a like one. */
    void take(int launch, Recording like) {
        int start = end(launch - 1);
        MemorySegment.copy(like.parameters, start, parameters, start, ends[launch] - start);
    }

    @Override
    public void close() {
        arena.close();
    }
}
