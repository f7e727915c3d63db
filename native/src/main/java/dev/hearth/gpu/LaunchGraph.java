package dev.hearth.gpu;

/** A recording as a graph of the driver. Owns its handles. Used by one thread at a time. */
final class LaunchGraph implements AutoCloseable {
    private static final int MOST_CHANGES = 1024;

    private final GpuGraphs graphs;
    private final Recording given; // as the driver has it
    private final long[] nodes;
    private long graph;
    private long executable;
    private int changes;

    /** @throws dev.hearth.spi.DeviceException if the driver makes none, and then nothing is left of it */
    LaunchGraph(GpuGraphs graphs, Recording recording) {
        this.graphs = graphs;
        this.given = recording.copy();
        this.nodes = new long[given.size()];
        try {
            graph = graphs.create();
            for (int i = 0; i < nodes.length; i++) {
                long before = i == 0 ? 0 : nodes[i - 1];
                nodes[i] =
                        graphs.add(graph, before, given.kernel(i), given.gridX(i), given.gridY(i), given.parameters(i));
            }
            executable = graphs.instantiate(graph);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** How many kernels it has. */
    int size() {
        return nodes.length;
    }

    /** Whether it is one of the same kernels with as many blocks. */
    boolean isLike(Recording recording) {
        return given.isLike(recording);
    }

    /**
     * Whether so much has been changed that a new one is due: HIP keeps the parameters of every change in the device's memory until a graph is
     * destroyed, see issue 10713 of ROCm/rocm-systems.
     */
    boolean isWorn() {
        return changes >= MOST_CHANGES;
    }

    /**
     * Enqueues a like recording: parameters that differ are changed first.
     *
     * @throws dev.hearth.spi.DeviceException if the driver refuses, which leaves the graph of no use
     */
    void replay(Recording recording) {
        for (int i = recording.difference(given, 0); i < nodes.length; i = recording.difference(given, i + 1)) {
            graphs.set(
                    executable,
                    nodes[i],
                    recording.kernel(i),
                    recording.gridX(i),
                    recording.gridY(i),
                    recording.parameters(i));
            given.take(i, recording);
            changes++;
        }
        graphs.launch(executable);
    }

    @Override
    public void close() {
        if (executable != 0) {
            graphs.destroyExecutable(executable);
        }
        if (graph != 0) {
            graphs.destroy(graph);
        }
        given.close();
    }
}
