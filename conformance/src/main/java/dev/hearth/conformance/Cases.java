package dev.hearth.conformance;

import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The cases of every operation and what their results must be, made when first asked for. Kits that share them don't compute the
 * same again; where memory is short they are forgotten. For any thread.
 */
public final class Cases {
    /** Cases at chosen sizes, or the one that a seed draws. */
    private record Key(Operation operation, OptionalLong seed) {}

    private final Map<Key, SoftReference<List<SpecifiedCase>>> made = new ConcurrentHashMap<>();

    /** Of an operation at chosen sizes. */
    List<SpecifiedCase> of(Operation operation) {
        return get(new Key(operation, OptionalLong.empty()), () -> chosen(operation));
    }

    /** Of an operation at sizes and values drawn from a seed. */
    SpecifiedCase random(Operation operation, long seed) {
        Key key = new Key(operation, OptionalLong.of(seed));
        return get(key, () -> List.of(RandomCases.of(operation, seed))).getFirst();
    }

    private List<SpecifiedCase> get(Key key, Supplier<List<RowCase>> cases) {
        List<SpecifiedCase> known = known(made.get(key));
        while (known == null) {
            known = known(made.compute(key, (k, last) -> known(last) != null ? last : softly(cases.get())));
        }
        return known;
    }

    private static @Nullable List<SpecifiedCase> known(@Nullable SoftReference<List<SpecifiedCase>> reference) {
        return reference == null ? null : reference.get();
    }

    private static SoftReference<List<SpecifiedCase>> softly(List<RowCase> cases) {
        return new SoftReference<>(cases.stream().map(SpecifiedCase::new).toList());
    }

    private static List<RowCase> chosen(Operation operation) {
        return switch (operation) {
            case EMBED, QUANTIZE, LINEAR, EXPERTS -> WeightCases.of(operation);
            case NORM, ADD, MULTIPLY, ROTATE, GATE, ROUTE, SOFTCAP, GATHER -> PlainCases.of(operation);
            case LAYER_NORM, SCALE, ACTIVATE -> LayerNormCases.of(operation);
            case MAP, MIX, RESIZE, MAXIMA -> RowFunctionCases.of(operation);
            case STORE, ATTEND -> CacheCases.of(operation);
            case CONVOLVE, SCAN, DELTA, WKV -> RecurrentCases.of(operation);
        };
    }
}
