package dev.hearth.gpu;

import java.lang.foreign.Arena;

/** Starts kernels: their parameters, then how many blocks. Used by one thread at a time. */
final class Launches implements AutoCloseable {
    private final GpuDriver driver;
    private final Arena arena = Arena.ofShared();
    private final Parameters parameters;

    Launches(GpuDriver driver, Mirrors mirrors) {
        this.driver = driver;
        this.parameters = new Parameters(arena, mirrors);
    }

    /** Parameters of the next launch, none yet. */
    Parameters begin() {
        return parameters.begin();
    }

    /** Those so far. */
    Parameters parameters() {
        return parameters;
    }

    /** Enqueues so many blocks, none if there is nothing to do. */
    void launch(GpuKernel kernel, long gridX, long gridY) {
        if (gridX > 0 && gridY > 0) {
            driver.launch(kernel, Math.toIntExact(gridX), Math.toIntExact(gridY), parameters.end());
        }
    }

    /** Blocks for so many items. */
    static long blocks(long items, long aBlock) {
        return (items + aBlock - 1) / aBlock;
    }

    @Override
    public void close() {
        arena.close();
    }
}
