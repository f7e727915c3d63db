package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** The filter {@code pprint}: {@code repr} with the keys of dicts sorted. Long values aren't broken into lines as Python breaks them. */
final class Pretty {
    private Pretty() {}

    static Value print(Interpreter in, Value value) {
        return Repr.repr(in.budget(), sorted(in.budget(), value));
    }

    private static Value sorted(Budget budget, Value value) {
        budget.enter();
        Value result = value;
        if (value instanceof Seq s) {
            budget.elements(s.size());
            List<Value> items = new ArrayList<>(s.size());
            s.items().forEach(item -> items.add(sorted(budget, item)));
            result = new Seq(items, s.kind());
        } else if (value instanceof Dict d) {
            budget.elements(2L * d.size());
            List<Value> keys = d.keys();
            boolean isText = keys.stream().allMatch(k -> k instanceof Str);
            boolean isNumbers = keys.stream().allMatch(Equality::isNumber);
            var dict = new Dict();
            for (Value key : isText || isNumbers ? Sorting.sorted(budget, keys, false) : keys) {
                dict.put(key, sorted(budget, java.util.Objects.requireNonNull(d.get(key))));
            }
            result = dict;
        }
        budget.leave();
        return result;
    }
}
