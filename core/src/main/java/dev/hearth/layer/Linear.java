package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Product;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Optional;

/** A product with a weight [rows, columns] and its bias, if it has one. */
public final class Linear {
    private final Weight weight;
    private final Epilogue epilogue;
    private final boolean roundsByRow;
    private final float factor;

    /** The product; {@code bias} is F32 [rows]. */
    public Linear(Weight weight, Optional<Weight> bias) {
        this(weight, bias.map(Epilogue::new).orElse(Epilogue.NONE), false, 1);
    }

    private Linear(Weight weight, Epilogue epilogue, boolean roundsByRow, float factor) {
        this.weight = weight;
        this.epilogue = epilogue;
        this.roundsByRow = roundsByRow;
        this.factor = factor;
    }

    /** The same with its input rounded to int8, one scale a row, whatever the precision: as a model was trained. */
    public Linear withRoundedInput() {
        return new Linear(weight, epilogue, true, factor);
    }

    /** The same with its result, the bias in it, times a factor. */
    public Linear times(float by) {
        return new Linear(weight, epilogue, roundsByRow, by);
    }

    /** Elements of a result. */
    public long rows() {
        return weight.shape().rows();
    }

    /** [n, columns] to [n, rows]. */
    public Tensor forward(Tensor x, Step step) {
        return forward(new Rounded(x, step), x.rows(), step);
    }

    Tensor forward(Rounded x, long count, Step step) {
        Tensor out = step.scratch().forLayer(DType.F32, count, rows());
        into(out, x, step);
        return out;
    }

    /** The product into {@code out}, [n, rows], which may be columns of another tensor. */
    void into(Tensor out, Rounded x, Step step) {
        step.ops().linear(out, roundsByRow ? x.byRow() : x.forWeight(weight), weight, epilogue);
        scale(out, step);
    }

    /** The factor, on a product that another has made. */
    void scale(Tensor out, Step step) {
        if (factor != 1) {
            step.ops().scale(out, factor);
        }
    }

    /** The product without the factor. */
    Product product() {
        return new Product(weight, epilogue);
    }

    /** Whether it rounds its input by rows. */
    boolean roundsByRow() {
        return roundsByRow;
    }
}
