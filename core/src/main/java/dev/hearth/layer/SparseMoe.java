package dev.hearth.layer;

import dev.hearth.model.ModelConfig;
import dev.hearth.model.Step;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/** Mixture of experts: a router gives each token a few of many gated layers; Fedus and others 2021, arXiv:2101.03961. */
public final class SparseMoe {
    private final Linear router;
    private final ExpertWeights experts;
    private final RoutingSpec routing;

    private SparseMoe(Linear router, ExpertWeights experts, RoutingSpec routing) {
        this.router = router;
        this.experts = experts;
        this.routing = routing;
    }

    /** The layer; the router's product has a row an expert. */
    public static SparseMoe of(ModelConfig.Moe c, Linear router, ExpertWeights experts) {
        return new SparseMoe(router, experts, new RoutingSpec(c.usedCount(), c.normalised()));
    }

    /** [tokens, hidden] to [tokens, hidden]. */
    public Tensor forward(Tensor x, Step step) {
        Tensor logits = router.forward(x, step);
        Tensor chosen = step.scratch().forLayer(DType.I32, x.rows(), routing.expertCount());
        Tensor weights = step.rows(routing.expertCount());
        step.ops().route(chosen, weights, logits, routing);
        Tensor out = step.rows(x.width());
        step.ops().experts(out, x, chosen, weights, experts, step.precision());
        return out;
    }
}
