package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.KvView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head latent attention; DeepSeek-AI 2024, arXiv:2405.04434, section 2.1. The cache holds one latent vector and one
 * rotated key a position. Each head's key and value products are absorbed: they multiply its query before, and its result after,
 * attention over the latent vectors, which then are keys and values of a single key head.
 */
public final class LatentAttention implements TokenMixer {
    /**
     * Sizes: of a head's query apart from positions and of its rotated part, of the latent vector, of a head's value.
     *
     * @param rope even
     */
    public record Shape(int heads, int plain, int rope, int latent, int value) {
        /** Elements of a key in the cache: the rotated part, then the latent vector. */
        public int keyWidth() {
            return rope + latent;
        }
    }

    /**
     * The products of each head.
     *
     * @param plain to [plain], what meets the latent vectors
     * @param rope to [rope], what is rotated
     * @param absorb from [plain] to [latent]
     * @param expand from [latent] to [value]
     */
    public record Head(Linear plain, Linear rope, Linear absorb, Linear expand) {}

    /**
     * The way to a latent vector.
     *
     * @param down from [hidden]
     */
    public record Latent(Linear down, RmsNorm norm) {}

    private final LayerPlan.Entry plan;
    private final RopeSpec rotation;
    private final Shape shape;
    private final @Nullable Latent query;
    private final List<Head> heads;
    private final Latent latent;
    private final Linear keyRope;
    private final Linear output;

    /**
     * The layer.
     *
     * @param query the latent vector that queries are made of; null for the input itself
     * @param keyRope from [hidden] to [rope]
     * @param output from [heads * value] to [hidden]
     */
    public LatentAttention(
            LayerPlan.Entry plan,
            Shape shape,
            @Nullable Latent query,
            List<Head> heads,
            Latent latent,
            Linear keyRope,
            Linear output) {
        this.plan = plan;
        this.rotation = plan.rope()
                .orElseThrow(() -> new IllegalArgumentException("latent attention: expected a rotation, found none"));
        this.shape = shape;
        this.query = query;
        this.heads = List.copyOf(heads);
        this.latent = latent;
        this.keyRope = keyRope;
        this.output = output;
    }

    /** [tokens, hidden] to [tokens, hidden]; writes the step's latent vectors and keys. */
    @Override
    public Tensor forward(Tensor x, Step step) {
        Rounded input = new Rounded(x, step);
        Tensor queries = queries(input, x.rows(), step);
        Tensor key = step.rows(shape.keyWidth());
        keyRope.into(key.columns(0, shape.rope), input, step);
        Tensor vector = key.columns(shape.rope, shape.latent);
        latent.down.into(vector, input, step);
        latent.norm.inPlace(vector, step);
        step.ops().rotate(queries, step.batch().positions(), rotation);
        step.ops().rotate(key, step.batch().positions(), rotation);
        KvView kv = step.kv(plan);
        step.ops().store(kv, key, null, step.batch());
        Tensor seen = step.rows((long) shape.heads * shape.latent);
        step.ops().attend(seen, queries, kv, plan.attention(), step.batch());
        Tensor values = step.rows((long) shape.heads * shape.value);
        for (int h = 0; h < shape.heads; h++) {
            Tensor own = seen.columns((long) h * shape.latent, shape.latent);
            heads.get(h).expand.into(values.columns((long) h * shape.value, shape.value), new Rounded(own, step), step);
        }
        return output.forward(values, step);
    }

    /** [tokens, heads * (rope + latent)], not rotated yet. */
    private Tensor queries(Rounded input, long count, Step step) {
        Rounded source = input;
        if (query != null) {
            source = new Rounded(query.norm.inPlace(query.down.forward(input, count, step), step), step);
        }
        Tensor queries = step.rows((long) shape.heads * shape.keyWidth());
        Tensor plain = step.rows((long) shape.heads * shape.plain);
        for (int h = 0; h < shape.heads; h++) {
            Head head = heads.get(h);
            long start = (long) h * shape.keyWidth();
            Tensor own = plain.columns((long) h * shape.plain, shape.plain);
            head.plain.into(own, source, step);
            head.rope.into(queries.columns(start, shape.rope), source, step);
            head.absorb.into(queries.columns(start + shape.rope, shape.latent), new Rounded(own, step), step);
        }
        return queries;
    }
}
