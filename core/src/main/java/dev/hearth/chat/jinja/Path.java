package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An attribute argument such as {@code "a.b.0"}: the steps from an item to what a filter works on. */
record Path(Interpreter in, List<Value> steps, @Nullable Value otherwise) {
    /** The steps of an attribute, none if it is null; {@code otherwise} stands in for what is undefined on the way. */
    static Path of(Interpreter in, @Nullable Value attribute, @Nullable Value otherwise) {
        List<Value> steps = new ArrayList<>();
        if (attribute instanceof Str s) {
            for (String part : s.text().split("\\.", -1)) {
                boolean isIndex =
                        !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
                steps.add(isIndex ? Value.Int.of(Long.parseLong(part)) : Str.of(part));
            }
        } else if (attribute != null) {
            steps.add(attribute);
        }
        return new Path(in, steps, otherwise);
    }

    Value get(Value item) {
        Value value = item;
        for (Value step : steps) {
            value = Attributes.item(in, value, step);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return value;
    }

    /** What is found, in lower case if it is a string and case doesn't count. */
    Value key(Value item, boolean caseSensitive) {
        Value value = get(item);
        return !caseSensitive && value instanceof Str s ? Casing.lower(in, s) : value;
    }
}
