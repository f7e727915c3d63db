package dev.hearth.gpu;

import dev.hearth.spi.Precision;
import dev.hearth.tensor.DType;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The kernels of one type of weights; {@code tiles} multiplies rounded activations of many tokens by the units for matrices. */
record WeightKernels(
        GpuKernel embed,
        Products plain,
        @Nullable Products rounded,
        @Nullable Tiles tiles) {
    /** Tokens that share what is read of a weight. */
    static final int TOKENS = 8;

    /** A product by one token, and by {@link #TOKENS} together; the same bits. */
    record Products(GpuKernel one, GpuKernel several) {
        GpuKernel of(long tokens) {
            return tokens == 1 ? one : several;
        }
    }

    /**
     * A product by blocks of so many rows of the weight and tokens; the same bits.
     *
     * @param fewest tokens that it is for
     */
    record Tiles(GpuKernel kernel, int rows, int tokens, int fewest) {
        static Tiles of(GpuKernel kernel, DType type) {
            return type.isQuantised() ? new Tiles(kernel, 64, 16, 16) : new Tiles(kernel, 128, 64, 32);
        }
    }

    /** The kernels of every type. */
    record All(Map<DType, WeightKernels> byType) {
        /** Those of a type, which {@link Support} knows. */
        WeightKernels of(DType type) {
            return Objects.requireNonNull(byType.get(type));
        }
    }

    /** Products with activations of a type: F32, or what {@link Precision#FAST} rounds them to. */
    Products by(DType activations) {
        return activations == DType.F32 ? plain : Objects.requireNonNull(rounded);
    }

    /** Enqueues products of so many tokens with rows of a weight, whose parameters are there. */
    void launch(Launches launches, DType activations, long rowCount, long tokens) {
        if (tiles != null && activations != DType.F32 && tokens >= tiles.fewest) {
            launches.launch(tiles.kernel, Launches.blocks(tokens, tiles.tokens), Launches.blocks(rowCount, tiles.rows));
            return;
        }
        long groups = tokens == 1 ? 1 : Launches.blocks(tokens, TOKENS);
        launches.launch(by(activations).of(tokens), blocks(activations, rowCount), groups);
    }

    /** Blocks that make products of activations with so many rows. */
    static long blocks(DType activations, long rowCount) {
        long lanes = activations == DType.F32 ? 16 : 8; // for one of them
        return Launches.blocks(rowCount * lanes, GpuDriver.THREADS);
    }

    static All load(GpuDriver driver) {
        Map<DType, WeightKernels> all = new EnumMap<>(DType.class);
        for (DType type : Support.WEIGHTS) {
            String name = type.name().toLowerCase(Locale.ROOT);
            boolean rounds = Precision.FAST.activation(type) != DType.F32;
            Products rounded = rounds ? products(driver, name + "_rounded") : null;
            Tiles tiles = rounds ? Tiles.of(find(driver, "hearth_linear_" + name + "_matrix"), type) : null;
            GpuKernel embed = find(driver, "hearth_embed_" + name);
            all.put(type, new WeightKernels(embed, products(driver, name), rounded, tiles));
        }
        return new All(all);
    }

    private static Products products(GpuDriver driver, String name) {
        return new Products(
                find(driver, "hearth_linear_" + name + "_1"), find(driver, "hearth_linear_" + name + "_" + TOKENS));
    }

    /** A kernel of the driver's image. */
    static GpuKernel find(GpuDriver driver, String name) {
        return new GpuKernel(name, driver.kernel(name));
    }
}
