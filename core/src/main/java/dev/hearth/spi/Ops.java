package dev.hearth.spi;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device computes: an in-order queue. Calls write into tensors of the caller and may return before they are done; values
 * may be read after {@code fence().await()} only. Row t of a result depends on row t of the inputs and its sequence's state
 * alone, to the last bit, whatever else is in the step and however many threads work: that is what lets batching, chunking and
 * preemption change no answer. One thread at a time may use a queue.
 *
 * <p>All values are F32 unless said otherwise; arithmetic is IEEE 754 binary32, rounded to nearest even. Three sums recur:
 * <ul>
 *   <li><b>sum16</b> of terms a(k) b(k): {@code s(k mod 16) = fma(a(k), b(k), s(k mod 16))} for k ascending from sixteen
 *       zeros, then folded: {@code s(i) += s(i + 8)}, {@code s(i) += s(i + 4)}, {@code s(i) += s(i + 2)}, {@code s(0) + s(1)}.
 *   <li><b>sum8</b> over blocks of quantised numbers: {@code p(b mod 8) = fma(scale, exact, p(b mod 8))} for blocks b
 *       ascending, folded likewise: ((0+4)+(2+6))+((1+5)+(3+7)).
 *   <li><b>exp</b> is the polynomial of {@link dev.hearth.spi.reference.ScalarMath#exp}.
 * </ul>
 * {@link dev.hearth.spi.reference.ScalarKernels} states every operation as code. Every
 * call throws IllegalArgumentException if shapes or types don't fit each other.
 */
public interface Ops {
    /** {@code out[t] = scale * table[ids[t]]}; out is [tokens, hidden], ids I32 [tokens, 1]. */
    void embed(Tensor out, Weight table, Tensor ids, float scale);

    /** As {@link #embed}, with row 0 for an id that the table has no row of. */
    void embedOrFirst(Tensor out, Weight table, Tensor ids, float scale);

    /**
     * {@code out[g] = (x[g] * r) * weight}, {@code r = 1 / sqrt(sum16(x[g] * x[g]) / groupSize + epsilon)} for each group g
     * of each row; Zhang and Sennrich 2019, arXiv:1910.07467.
     *
     * @param out [tokens, width]; may be x
     * @param x [tokens, width]
     * @param weight F32 [groupSize]
     */
    void norm(Tensor out, Tensor x, Weight weight, NormSpec spec);

    /** {@code residual += delta}, then {@code out = norm(residual)}. All [tokens, width]; delta null adds nothing. */
    void addNorm(Tensor out, Tensor residual, @Nullable Tensor delta, Weight weight, NormSpec spec);

    /**
     * {@code residual += delta}, then {@code out[g] = ((residual[g] - m) * r) * weight + bias} for each group g of each row:
     * {@code m = sum16(residual[g] * 1) / groupSize}, {@code c = residual[g] - m},
     * {@code r = 1 / sqrt(sum16(c * c) / groupSize + epsilon)}; Ba and others 2016, arXiv:1607.06450.
     *
     * @param out [tokens, width]; may be residual
     * @param residual [tokens, width]
     * @param delta [tokens, width]; null adds nothing, and leaves residual as it is
     * @param weight F32 [groupSize]
     * @param bias F32 [groupSize]; null adds nothing
     */
    void layerNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, Weight weight, @Nullable Weight bias, NormSpec spec);

    /** {@code inOut *= factor}; [tokens, width]. */
    void scale(Tensor inOut, float factor);

    /** {@code inOut[t, i] *= factors[i]}; [tokens, width], factors F32 [width]. */
    void scale(Tensor inOut, Weight factors);

    /** {@code out[t] = function(x[t])}. Both [tokens, width]; out may be x. */
    void map(Tensor out, Tensor x, RowFunction function);

    /**
     * Streams that lie side by side in a row, mixed by numbers of each token: {@code out[t, j] = sum over i of weights[t, j *
     * streams + i] * x[t, i]}, by fma in ascending i from zero.
     *
     * @param out [tokens, any number of streams * size]
     * @param x [tokens, streams * size]
     * @param weights [tokens, streams of out * streams of x]
     */
    void mix(Tensor out, Tensor x, Tensor weights, int streams);

    /**
     * {@code inOut[t] = (inOut[t] * sqrt(mean(like[t]^2))) / sqrt(max(mean(inOut[t]^2), least))}, means of sum16. Both [tokens,
     * width].
     */
    void resize(Tensor inOut, Tensor like, float least);

    /** {@code inOut = activation(inOut)}; [tokens, width]. */
    void activate(Tensor inOut, Activation activation);

    /** {@code inOut += x}. Both [tokens, width]. */
    void add(Tensor inOut, Tensor x);

    /**
     * Rounds activations to int8 by blocks of 32 or 256, or to BF16, to nearest with ties to even. Of int8, {@code scale = amax / 127}, {@code q = rint(x * (1 / scale))}. A block whose amax is below 2^-100 becomes zeros with scale 0; one that holds a NaN or an infinity becomes zeros
     * with scale NaN, so that what it touches is NaN too.
     *
     * @param out [tokens, width] of type {@link DType#A8_32}, {@link DType#A8_256} or {@link DType#BF16}
     * @param x [tokens, width]
     */
    void quantize(Tensor out, Tensor x);

    /**
     * {@code out[t, i] = dot(x[t], weight[i]) + bias[i]}. Where x is F32, dot is the sum16 over the F32 values that the weight
     * stands for. Where x is BF16, it is the sum16 over pairs of neighbours: for each p ascending, of the elements 2p and 2p + 1,
     * {@code s = fma(a(2p + 1), b(2p + 1), s)}, {@code s = fma(a(2p), b(2p), s)} with s = s(p mod 16), a pair's missing element and the
     * pairs up to a multiple of 16 being zeros; numbers below 2^-126 in magnitude count as zeros of their sign, given or computed
     * (Intel, BFLOAT16 Hardware Numerics Definition, 2018); a backend with units for matrices may add these products in another order, the same for a
     * row whatever else is in the call, and take such numbers as they are. Where x is quantised, it is the sum8 over its blocks: exact is the integer dot product (for Q4_K and Q6_K with
     * the groups' integer scales in it), scale the product of weight and activation scale; Q4_K adds a second term a block,
     * {@code fma(-(dmin * scale), (float) sum of minimum * group sum, p)}.
     *
     * @param out [tokens, rows]
     * @param x [tokens, columns], F32 or the type that {@link Precision#FAST} gives for the weight's
     * @param weight [rows, columns]
     */
    void linear(Tensor out, Tensor x, Weight weight, Epilogue epilogue);

    /** {@link #linear(Tensor, Tensor, Weight, Epilogue)} of each product to the result of its place; a device may make them in one pass. */
    default void linear(List<Tensor> outs, Tensor x, List<Product> products) {
        for (int i = 0; i < products.size(); i++) {
            linear(outs.get(i), x, products.get(i).weight(), products.get(i).epilogue());
        }
    }

    /**
     * Turns pairs of each head: {@code a = fma(a, cos, -(b * sin))}, {@code b = fma(b, cos, a * sin)}, with cosine and sine of
     * the F32 product position * inverseFrequency, each then multiplied by the spec's magnitude at the position. Positions are below 2^24, up to
     * where F32 holds every integer.
     *
     * @param inOut [tokens, heads * headDim]
     * @param positions I32 [tokens, 1]
     */
    void rotate(Tensor inOut, Tensor positions, RopeSpec spec);

    /**
     * Writes keys and values at the positions of the batch, rounded to the cache's type: to nearest, ties to even;
     * {@link CacheType#INT8} as {@link #quantize} rounds a block, which here is a head's whole key or value.
     *
     * @param keys [tokens, kv heads * head dim]
     * @param values [tokens, kv heads * value dim]; null where the layout has them in the keys
     */
    void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch);

    /**
     * Attention over the stored keys and values of each token's sequence from {@link AttentionSpec#firstVisible} of its position to
     * {@link AttentionSpec#lastVisible} of its position and end. Segments of 256 positions
     * (those with equal position / 256) are worked out on their own and merged in order: scores sum16(query * key) * scale; with
     * {@link RelativeTerms} of row r of the distance, before the scale, {@code (sum16(query * key) + sum16(query * keys[r])) +
     * sum16(key * queries[r])}, of which a missing one isn't added; softcapped, with
     * slopes then {@code fma(slope, key position - own position, score)};
     * p = exp(score - max); l by sixteen sums over position mod 16, folded as sum16; o = fma(p, value, o) by position. Where the
     * cache has scales, key and value are the codes, a sum16 with a key is multiplied by the key's scale, and
     * {@code o = fma(p * scale, value, o)}, the scale being the key's if values are in it. Merging
     * with a running (m, l, o): n = max(m, m'), {@code o = fma(o', exp(m' - n), o * exp(m - n))}, l likewise. A
     * sink s comes last: n = max(m, s), {@code o = o * exp(m - n)}, {@code l = l * exp(m - n) + exp(s - n)}. Result o / l.
     * Dao and others 2022, arXiv:2205.14135; Kwon and others 2023, arXiv:2309.06180.
     *
     * @param out [tokens, heads * value dim]
     * @param queries [tokens, heads * head dim]
     */
    void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch);

    /** {@code out = activation(gate) * up}. All [tokens, width]; out may be gate. Shazeer 2020, arXiv:2002.05202. */
    void gate(Tensor out, Tensor gate, Tensor up, Activation activation);

    /**
     * {@code out = (u + 1) * (g / (1 + exp(-(alpha * g))))}, {@code g = min(gate, limit)}, {@code u = min(max(up, -limit),
     * limit)}; a NaN stays one. All [tokens, width]; out may be gate.
     */
    void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating);

    /**
     * Each token's experts: those whose scores, as the spec makes them of the logits, plus {@code bias} are greatest, ties to
     * the lower index, in descending order; and their weights, the scores without bias. With groups, a group ranks by the
     * greatest of its biased scores, or the sum of its two greatest, greatest first; ties to the lower index; only experts of
     * the groups that rank highest are chosen. Softmax is exp(logit - max) / sum, sum in order of the index, or of choice where
     * only the chosen are in it. Normalised, a weight becomes weight / (sum + epsilon), sum in order of choice; last it is
     * multiplied by the scale.
     *
     * @param experts I32 [tokens, count]: indices
     * @param weights [tokens, count]
     * @param logits [tokens, all experts]
     * @param bias F32 [all experts], of the choice alone; null for none
     */
    void route(Tensor experts, Tensor weights, Tensor logits, @Nullable Weight bias, RoutingSpec spec);

    /**
     * {@code out[t] = sum of weights[t, j] * expert j (x[t])}, by fma in ascending order of the expert's index from zero. Where
     * the weights are shares of the input, expert j gets {@code fma(weights[t, j], x[t], 0)} and its weight here is 1. With
     * {@link Precision#FAST} inputs of both products are quantised as {@link #quantize} does.
     *
     * @param x F32 [tokens, hidden]
     * @param experts I32 [tokens, count]: indices, those of a token distinct
     */
    void experts(Tensor out, Tensor x, Tensor experts, Tensor weights, ExpertWeights w, Precision precision);

    /** {@code inOut *= x}. Both [tokens, width]. */
    void multiply(Tensor inOut, Tensor x);

    /**
     * {@code out[t, c] = sum over j of filter[c, j] * input (kernelSize - 1 - j) tokens before t}, by fma in ascending j from
     * zero, plus the bias, through SiLU where the spec says so. Inputs before the step are the state's, which then holds the
     * step's last. Yields the same bits however a sequence is cut into steps.
     *
     * @param out [tokens, channels]; may be x
     * @param x [tokens, channels]
     * @param filter F32 [channels, kernelSize]
     * @param bias F32 [channels]; null adds nothing
     */
    void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            Weight filter,
            @Nullable Weight bias,
            ConvolutionSpec spec,
            Batch batch);

    /**
     * For each token in order, each head h, channel p of it and number n of its state:
     * {@code dt = clamp(softplus(steps[h] + stepBias[h]))}, {@code s = fma(s, exp(dt * decay[h, n]), (dt * b[n]) * x[p])},
     * {@code out[p] = fma(x[p], skip[h], sum16 over n of s * c[n])}.
     *
     * @param out [tokens, heads * headDim]; may be x
     * @param x [tokens, heads * headDim]
     * @param steps [tokens, heads]
     * @param b [tokens, groups * stateSize]
     * @param c [tokens, groups * stateSize]
     */
    void scan(
            Tensor out,
            Tensor x,
            Tensor steps,
            Tensor b,
            Tensor c,
            ScanWeights weights,
            RecurrentView state,
            ScanSpec spec,
            Batch batch);

    /**
     * For each token in order and each value head h with state s [keyDim, valueDim]: query and key become
     * {@code x * (1 / sqrt(sum16(x * x) + 1e-6))}, the query times {@code 1 / sqrt(keyDim)} too;
     * {@code s *= exp(decay[h] * softplus(steps[h] + stepBias[h]))}; {@code u = (v - key · s) * (1 / (1 + exp(-beta[h])))};
     * {@code s = fma(key, u, s)}; {@code out = query · s}. Products with the state run over keyDim by fma from zero.
     *
     * @param out [tokens, value heads * valueDim]
     * @param queries [tokens, key heads * keyDim]
     * @param keys [tokens, key heads * keyDim]
     * @param values [tokens, value heads * valueDim]
     * @param steps [tokens, value heads]
     * @param beta [tokens, value heads]
     * @param decay F32 [value heads], negative
     * @param stepBias F32 [value heads]
     */
    void delta(
            Tensor out,
            Tensor queries,
            Tensor keys,
            Tensor values,
            Tensor steps,
            Tensor beta,
            Weight decay,
            Weight stepBias,
            RecurrentView state,
            DeltaSpec spec,
            Batch batch);

    /**
     * A mean of values weighted by exponentials of keys that decay with the distance: for each token in order and each channel
     * with state (a, b, m), of which m counts as -1e38 where b is 0, with {@code n = max(m, key + bonus)}, {@code p = exp(m - n)} and
     * {@code q = exp((key + bonus) - n)}: {@code out = fma(a, p, q * value) / fma(b, p, q)}; then with
     * {@code n = max(m + decay, key)}, {@code p = exp((m + decay) - n)} and {@code q = exp(key - n)}:
     * {@code a = fma(a, p, q * value)}, {@code b = fma(b, p, q)}, {@code m = n}.
     * Peng and others 2023, arXiv:2305.13048, section 3.
     *
     * @param out [tokens, channels]; may be keys or values
     * @param keys [tokens, channels]
     * @param values [tokens, channels]
     * @param decay F32 [channels], negative
     * @param bonus F32 [channels], added to a token's own key
     * @param stateOffset first F32 of the layer's state that holds [3, channels]: a, b and m
     */
    void wkv(
            Tensor out,
            Tensor keys,
            Tensor values,
            Weight decay,
            Weight bonus,
            RecurrentView state,
            int stateOffset,
            Batch batch);

    /** {@code inOut = cap * tanh(inOut / cap)}, tanh(y) = 1 - 2 / (exp(2y) + 1). */
    void softcap(Tensor inOut, float cap);

    /**
     * The greatest of each {@code size} neighbours in a row: {@code out[t, b] = max over i < size of x[t, b * size + i]}, fewer in
     * the last; NaN where one is NaN. A greatest zero has either sign.
     *
     * @param out [tokens, width / size, rounded up]
     * @param x [tokens, width]
     */
    void maxima(Tensor out, Tensor x, int size);

    /** {@code out[i] = x[rows[i]]}; rows is I32 [count, 1]. */
    void gather(Tensor out, Tensor x, Tensor rows);

    /**
     * {@code out[t] = x[u]}, u being the token {@code distance} positions after t in the same sequence, or before it if negative;
     * zeros where the step has none, so that a sequence must be in one step. Both [tokens, width]; out is not x.
     */
    void shift(Tensor out, Tensor x, int distance, Batch batch);

    /** The point that the queue has reached. */
    Fence fence();
}
