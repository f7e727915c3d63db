package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RecurrentRuns;
import dev.hearth.tensor.Tensor;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** {@link dev.hearth.spi.Ops#convolve}, a channel a lane; one call, one thread. */
final class VectorConvolution {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private final Tensor out;
    private final Tensor x;
    private final HostWeight filter;
    private final @Nullable HostWeight bias;
    private final ConvolutionSpec spec;
    private final RecurrentRuns runs;
    private final int tail;
    private final float[] window; // a ring of [kernel size - 1, lanes]
    private final float[] taps; // [kernel size, lanes]
    private final float[] channels; // [lanes, kernel size - 1], as the state has them

    VectorConvolution(
            Tensor out,
            Tensor x,
            HostWeight filter,
            @Nullable HostWeight bias,
            ConvolutionSpec spec,
            RecurrentRuns runs) {
        this.out = out;
        this.x = x;
        this.filter = filter;
        this.bias = bias;
        this.spec = spec;
        this.runs = runs;
        tail = spec.kernelSize() - 1;
        window = new float[tail * LANES];
        taps = new float[(tail + 1) * LANES];
        channels = new float[tail * LANES];
    }

    /** Channels [from, to), a multiple of {@link VectorMath#LANES} of them. */
    void run(int from, int to) {
        for (int channel = from; channel < to; channel += LANES) {
            for (int i = 0; i < taps.length; i++) {
                long at = (channel + i % LANES) * (tail + 1L) + i / LANES;
                taps[i] = filter.data().get(Tensor.FLOAT, 4 * at);
            }
            int first = channel;
            runs.forEach((sequence, start, end) -> channels(first, sequence, start, end));
        }
    }

    private void channels(int channel, int sequence, long first, long end) {
        int offset = spec.stateOffset() + channel * tail;
        runs.load(sequence, first, offset, channels);
        for (int i = 0; i < window.length; i++) {
            window[i] = channels[i % LANES * tail + i / LANES];
        }
        int oldest = 0;
        for (long t = first; t < end; t++) {
            var input = FloatVector.fromMemorySegment(F, x.segment(), t * x.rowBytes() + 4L * channel, ORDER);
            result(input, oldest, channel).intoMemorySegment(out.segment(), t * out.rowBytes() + 4L * channel, ORDER);
            if (tail > 0) {
                input.intoArray(window, oldest * LANES);
                oldest = (oldest + 1) % tail;
            }
        }
        for (int i = 0; i < window.length; i++) {
            channels[i % LANES * tail + (i / LANES + tail - oldest) % tail] = window[i];
        }
        runs.save(sequence, offset, channels);
    }

    private FloatVector result(FloatVector input, int oldest, int channel) {
        FloatVector sum = FloatVector.zero(F);
        for (int j = 0; j < tail; j++) {
            int at = oldest + j < tail ? oldest + j : oldest + j - tail;
            sum = FloatVector.fromArray(F, taps, j * LANES).fma(FloatVector.fromArray(F, window, at * LANES), sum);
        }
        sum = FloatVector.fromArray(F, taps, tail * LANES).fma(input, sum);
        if (bias != null) {
            sum = sum.add(FloatVector.fromMemorySegment(F, bias.data(), 4L * channel, ORDER));
        }
        return spec.silu() ? VectorMath.silu(sum) : sum;
    }
}
