package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** What Python's {@code iter}, {@code len} and {@code list} do. */
final class Iteration {
    private Iteration() {}

    static boolean isIterable(Value value) {
        return switch (value) {
            case Str s -> true;
            case Seq s -> true;
            case Dict d -> true;
            case Range r -> true;
            case View v -> true;
            case Iter i -> true;
            case Undefined u -> true;
            case Loop l -> true;
            default -> false;
        };
    }

    /** The items of a value, in order. @throws Failure if it has none to give */
    static Iterator<Value> over(Interpreter in, Value value) {
        Iterator<Value> items = switch (value) {
            case Str s -> characters(s.asPlain()); // so it is with markupsafe
            case Seq s -> s.items().iterator();
            case Dict d -> d.entries().stream().map(Dict.Entry::key).iterator();
            case Range r -> IntStream.range(0, r.size()).mapToObj(r::get).iterator();
            case View v -> v.dict().entries().stream().map(v::of).iterator();
            case Iter i -> i.values();
            case Undefined u -> Collections.emptyIterator();
            case Loop l -> throw new Failure("a loop cannot be iterated over");
            default -> throw new Failure("'" + value.typeName() + "' object is not iterable");
        };
        return new Counted(in.budget(), items);
    }

    /** Takes a step for each item. */
    private record Counted(Budget budget, Iterator<Value> items) implements Iterator<Value> {
        @Override
        public boolean hasNext() {
            return items.hasNext();
        }

        @Override
        public Value next() {
            budget.step();
            return items.next();
        }
    }

    private static Iterator<Value> characters(Str s) {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < s.text().length();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new java.util.NoSuchElementException();
                }
                int end = at + Character.charCount(s.text().codePointAt(at));
                Str c = s.part(at, end);
                at = end;
                return c;
            }
        };
    }

    /** {@code list(value)}, to be changed by the caller at will. */
    static List<Value> list(Interpreter in, Value value) {
        int known = length(value);
        if (known > 0) {
            in.budget().elements(known);
        }
        List<Value> items = new ArrayList<>(Math.max(known, 0));
        Iterator<Value> more = over(in, value);
        while (more.hasNext()) {
            if (known < 0) {
                in.budget().elements(1);
            }
            items.add(more.next());
        }
        return items;
    }

    /** {@code len(value)}; -1 if it has none. */
    static int length(Value value) {
        return switch (value) {
            case Str s -> s.length();
            case Seq s -> s.size();
            case Dict d -> d.size();
            case Range r -> r.size();
            case View v -> v.dict().size();
            case Undefined u -> 0;
            case Loop l -> l.length();
            default -> -1;
        };
    }
}
