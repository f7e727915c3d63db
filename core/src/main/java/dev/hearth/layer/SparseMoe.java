package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RoutingSpec.Scoring;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Mixture of experts: a router gives each token a few of many gated layers; Fedus and others 2021, arXiv:2101.03961. */
public final class SparseMoe implements FeedForward {
    private static final RoutingSpec GATE = new RoutingSpec(1, false).withScoring(Scoring.SIGMOID);

    private final Linear router;
    private final @Nullable Weight bias;
    private final ExpertWeights experts;
    private final RoutingSpec routing;
    private final @Nullable FeedForward shared;
    private final @Nullable GatedShare gatedShare;
    private final @Nullable Weight scales;
    private final @Nullable Latent latent;

    /** The products around experts that work on narrower vectors. */
    private record Latent(Linear down, Linear up) {}

    /** What every token uses, weighted by the sigmoid of a product: one expert, chosen by that product. */
    private record GatedShare(Linear gate, ExpertWeights expert) {}

    private SparseMoe(
            Linear router,
            @Nullable Weight bias,
            ExpertWeights experts,
            RoutingSpec routing,
            @Nullable FeedForward shared,
            @Nullable GatedShare gatedShare,
            @Nullable Weight scales,
            @Nullable Latent latent) {
        this.router = router;
        this.bias = bias;
        this.experts = experts;
        this.routing = routing;
        this.shared = shared;
        this.gatedShare = gatedShare;
        this.scales = scales;
        this.latent = latent;
    }

    /** The layer; the router's product has a row an expert. */
    public static SparseMoe of(RoutingSpec routing, Linear router, ExpertWeights experts) {
        return new SparseMoe(router, null, experts, routing, null, null, null, null);
    }

    /** The same with an F32 vector that is added to scores for the choice alone. */
    public SparseMoe withChoiceBias(Weight other) {
        return new SparseMoe(router, other, experts, routing, shared, gatedShare, scales, latent);
    }

    /** The same with what every token uses beside its experts. */
    public SparseMoe withShared(FeedForward other) {
        return new SparseMoe(router, bias, experts, routing, other, gatedShare, scales, latent);
    }

    /** The same with one expert that every token uses, times the sigmoid of the product {@code gate}, which has one row. */
    public SparseMoe withGatedShared(Linear gate, ExpertWeights expert) {
        return new SparseMoe(router, bias, experts, routing, shared, new GatedShare(gate, expert), scales, latent);
    }

    /** The same with each expert's result times a number of its own, F32 [experts, 1]. */
    public SparseMoe withExpertScales(Weight other) {
        return new SparseMoe(router, bias, experts, routing, shared, gatedShare, other, latent);
    }

    /** The same with experts that get {@code down · x}, whose sum {@code up} multiplies; the router sees x itself. */
    public SparseMoe withLatent(Linear down, Linear up) {
        return new SparseMoe(router, bias, experts, routing, shared, gatedShare, scales, new Latent(down, up));
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        return forward(x, x, step);
    }

    /** [tokens, hidden] to [tokens, hidden] by the experts that the router chooses for {@code judged}, [tokens, hidden] too. */
    public Tensor forward(Tensor x, Tensor judged, Step step) {
        Tensor input = latent == null ? x : latent.down.forward(x, step);
        Tensor sum = routed(input, router.forward(judged, step), bias, routing, experts, scales, step);
        Tensor out = latent == null ? sum : latent.up.forward(sum, step);
        if (shared != null) {
            step.ops().add(out, shared.forward(x, step));
        }
        if (gatedShare != null) {
            Tensor logit = gatedShare.gate.forward(x, step);
            step.ops().add(out, routed(x, logit, null, GATE, gatedShare.expert, null, step));
        }
        return out;
    }

    private static Tensor routed(
            Tensor x,
            Tensor logits,
            @Nullable Weight bias,
            RoutingSpec routing,
            ExpertWeights experts,
            @Nullable Weight scales,
            Step step) {
        Tensor chosen = step.scratch().forLayer(DType.I32, x.rows(), routing.expertCount());
        Tensor weights = step.rows(routing.expertCount());
        step.ops().route(chosen, weights, logits, bias, routing);
        if (scales != null) {
            Tensor factors = step.rows(routing.expertCount());
            step.ops().embed(factors.asColumn(), scales, chosen.asColumn(), 1);
            step.ops().multiply(weights, factors);
        }
        Tensor out = step.rows(x.width());
        step.ops().experts(out, x, chosen, weights, experts, step.precision());
        return out;
    }
}
