package dev.hearth.format.packed;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.SafetensorsFolder;
import dev.hearth.format.StoredTensor;
import dev.hearth.format.TensorEntry;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * BitNet's weights: a matrix of -1, 0 and 1 and one number, presented as the tensor {@code ternary_scale} beside it, that the
 * product is multiplied by. Files keep four rows in a byte, or master weights that are rounded to the nearest of the three times
 * their mean magnitude. Wang and others 2023, arXiv:2310.11453; Ma and others 2024, arXiv:2402.17764, section 2.
 */
record TernaryLayout(SafetensorsFolder files, TernaryScheme scheme) {
    private static final int ROWS_IN_BYTE = 4; // a quarter of the matrix each, the first in the low bits
    private static final float LEAST_MEAN = 1e-5f;
    private static final String WEIGHT = ".weight";
    private static final String STORED = ".weight_scale";
    private static final String SCALE = ".ternary_scale";
    private static final String BIAS = ".bias";

    /** What this tensor becomes; nothing if it stays as it is. */
    List<PackedWeight> read(TensorEntry entry) {
        Optional<String> module = moduleOf(entry);
        if (module.isEmpty()) {
            return List.of();
        }
        if (module.get().contains(".experts.")) {
            throw new ModelFormatException(
                    files.place() + ": " + entry.name(), "ternary weights of experts are not supported");
        }
        return scheme.kind() == TernaryScheme.Kind.MASTERS ? masters(module.get()) : stored(module.get(), entry);
    }

    /** The module whose ternary weight this is. */
    private Optional<String> moduleOf(TensorEntry entry) {
        String name = entry.name();
        boolean matrix = name.endsWith(WEIGHT)
                && name.contains(".layers.")
                && entry.shape().rank() == 2;
        return Optional.of(name)
                .filter(n -> matrix)
                .map(n -> n.substring(0, n.length() - WEIGHT.length()))
                .filter(module -> !scheme.keeps(module));
    }

    private List<PackedWeight> stored(String module, TensorEntry entry) {
        List<PackedWeight> made = new ArrayList<>();
        Parts scaleParts = new Parts(files, module);
        StoredTensor scale = scaleParts.require(STORED, "F32", "F16", "BF16");
        if (scale.shape().elements() != 1) {
            throw Parts.wrong(scale, "one number");
        }
        boolean multiplied = scheme.kind() == TernaryScheme.Kind.MULTIPLIED;
        float number = Numbers.of(scale).at(0);
        float factor = multiplied ? number : 1 / number;
        if (!(factor > 0 && 1 / factor > 0)) {
            throw new ModelFormatException(scale.place(), "expected a positive number, found " + number);
        }
        made.add(vector(scaleParts, SCALE, scale, new float[] {factor}));
        Parts parts = new Parts(files, module);
        if (entry.typeName().equals("U8") || !multiplied) {
            made.add(rows(parts));
        }
        if (multiplied) {
            biasTimes(factor, module).ifPresent(made::add);
        }
        return made;
    }

    private Optional<PackedWeight> biasTimes(float factor, String module) {
        Parts parts = new Parts(files, module);
        return parts.find(BIAS).map(bias -> {
            Numbers numbers = Numbers.of(bias);
            float[] values = new float[Math.toIntExact(numbers.count())];
            for (int i = 0; i < values.length; i++) {
                values[i] = numbers.at(i) * factor;
            }
            return vector(parts, BIAS, bias, values);
        });
    }

    private static PackedWeight vector(Parts parts, String ending, StoredTensor of, float[] values) {
        return PackedWeight.of(
                parts,
                parts.name(ending),
                of.typeName(),
                of,
                Shape.of(values.length),
                DType.F32,
                to -> MemorySegment.copy(values, 0, to, Tensor.FLOAT, 0, values.length));
    }

    private static PackedWeight rows(Parts parts) {
        StoredTensor codes = parts.requireMatrix(WEIGHT, "U8");
        long packedRows = codes.shape().rows();
        int columns = (int) codes.shape().width();
        Shape shape = PackedWeight.checked(codes, packedRows * ROWS_IN_BYTE, columns);
        MemorySegment data = codes.data();
        return PackedWeight.of(parts, parts.name(WEIGHT), "ternary", codes, new Matrix(shape, (row, levels) -> {
            long from = row % packedRows * columns;
            int shift = (int) (2 * (row / packedRows));
            for (int i = 0; i < columns; i++) {
                levels[i] = (data.get(ValueLayout.JAVA_BYTE, from + i) >> shift & 3) - 1;
            }
        }));
    }

    private List<PackedWeight> masters(String module) {
        Parts parts = new Parts(files, module);
        StoredTensor file = parts.requireMatrix(WEIGHT, "F32", "F16", "BF16");
        Shape shape = PackedWeight.checked(file, file.shape().sizes());
        var masters = new Masters(shape, Numbers.of(file));
        Parts none = new Parts(files, module);
        return List.of(
                PackedWeight.of(
                        parts,
                        parts.name(WEIGHT),
                        file.typeName(),
                        file,
                        shape,
                        Matrix.type(shape),
                        to -> RowWriter.write(masters.rounded(), to)),
                PackedWeight.of(
                        none,
                        none.name(SCALE),
                        "F32",
                        file,
                        Shape.of(1),
                        DType.F32,
                        to -> to.set(Tensor.FLOAT, 0, 1 / masters.inverse())));
    }

    /** Numbers to be rounded; their mean is taken when it is first asked for. */
    private static final class Masters {
        private final Shape shape;
        private final Numbers numbers;
        private float inverse; // 0 before

        Masters(Shape shape, Numbers numbers) {
            this.shape = shape;
            this.numbers = numbers;
        }

        Matrix rounded() {
            float by = inverse(); // before rows are read in parallel
            return new Matrix(shape, (row, levels) -> {
                for (int i = 0; i < levels.length; i++) {
                    float level = (float) Math.rint(numbers.at(row * levels.length + i) * by);
                    levels[i] = Math.clamp(level, -1, 1) + 0f; // no zero negative
                }
            });
        }

        /** One over the mean magnitude. */
        synchronized float inverse() {
            if (inverse == 0) {
                double[] sums = LongStream.range(0, shape.rows())
                        .parallel()
                        .mapToDouble(this::sum)
                        .toArray();
                double mean = Arrays.stream(sums).sequential().sum() / shape.elements();
                inverse = 1 / Math.max((float) mean, LEAST_MEAN);
            }
            return inverse;
        }

        private double sum(long row) {
            double sum = 0;
            for (long i = row * shape.width(); i < (row + 1) * shape.width(); i++) {
                sum += Math.abs(numbers.at(i));
            }
            return sum;
        }
    }

    private interface Row {
        void read(long row, float[] levels);
    }

    /** Whole numbers without a scale. */
    private record Matrix(Shape shape, Row row) implements CodedMatrix {
        @Override
        public DType type() {
            return type(shape);
        }

        /** The narrowest whose blocks fill rows of this width. */
        static DType type(Shape shape) {
            for (DType type : List.of(DType.TQ2_0, DType.Q4_0)) {
                if (shape.width() % type.blockSize() == 0) {
                    return type;
                }
            }
            return DType.BF16;
        }

        @Override
        public void read(long index, float[] levels, float[] scales) {
            row.read(index, levels);
            Arrays.fill(scales, 1);
        }
    }
}
