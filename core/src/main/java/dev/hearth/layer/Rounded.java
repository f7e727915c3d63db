package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The input of several products, rounded at most once for each type, and only where a weight asks for it. */
final class Rounded {
    private static final RowFunction BY_ROW = new RowFunction.Int8(1e-5f); // as arXiv:2402.17764 has it

    private final Tensor x;
    private final Step step;
    private @Nullable Tensor by32;
    private @Nullable Tensor by256;
    private @Nullable Tensor bfloats;
    private @Nullable Tensor byRow;

    Rounded(Tensor x, Step step) {
        this.x = x;
        this.step = step;
    }

    /** The input as this weight wants it, [rows, columns]. */
    Tensor forWeight(Weight weight) {
        DType type = step.precision().activation(weight.type());
        if (type == DType.F32) {
            return x;
        }
        Tensor known = switch (type) {
            case A8_32 -> by32;
            case A8_256 -> by256;
            default -> bfloats;
        };
        if (known != null) {
            return known;
        }
        Tensor rounded = step.scratch().forLayer(type, x.rows(), x.width());
        step.ops().quantize(rounded, x);
        switch (type) {
            case A8_32 -> by32 = rounded;
            case A8_256 -> by256 = rounded;
            default -> bfloats = rounded;
        }
        return rounded;
    }

    /** The F32 values that the input rounded to int8 with one scale a row stands for, [rows, columns]. */
    Tensor byRow() {
        Tensor known = byRow;
        if (known == null) {
            known = step.scratch().forLayer(DType.F32, x.rows(), x.width());
            step.ops().map(known, x, BY_ROW);
            byRow = known;
        }
        return known;
    }
}
