package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Python's {@code sorted}: stable, by {@code <} alone, at ease with an order that isn't one (NaN). */
final class Sorting {
    private record Keyed(Value key, Value value) {}

    private Sorting() {}

    static List<Value> sorted(Budget budget, List<Value> values, boolean reversed) {
        return sorted(budget, values, v -> v, reversed);
    }

    static List<Value> sorted(Budget budget, List<Value> values, Function<Value, Value> key, boolean reversed) {
        budget.elements(2L * values.size());
        List<Keyed> keyed = new ArrayList<>(values.size());
        values.forEach(v -> keyed.add(new Keyed(key.apply(v), v)));
        if (reversed) { // twice around, so that equals keep their order
            Collections.reverse(keyed);
        }
        Keyed[] items = keyed.toArray(new Keyed[0]);
        sort(budget, items, new Keyed[items.length], 0, items.length);
        List<Value> result = new ArrayList<>(items.length);
        for (Keyed item : items) {
            result.add(item.value());
        }
        if (reversed) {
            Collections.reverse(result);
        }
        return result;
    }

    private static void sort(Budget budget, Keyed[] items, Keyed[] spare, int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        sort(budget, items, spare, from, middle);
        sort(budget, items, spare, middle, to);
        System.arraycopy(items, from, spare, from, to - from);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            boolean takesRight =
                    left == middle || (right < to && Ordering.isLess(budget, spare[right].key(), spare[left].key()));
            budget.step();
            items[i] = takesRight ? spare[right++] : spare[left++];
        }
    }
}
