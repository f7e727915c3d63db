package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.model.Scratch;
import dev.hearth.spi.Device;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Rows in memory that nobody but their device can read. */
class RemoteRowsTest {
    private static final int BLOCK = 128;

    @Property(tries = 400)
    void rows_areTheDevicesHoweverTheyCome(@ForAll long seed) {
        Random random = new Random(seed);
        int count = 1 + random.nextInt(5);
        int width = 1 + random.nextInt(random.nextBoolean() ? 300 : 4000);
        try (HostDevice host = new HostDevice("host", ScalarKernels.ops());
                Step step = new Step(new AwayDevice(host), count, width)) {
            float[][] values = step.write(random);
            RemoteRows remote = new RemoteRows(step.device, step.rows, step.here, step.there);
            BitSet[] wanted = want(remote, random, count, width);
            remote.bring();
            Tensor brought = step.rows;
            for (int read = 0; read < 20; read++) {
                int row = random.nextInt(count);
                int from = random.nextInt(width);
                int end = from + 1 + random.nextInt(width - from);
                assertCopied(remote, values[row], row, from, end);
            }
            long pieces = (long) count * width / BLOCK;
            step.overwrite(brought); // what was wanted is here by now
            for (int row = 0; row < count; row++) {
                for (int block = wanted[row].nextSetBit(0); block >= 0; block = wanted[row].nextSetBit(block + 1)) {
                    int end = Math.min(width, (block + 1) * BLOCK);
                    if ((long) row * width + end <= pieces * BLOCK) { // the rest of all rows may come when it is read
                        assertCopied(remote, values[row], row, block * BLOCK, end);
                    }
                }
            }
        }
    }

    private static void assertCopied(RemoteRows remote, float[] values, int row, int from, int end) {
        float[] to = new float[values.length];
        remote.copy(row, to, from, end);
        assertThat(Arrays.copyOfRange(to, from, end)).containsExactly(Arrays.copyOfRange(values, from, end));
    }

    private static BitSet[] want(RemoteRows remote, Random random, int count, int width) {
        BitSet[] wanted = new BitSet[count];
        for (int row = 0; row < count; row++) {
            wanted[row] = new BitSet();
            int blocks = (width + BLOCK - 1) / BLOCK;
            if (random.nextInt(3) == 0) {
                remote.want(row, 1);
                wanted[row].set(0, blocks);
            }
            BitSet some = new BitSet();
            for (int i = random.nextInt(4); i > 0; i--) {
                some.set(random.nextInt(blocks));
            }
            remote.want(row, some, BLOCK);
            wanted[row].or(some);
        }
        return wanted;
    }

    /** Memory of a step. */
    private static final class Step implements AutoCloseable {
        final Device device;
        final Scratch here;
        final Scratch there;
        final Tensor rows;

        Step(Device device, int count, int width) {
            this.device = device;
            this.here = Scratch.inHostMemory(device);
            this.there = new Scratch(device);
            this.rows = there.forStep(DType.F32, count, width);
        }

        float[][] write(Random random) {
            Tensor from = here.forStep(DType.F32, rows.rows(), rows.width());
            float[][] values = new float[(int) rows.rows()][(int) rows.width()];
            for (int row = 0; row < values.length; row++) {
                for (int i = 0; i < values[row].length; i++) {
                    values[row][i] = random.nextFloat();
                    from.setFloat(row, i, values[row][i]);
                }
            }
            device.copy(rows, from);
            return values;
        }

        void overwrite(Tensor what) {
            device.copy(what, here.forStep(DType.F32, what.rows(), what.width()));
        }

        @Override
        public void close() {
            here.close();
            there.close();
        }
    }
}
