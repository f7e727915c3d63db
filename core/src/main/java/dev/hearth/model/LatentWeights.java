package dev.hearth.model;

import dev.hearth.layer.LatentAttention;
import dev.hearth.layer.LatentAttention.Head;
import dev.hearth.layer.LatentAttention.Latent;
import dev.hearth.layer.Linear;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.WeightSource;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RowValues;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tensors of latent attention by llama.cpp's names: with the heads' key and value products in one tensor, as Hugging
 * Face's files and older GGUF files have them, or apart, keys transposed.
 */
public final class LatentWeights {
    private static final String ROPE = "rope.dimension_count";
    private static final String PLAIN = "qk_nope_head_dim";
    private static final String LATENT = "attention.kv_lora_rank";
    private static final String VALUE = "attention.value_length_mla";

    private final LayerWeights layer;
    private final LatentAttention.Shape shape;
    private final int hidden;
    private final double epsilon;

    /** Plans layers whose keys are a latent vector with the rotated part of a key in front. */
    public static void configure(ModelConfigBuilder c, int rope, int plain, int latent, int value) {
        c.setting(ROPE, rope).setting(PLAIN, plain).setting(LATENT, latent).setting(VALUE, value);
        c.heads(c.headCount(), 1, (int) Math.min((long) rope + latent, Integer.MAX_VALUE))
                .rotaryDim(rope);
        c.layers((layer, i) -> layer.withValues(new KvLayout.Values.InKey(rope, latent)));
    }

    /** The sizes of a model that was configured so. @throws dev.hearth.format.ModelFormatException if one means nothing */
    public static LatentAttention.Shape shape(ModelConfig c) {
        return new LatentAttention.Shape(c.headCount(), c.size(PLAIN), c.size(ROPE), c.size(LATENT), c.size(VALUE));
    }

    /** Of one layer; {@code epsilon} is that of the latent vectors' norms. */
    public LatentWeights(LayerWeights layer, LatentAttention.Shape shape, int hidden, double epsilon) {
        this.layer = layer;
        this.shape = shape;
        this.hidden = hidden;
        this.epsilon = epsilon;
    }

    /**
     * The layer.
     *
     * @param queryLatent elements of the latent vector that queries are made of; 0 if they are made of the input
     * @throws dev.hearth.format.ModelFormatException if a tensor is missing or doesn't fit the shape
     */
    public LatentAttention read(LayerPlan.Entry plan, int queryLatent) {
        FusedWeight down = layer.fused("attn_kv_a_mqa", shape.latent() + (long) shape.rope(), hidden);
        return new LatentAttention(
                plan,
                shape,
                queryLatent == 0 ? null : query(queryLatent),
                heads(queryLatent == 0 ? "attn_q" : "attn_q_b", queryLatent == 0 ? hidden : queryLatent),
                new Latent(
                        layer.linear(down.rows(0, shape.latent())),
                        layer.rmsNorm("attn_kv_a_norm", shape.latent(), epsilon)),
                layer.linear(down.rows(shape.latent(), shape.rope())),
                layer.linear("attn_output", hidden, shape.heads() * shape.value()));
    }

    private Latent query(int size) {
        return new Latent(layer.linear("attn_q_a", size, hidden), layer.rmsNorm("attn_q_a_norm", size, epsilon));
    }

    private List<Head> heads(String name, int columns) {
        long rows = (long) shape.plain() + shape.rope();
        FusedWeight queries = layer.fused(name, shape.heads() * rows, columns);
        @Nullable
        FusedWeight both = layer.has("attn_kv_b")
                ? layer.fused("attn_kv_b", (long) shape.heads() * (shape.plain() + shape.value()), shape.latent())
                : null;
        List<Head> heads = new ArrayList<>();
        for (int h = 0; h < shape.heads(); h++) {
            heads.add(new Head(
                    layer.linear(queries.rows(h * rows, shape.plain())),
                    layer.linear(queries.rows(h * rows + shape.plain(), shape.rope())),
                    both == null ? apart("attn_k_b", h, shape.latent(), shape.plain()) : absorbing(both, h),
                    both == null ? apart("attn_v_b", h, shape.value(), shape.latent()) : expanding(both, h)));
        }
        return heads;
    }

    /** A head's matrix out of [heads, rows, columns]. */
    private Linear apart(String name, int head, long rows, long columns) {
        WeightSource all = layer.source(name + ".weight", Shape.of(shape.heads(), rows, columns));
        return layer.linear(new FusedWeight(all.rows(head * rows, rows), Optional.empty()));
    }

    private Linear expanding(FusedWeight both, int head) {
        long first = (long) head * (shape.plain() + shape.value()) + shape.plain();
        return layer.linear(new FusedWeight(both.rows(first, shape.value()).weight(), Optional.empty()));
    }

    private Linear absorbing(FusedWeight both, int head) {
        long first = (long) head * (shape.plain() + shape.value());
        WeightSource keys = both.rows(first, shape.plain()).weight();
        return layer.linear(new FusedWeight(layer.transposed(plain(keys)), Optional.empty()));
    }

    /** The F32 values that a quantised weight stands for, in heap memory; others as they are. */
    private static WeightSource plain(WeightSource w) {
        if (!w.type().isQuantised()) {
            return w;
        }
        int rows = Math.toIntExact(w.shape().rows());
        int width = Math.toIntExact(w.shape().width());
        var values = new RowValues(new HostWeight(w.name(), w.type(), w.shape(), w.data()));
        float[] row = new float[width];
        float[] all = new float[Math.multiplyExact(rows, width)];
        for (int i = 0; i < rows; i++) {
            values.read(i, row);
            System.arraycopy(row, 0, all, i * width, width);
        }
        return new WeightSource(w.name(), DType.F32, w.shape(), MemorySegment.ofArray(all));
    }
}
