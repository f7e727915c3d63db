package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The filters that pick and map items; those that are generators in jinja2 work when their items are asked for. */
final class ListFilters {
    private ListFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("list", (in, v, a) -> none(a, Seq.list(Iteration.list(in, v))));
        filters.put("length", (in, v, a) -> none(a, length(v)));
        filters.put("count", (in, v, a) -> none(a, length(v)));
        filters.put("first", (in, v, a) -> none(a, first(in, v)));
        filters.put("last", (in, v, a) -> none(a, last(in, v)));
        filters.put("random", (in, v, a) -> none(a, random(in, v)));
        filters.put("reverse", (in, v, a) -> none(a, reverse(in, v)));
        filters.put("items", (in, v, a) -> none(a, items(in, v)));
        filters.put("batch", ListFilters::batch);
        filters.put("slice", ListFilters::slice);
        filters.put("map", ListFilters::map);
        filters.put("select", (in, v, a) -> select(in, v, a, false, true));
        filters.put("reject", (in, v, a) -> select(in, v, a, false, false));
        filters.put("selectattr", (in, v, a) -> select(in, v, a, true, true));
        filters.put("rejectattr", (in, v, a) -> select(in, v, a, true, false));
    }

    private static Value none(Args args, Value result) {
        args.bind("this filter", 0);
        return result;
    }

    private static Value length(Value value) {
        int length = Iteration.length(value);
        if (length < 0) {
            throw new Failure("object of type '" + value.typeName() + "' has no len()");
        }
        return Value.Int.of(length);
    }

    private static Value first(Interpreter in, Value value) {
        Iterator<Value> items = Iteration.over(in, value);
        return items.hasNext() ? items.next() : Undefined.of("No first item, sequence was empty.");
    }

    private static boolean isReversible(Value value) {
        return Iteration.length(value) >= 0 && !(value instanceof Loop);
    }

    private static Value last(Interpreter in, Value value) {
        if (!isReversible(value)) {
            throw new Failure("'" + value.typeName() + "' object is not reversible");
        }
        if (Iteration.length(value) == 0) {
            return Undefined.of("No last item, sequence was empty.");
        }
        return switch (value) {
            case Seq s -> s.items().getLast();
            case Str s ->
                s.part(
                        s.text().length()
                                - Character.charCount(
                                        s.text().codePointBefore(s.text().length())),
                        s.text().length());
            default -> Iteration.list(in, value).getLast();
        };
    }

    private static Value random(Interpreter in, Value value) {
        if (Iteration.length(value) == 0) {
            return Undefined.of("No random item, sequence was empty.");
        }
        length(value);
        return Attributes.item(
                in, value, Value.Int.of(ThreadLocalRandom.current().nextInt(Iteration.length(value))));
    }

    private static Value reverse(Interpreter in, Value value) {
        if (value instanceof Str s) {
            return Slices.slice(in, s, null, null, Value.Int.of(-1));
        }
        if (!Iteration.isIterable(value)) {
            throw new Failure("argument must be iterable");
        }
        List<Value> items = Iteration.list(in, value);
        Collections.reverse(items);
        String name = value instanceof Seq s && s.isList() ? "list_reverseiterator" : "reversed";
        return isReversible(value) ? new Iter(name, items.iterator()) : Seq.list(items);
    }

    private static Value items(Interpreter in, Value value) {
        return Iter.lazily(in, () -> switch (value) {
            case Undefined u -> Collections.emptyIterator();
            case Dict d -> Iteration.over(in, new View(d, View.Kind.ITEMS));
            default -> throw new Failure("Can only get item pairs from a mapping.");
        });
    }

    private static Value batch(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_batch", 1, "linecount", "fill_with");
        int size = bound[0] instanceof Value.Int || bound[0] instanceof Value.Bool ? Params.integer(bound[0], 0) : -1;
        Value fill = Params.orNone(bound[1]);
        return Iter.lazily(in, () -> {
            Iterator<Value> items = Iteration.over(in, value);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return items.hasNext();
                }

                @Override
                public Value next() {
                    List<Value> row = new ArrayList<>();
                    do {
                        in.budget().elements(1);
                        row.add(items.next());
                    } while (row.size() != size && items.hasNext());
                    if (fill != null && row.size() < size) {
                        in.budget().elements(size - row.size());
                        row.addAll(Collections.nCopies(size - row.size(), fill));
                    }
                    return Seq.list(row);
                }
            };
        });
    }

    private static Value slice(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_slice", 1, "slices", "fill_with");
        Value fill = Params.orNone(bound[1]);
        return Iter.lazily(in, () -> {
            int slices = Params.integer(bound[0], 0);
            if (slices == 0) {
                throw new Failure("integer division or modulo by zero");
            }
            List<Value> items = Iteration.list(in, value);
            in.budget().elements((long) items.size() + 2L * Math.max(0, slices));
            List<Value> columns = new ArrayList<>();
            int each = Math.floorDiv(items.size(), slices);
            int longer = Math.floorMod(items.size(), slices);
            int from = 0;
            for (int i = 0; i < slices; i++) {
                int to = from + each + (i < longer ? 1 : 0);
                List<Value> column = new ArrayList<>(items.subList(from, to));
                if (fill != null && i >= longer) {
                    column.add(fill);
                }
                columns.add(Seq.list(column));
                from = to;
            }
            return columns.iterator();
        });
    }

    private static Value map(Interpreter in, Value value, Args args) {
        return Iter.lazily(in, () -> {
            if (!Operators.isTrue(value)) {
                return Collections.emptyIterator();
            }
            UnaryOperator<Value> mapping = mapping(in, args);
            Iterator<Value> items = Iteration.over(in, value);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return items.hasNext();
                }

                @Override
                public Value next() {
                    return mapping.apply(items.next());
                }
            };
        });
    }

    private static UnaryOperator<Value> mapping(Interpreter in, Args args) {
        if (args.positional().isEmpty() && args.named().containsKey(Str.of("attribute"))) {
            @Nullable Value[] bound = args.bind("map", 1, "attribute", "default");
            return Path.of(in, Params.orNone(bound[0]), Params.orNone(bound[1]))::get;
        }
        if (args.positional().isEmpty()) {
            throw new Failure("map requires a filter argument");
        }
        String name = name(args.positional().getFirst());
        Args rest = args.after(1);
        return item -> Filters.apply(in, name, item, rest);
    }

    private static String name(Value value) {
        return value instanceof Str s ? s.text() : Repr.shortRepr(value);
    }

    private static Value select(Interpreter in, Value value, Args args, boolean byAttribute, boolean wanted) {
        return Iter.lazily(in, () -> {
            if (!Operators.isTrue(value)) {
                return Collections.emptyIterator();
            }
            Predicate<Value> test = test(in, args, byAttribute);
            return new Chosen(Iteration.over(in, value), item -> test.test(item) == wanted);
        });
    }

    private static Predicate<Value> test(Interpreter in, Args args, boolean byAttribute) {
        if (byAttribute && args.positional().isEmpty()) {
            throw new Failure("Missing parameter for attribute name");
        }
        Path path = Path.of(in, byAttribute ? Params.orNone(args.positional().getFirst()) : null, null);
        int offset = byAttribute ? 1 : 0;
        if (args.positional().size() <= offset) {
            return item -> Operators.isTrue(path.get(item));
        }
        String name = name(args.positional().get(offset));
        Args rest = args.after(offset + 1);
        return item -> Operators.isTrue(Tests.apply(in, name, path.get(item), rest));
    }

    /** Items that pass, found one ahead at most. */
    private static final class Chosen implements Iterator<Value> {
        private final Iterator<Value> items;
        private final Predicate<Value> test;
        private @Nullable Value next;

        Chosen(Iterator<Value> items, Predicate<Value> test) {
            this.items = items;
            this.test = test;
        }

        @Override
        public boolean hasNext() {
            while (next == null && items.hasNext()) {
                Value item = items.next();
                next = test.test(item) ? item : null;
            }
            return next != null;
        }

        @Override
        public Value next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Value item = Objects.requireNonNull(next);
            next = null;
            return item;
        }
    }
}
