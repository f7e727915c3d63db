package dev.hearth.gpu;

import dev.hearth.spi.DeviceException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Graphs of recordings that came again, those that were used last. A graph is made when a recording of its kernels and blocks comes the third
 * time: by then launching them one by one has cost as much. Used by one thread at a time.
 */
final class GraphCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GraphCache.class);
    private static final int MOST_GRAPHS = 32;
    private static final int MOST_KERNELS =
            1 << 14; // of all graphs, which bounds the memory that drivers take for them
    private static final int LEAST_LAUNCHES = 4;
    private static final long MOST_BLOCKS = 4096; // a launch: more take the device longer than launching takes the host
    private static final int TIMES = 3;
    private static final int PLACES = 256; // a power of two

    private final GpuGraphs driver;
    private final String device;
    private final List<LaunchGraph> graphs = new ArrayList<>(); // the one used last at the end
    private final long[] hashes = new long[PLACES]; // of recordings without a graph, each at its own place
    private final int[] times = new int[PLACES];
    private int kernels;
    private boolean failed;

    GraphCache(GpuGraphs driver, String device) {
        this.driver = driver;
        this.device = device;
    }

    /** Enqueues a recording as a graph; false if it has none, and then nothing is enqueued. */
    boolean replay(Recording recording) {
        if (recording.size() < LEAST_LAUNCHES || recording.blocks() > MOST_BLOCKS * recording.size()) {
            return false;
        }
        int at = find(recording);
        if (at < 0 || graphs.get(at).isWorn()) {
            if (at >= 0) {
                drop(at);
            } else if (!comesAgain(recording.hash())) {
                return false;
            }
            if (!make(recording)) {
                return false;
            }
            at = graphs.size() - 1;
        }
        LaunchGraph graph = graphs.remove(at);
        graphs.add(graph);
        try {
            graph.replay(recording);
        } catch (DeviceException e) {
            drop(graphs.size() - 1);
            throw e;
        }
        return true;
    }

    private int find(Recording recording) {
        for (int i = graphs.size() - 1; i >= 0; i--) {
            if (graphs.get(i).isLike(recording)) {
                return i;
            }
        }
        return -1;
    }

    private boolean comesAgain(long hash) {
        int place = (int) hash & (PLACES - 1);
        times[place] = hashes[place] == hash ? times[place] + 1 : 1;
        hashes[place] = hash;
        if (times[place] < TIMES) {
            return false;
        }
        times[place] = 0; // one that others have pushed out has to come as often again
        return true;
    }

    private boolean make(Recording recording) {
        while (!graphs.isEmpty() && (graphs.size() >= MOST_GRAPHS || kernels + recording.size() > MOST_KERNELS)) {
            drop(0);
        }
        if (failed) {
            return false;
        }
        try {
            graphs.add(new LaunchGraph(driver, recording));
        } catch (DeviceException e) {
            failed = true;
            LOG.info("{}: kernels are launched one by one: {}", device, e.getMessage());
            return false;
        }
        kernels += recording.size();
        return true;
    }

    private void drop(int at) {
        LaunchGraph graph = graphs.remove(at);
        kernels -= graph.size();
        graph.close();
    }

    @Override
    public void close() {
        while (!graphs.isEmpty()) {
            drop(graphs.size() - 1);
        }
    }
}
