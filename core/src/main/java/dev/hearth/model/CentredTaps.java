package dev.hearth.model;

import dev.hearth.layer.Linear;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A convolution's filter as a product for each place of its kernel. */
public final class CentredTaps {
    private CentredTaps() {}

    /**
     * The products [channels, channels] of a filter [channels, channels / groups, kernelSize]: a group's channels are made of its own,
     * so the others' columns are zeros. The bias is the middle one's.
     */
    public static List<Linear> of(Weights weights, String name, int channels, int groups, int kernelSize) {
        int inputs = channels / groups;
        List<Linear> taps = new ArrayList<>();
        try (Arena passing = Arena.ofConfined()) {
            WeightSource stored = weights.source(name + ".weight", Shape.of(channels, inputs, kernelSize));
            MemorySegment filter = FloatVectors.of(stored, 0, passing).data();
            for (int place = 0; place < kernelSize; place++) {
                float[] tap = new float[Math.multiplyExact(channels, channels)];
                for (int out = 0; out < channels; out++) {
                    int first = out / inputs * inputs;
                    for (int in = 0; in < inputs; in++) {
                        tap[out * channels + first + in] =
                                filter.get(Tensor.FLOAT, 4L * (((long) out * inputs + in) * kernelSize + place));
                    }
                }
                Weight product = weights.load(
                        FloatVectors.of(stored.name(), Shape.of(channels, channels), tap, weights.arena()));
                taps.add(
                        new Linear(product, place == kernelSize / 2 ? weights.bias(name, channels) : Optional.empty()));
            }
        }
        return taps;
    }
}
