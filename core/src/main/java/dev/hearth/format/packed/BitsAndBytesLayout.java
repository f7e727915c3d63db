package dev.hearth.format.packed;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.StoredTensor;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * bitsandbytes. 4 bits (arXiv:2305.14314, section 3): weight of (elements + 1) / 2 bytes, the first code in the high half;
 * weight.quant_map F32 [16], what codes stand for; weight.absmax, a scale for {@code blocksize} neighbours in F32, or in bytes
 * with a map and scales of their own; weight.quant_state.bitsandbytes__nf4 or __fp4, JSON. 8 bits (arXiv:2208.07339): weight I8
 * and SCB F32 [rows], what 127 stands for.
 */
final class BitsAndBytesLayout {
    private static final String STATE = ".weight.quant_state.bitsandbytes__";
    private static final String WEIGHT = ".weight";
    private static final float PER_127 = 1 / 127f;

    private BitsAndBytesLayout() {}

    /** Whether a module has the state of a weight of 4 bits. */
    static boolean hasState(Parts parts) {
        return parts.has(STATE + "nf4") || parts.has(STATE + "fp4");
    }

    /** A weight of 8 bits. */
    static PackedWeight bytes(Parts parts) {
        StoredTensor codes = parts.requireMatrix(WEIGHT, "I8");
        Shape shape = PackedWeight.checked(codes, codes.shape().sizes());
        StoredTensor greatest = parts.require(".SCB", "F32", "F16", "BF16");
        if (greatest.shape().elements() != shape.rows()) {
            throw Parts.wrong(greatest, "[" + shape.rows() + "]");
        }
        Numbers scales = Numbers.of(greatest);
        int columns = (int) shape.width();
        var matrix = new GroupedMatrix(
                shape,
                DType.F32,
                (row, out) -> {
                    for (int i = 0; i < columns; i++) {
                        out[i] = codes.data().get(ValueLayout.JAVA_BYTE, row * columns + i);
                    }
                },
                (row, group) -> 0,
                (row, group) -> scales.at(row) * PER_127,
                new int[columns]);
        return PackedWeight.of(parts, codes.name(), "int8", codes, matrix);
    }

    /** A weight of 4 bits. */
    static PackedWeight halfBytes(Parts parts) {
        String kind = parts.has(STATE + "nf4") ? "nf4" : "fp4";
        StoredTensor stored = parts.require(STATE + kind, "U8");
        Fields state = Fields.of(
                stored.place(), Json.parse(stored.place(), stored.data().toArray(ValueLayout.JAVA_BYTE)));
        StoredTensor codes = parts.find(WEIGHT).orElseThrow(); // the caller met it
        Shape shape = PackedWeight.checked(codes, sizes(state));
        if (codes.data().byteSize() != (shape.elements() + 1) / 2) {
            throw Parts.wrong(codes, (shape.elements() + 1) / 2 + " bytes for " + shape);
        }
        int size = blockSize(state, "blocksize");
        StoredTensor map = parts.require(WEIGHT + ".quant_map", Shape.of(16), "F32");
        long blocks = (shape.elements() + size - 1) / size;
        BlockScales scales = scales(parts, state, blocks);
        return PackedWeight.of(
                parts, codes.name(), kind, codes, new HalfBytes(shape, type(state), codes.data(), map, size, scales));
    }

    /** The scale of a block. */
    private interface BlockScales {
        float at(long block);
    }

    @SuppressWarnings("UnusedVariable") // Error Prone misses uses in records
    private record HalfBytes(
            Shape shape, DType type, MemorySegment codes, StoredTensor map, int blockSize, BlockScales blockScales)
            implements CodedMatrix {
        @Override
        public void read(long row, float[] levels, float[] scales) {
            Numbers values = Numbers.of(map);
            float[] table = new float[16];
            for (int i = 0; i < table.length; i++) {
                table[i] = values.at(i);
            }
            long index = row * levels.length;
            long last = -1;
            float scale = 0;
            for (int i = 0; i < levels.length; i++, index++) {
                int pair = codes.get(ValueLayout.JAVA_BYTE, index / 2);
                levels[i] = table[(index % 2 == 0 ? pair >> 4 : pair) & 15];
                if (index / blockSize != last) {
                    last = index / blockSize;
                    scale = blockScales.at(last);
                }
                scales[i] = scale;
            }
        }
    }

    private static BlockScales scales(Parts parts, Fields state, long blocks) {
        StoredTensor stored = parts.require(WEIGHT + ".absmax", "F32", "U8");
        if (stored.shape().elements() != blocks) {
            throw Parts.wrong(stored, "scales of " + blocks + " blocks");
        }
        if (stored.typeName().equals("F32")) {
            return Numbers.of(stored)::at;
        }
        int size = blockSize(state, "nested_blocksize");
        Numbers map = Numbers.of(parts.require(WEIGHT + ".nested_quant_map", Shape.of(256), "F32"));
        StoredTensor outer = parts.require(WEIGHT + ".nested_absmax", "F32");
        if (outer.shape().elements() != (blocks + size - 1) / size) {
            throw Parts.wrong(outer, "scales of " + (blocks + size - 1) / size + " blocks");
        }
        Numbers scales = Numbers.of(outer);
        float offset = (float) state.number("nested_offset")
                .orElseThrow(
                        () -> new ModelFormatException(state.at("nested_offset"), "expected a number, found nothing"));
        return block ->
                map.at(stored.data().get(ValueLayout.JAVA_BYTE, block) & 0xff) * scales.at(block / size) + offset;
    }

    private static long[] sizes(Fields state) {
        List<Json> sizes = state.array("shape").orElse(List.of());
        return sizes.stream()
                .mapToLong(s -> s instanceof Json.Int(long value) ? value : -1)
                .toArray();
    }

    private static int blockSize(Fields state, String name) {
        int size = state.requiredInteger(name);
        if (size < 1) {
            throw new ModelFormatException(state.at(name), "expected at least 1, found " + size);
        }
        return size;
    }

    /** Values are rounded to the type that the weight had, as bitsandbytes does. */
    private static DType type(Fields state) {
        Optional<String> name = state.string("dtype");
        return switch (name.orElse("")) {
            case "bfloat16" -> DType.BF16;
            case "float16" -> DType.F16;
            case "float32" -> DType.F32;
            default ->
                throw new ModelFormatException(
                        state.at("dtype"), "expected bfloat16, float16 or float32, found " + name.orElse("nothing"));
        };
    }
}
