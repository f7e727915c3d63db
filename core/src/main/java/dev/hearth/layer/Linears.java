package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Product;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Several products of one input, made together where all of them take it in the same form. */
final class Linears {
    private final List<Linear> parts;
    private final List<Product> products;
    private final boolean roundsByRow;

    /** Products with weights of as many columns each. */
    Linears(Linear... parts) {
        this.parts = List.of(parts);
        this.products = this.parts.stream().map(Linear::product).toList();
        this.roundsByRow = this.parts.stream().anyMatch(Linear::roundsByRow);
    }

    /** [n, columns] to [n, rows] of each, in order. */
    List<Tensor> forward(Rounded x, long count, Step step) {
        Tensor[] outs = new Tensor[parts.size()];
        for (int i = 0; i < outs.length; i++) {
            outs[i] = step.scratch().forLayer(DType.F32, count, parts.get(i).rows());
        }
        List<Tensor> made = Arrays.asList(outs);
        if (takeTheSame(step.precision())) {
            step.ops().linear(made, x.forWeight(products.getFirst().weight()), products);
            for (int i = 0; i < outs.length; i++) {
                parts.get(i).scale(outs[i], step);
            }
        } else {
            for (int i = 0; i < outs.length; i++) {
                parts.get(i).into(outs[i], x, step);
            }
        }
        return made;
    }

    private boolean takeTheSame(Precision precision) {
        if (roundsByRow) {
            return false;
        }
        DType first = form(precision, products.getFirst().weight());
        for (int i = 1; i < products.size(); i++) {
            if (form(precision, products.get(i).weight()) != first) {
                return false;
            }
        }
        return true;
    }

    private static DType form(Precision precision, Weight weight) {
        return precision.activation(weight.type());
    }
}
