package dev.hearth.gpu;

import dev.hearth.spi.DeviceException;
import dev.hearth.spi.MemoryInfo;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A driver whose launches are recorded until something else is asked of the queue, or somebody waits for it; then they are enqueued as one
 * graph, if they came before. Parameters are always those that were given with the launch: nothing is taken over from an earlier step.
 */
final class RecordedDriver implements GpuDriver {
    /** System property: {@code off} launches kernels one by one. */
    static final String GRAPHS = "hearth.gpu.graphs";

    private static final Logger LOG = LoggerFactory.getLogger(RecordedDriver.class);

    private final GpuDriver driver;
    private final GraphCache graphs;
    private final Recording recording = new Recording();
    private @Nullable DeviceException untold; // of a launch that was due when something was freed
    private long enqueued; // calls
    private long awaited; // of these

    private RecordedDriver(GpuDriver driver, GpuGraphs graphs) {
        this.driver = driver;
        this.graphs = new GraphCache(graphs, driver.name());
    }

    /** Graphs for a driver that has them; else the driver as it is. */
    static GpuDriver of(GpuDriver driver) {
        if ("off".equals(System.getProperty(GRAPHS))) {
            return driver;
        }
        Optional<GpuGraphs> graphs = driver.graphs();
        if (graphs.isEmpty()) {
            LOG.info("{}: kernels are launched one by one: its driver has no graphs, a newer one may", driver.name());
        }
        return graphs.<GpuDriver>map(g -> new RecordedDriver(driver, g)).orElse(driver);
    }

    @Override
    public synchronized void launch(GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
        if (!recording.hasRoom(parameters.byteSize())) {
            enqueue();
        }
        recording.add(kernel, gridX, gridY, parameters);
    }

    /** Enqueues what is recorded. */
    private void enqueue() {
        enqueued++;
        try {
            if (recording.size() > 0 && !graphs.replay(recording)) {
                for (int i = 0; i < recording.size(); i++) {
                    driver.launch(recording.kernel(i), recording.gridX(i), recording.gridY(i), recording.parameters(i));
                }
            }
        } finally {
            recording.clear();
        }
    }

    /** The driver, behind what is recorded. With the lock, which is kept for the call: then synchronize knows what there is to wait for. */
    private GpuDriver behind() {
        if (untold != null) {
            DeviceException e = untold;
            untold = null;
            throw e;
        }
        enqueue();
        return driver;
    }

    /** The same for calls that don't fail: the next one that may tells what went wrong. */
    private synchronized GpuDriver quietlyBehind() {
        try {
            enqueue();
        } catch (DeviceException e) {
            untold = e;
        }
        return driver;
    }

    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public String description() {
        return driver.description();
    }

    @Override
    public MemoryInfo memory() {
        return driver.memory();
    }

    @Override
    public long allocate(long bytes) {
        return driver.allocate(bytes);
    }

    @Override
    public void free(long address) {
        quietlyBehind().free(address);
    }

    @Override
    public void pin(MemorySegment memory) {
        driver.pin(memory);
    }

    @Override
    public void unpin(MemorySegment memory) {
        quietlyBehind().unpin(memory);
    }

    @Override
    public synchronized void zero(long address, long bytes) {
        behind().zero(address, bytes);
    }

    @Override
    public synchronized void upload(long to, MemorySegment from) {
        behind().upload(to, from);
    }

    @Override
    public synchronized void download(MemorySegment to, long from) {
        behind().download(to, from);
    }

    @Override
    public synchronized void copy(long to, long from, long bytes) {
        behind().copy(to, from, bytes);
    }

    @Override
    public GpuMark mark() {
        return new RecordedMark(driver.mark());
    }

    @Override
    public long kernel(String name) {
        return driver.kernel(name);
    }

    /** Asks the driver only if anything has been enqueued since it was asked last. */
    @Override
    public void synchronize() {
        long all;
        synchronized (this) {
            if (recording.size() == 0 && untold == null && awaited == enqueued) {
                return;
            }
            behind();
            all = enqueued;
        }
        driver.synchronize();
        synchronized (this) {
            awaited = Math.max(awaited, all);
        }
    }

    private final class RecordedMark implements GpuMark {
        private final GpuMark mark;

        RecordedMark(GpuMark mark) {
            this.mark = mark;
        }

        @Override
        public void set() {
            synchronized (RecordedDriver.this) {
                behind();
                mark.set();
            }
        }

        @Override
        public void await() {
            mark.await();
        }

        @Override
        public void close() {
            mark.close();
        }
    }

    @Override
    public synchronized void close() {
        graphs.close();
        recording.close();
        driver.close();
    }
}
