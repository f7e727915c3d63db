package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The filters that compare items: sorting, grouping, extremes, sums. */
final class OrderFilters {
    private OrderFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("sort", OrderFilters::sort);
        filters.put("dictsort", OrderFilters::dictSort);
        filters.put("groupby", OrderFilters::groupBy);
        filters.put("unique", OrderFilters::unique);
        filters.put("min", (in, v, a) -> extreme(in, v, a, false));
        filters.put("max", (in, v, a) -> extreme(in, v, a, true));
        filters.put("sum", OrderFilters::sum);
    }

    private static Value sort(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_sort", 0, "reverse", "case_sensitive", "attribute");
        boolean caseSensitive = Params.flag(bound[1], false);
        List<Path> paths = new ArrayList<>();
        if (bound[2] instanceof Str attributes) {
            for (String attribute : attributes.text().split(",", -1)) {
                paths.add(Path.of(in, Str.of(attribute), null));
            }
        } else {
            paths.add(Path.of(in, Params.orNone(bound[2]), null));
        }
        List<Value> items = Iteration.list(in, value);
        return Seq.list(Sorting.sorted(
                in.budget(),
                items,
                item -> {
                    List<Value> keys = new ArrayList<>();
                    paths.forEach(p -> keys.add(p.key(item, caseSensitive)));
                    return Seq.list(keys);
                },
                Params.integer(bound[0], 0) != 0));
    }

    private static Value dictSort(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_dictsort", 0, "case_sensitive", "by", "reverse");
        boolean caseSensitive = Params.flag(bound[0], false);
        String by = bound[1] instanceof Str s ? s.text() : bound[1] == null ? "key" : "";
        if (!by.equals("key") && !by.equals("value")) {
            throw new Failure("You can only sort by either \"key\" or \"value\"");
        }
        if (value instanceof Undefined u) {
            throw u.failure();
        }
        if (!(value instanceof Dict dict)) {
            throw new Failure("'" + value.typeName() + "' object has no attribute 'items'");
        }
        List<Value> items = Iteration.list(in, new View(dict, View.Kind.ITEMS));
        Path whole = Path.of(in, null, null);
        int position = by.equals("key") ? 0 : 1;
        return Seq.list(Sorting.sorted(
                in.budget(),
                items,
                item -> whole.key(((Seq) item).items().get(position), caseSensitive),
                Params.integer(bound[2], 0) != 0));
    }

    private static Value groupBy(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_groupby", 1, "attribute", "default", "case_sensitive");
        boolean caseSensitive = Params.flag(bound[2], false);
        Path path = Path.of(in, Params.orNone(bound[0]), Params.orNone(bound[1]));
        List<Value> sorted =
                Sorting.sorted(in.budget(), Iteration.list(in, value), item -> path.key(item, caseSensitive), false);
        List<Value> groups = new ArrayList<>();
        List<Value> members = new ArrayList<>();
        Value groupKey = null;
        in.budget().elements(3L * sorted.size());
        for (Value item : sorted) {
            Value key = path.key(item, caseSensitive);
            if (groupKey == null || !Equality.equal(in.budget(), groupKey, key)) {
                groupKey = key;
                members = new ArrayList<>();
                Value shown = caseSensitive ? key : path.get(item);
                groups.add(new Seq(List.of(shown, Seq.list(members)), Seq.Kind.GROUP));
            }
            members.add(item);
        }
        return Seq.list(groups);
    }

    private static Value unique(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_unique", 0, "case_sensitive", "attribute");
        boolean caseSensitive = Params.flag(bound[0], false);
        Path path = Path.of(in, Params.orNone(bound[1]), null);
        return Iter.lazily(in, () -> {
            Set<Object> seen = new HashSet<>();
            List<Value> kept = new ArrayList<>();
            Iterator<Value> items = Iteration.over(in, value);
            while (items.hasNext()) {
                Value item = items.next();
                in.budget().elements(1);
                if (seen.add(Equality.key(path.key(item, caseSensitive)))) {
                    kept.add(item);
                }
            }
            return kept.iterator();
        });
    }

    private static Value extreme(Interpreter in, Value value, Args args, boolean largest) {
        @Nullable Value[] bound = args.bind(largest ? "do_max" : "do_min", 0, "case_sensitive", "attribute");
        boolean caseSensitive = Params.flag(bound[0], false);
        Path path = Path.of(in, Params.orNone(bound[1]), null);
        Value best = null;
        Value bestKey = null;
        Iterator<Value> items = Iteration.over(in, value);
        while (items.hasNext()) {
            Value item = items.next();
            Value key = path.key(item, caseSensitive);
            if (bestKey == null || Ordering.holds(in.budget(), largest ? ">" : "<", key, bestKey)) {
                best = item;
                bestKey = key;
            }
        }
        return best == null ? Undefined.of("No aggregated item, sequence was empty.") : best;
    }

    private static Value sum(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_sum", 0, "attribute", "start");
        Value total = bound[1] == null ? Value.Int.of(0) : bound[1];
        if (total instanceof Str) {
            throw new Failure("sum() can't sum strings [use ''.join(seq) instead]");
        }
        Path path = Path.of(in, Params.orNone(bound[0]), null);
        Iterator<Value> items = Iteration.over(in, value);
        while (items.hasNext()) {
            total = Arithmetic.binary(in, "+", Objects.requireNonNull(total), path.get(items.next()));
        }
        return total;
    }
}
