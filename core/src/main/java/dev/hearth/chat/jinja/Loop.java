package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of a running loop, which is also what steps it. */
final class Loop implements Value, Iterator<Value> {
    private final Interpreter in;
    private final Value iterable;
    private final int depth0;
    private final @Nullable Recursion recursion;
    private Iterator<Value> items;
    private int index0 = -1;
    private int length = -1;
    private @Nullable Value after;
    private @Nullable Value current;
    private @Nullable Value before;
    private @Nullable Value lastChanged;

    /** Renders the loop's body for the items of a value. */
    interface Recursion {
        Value render(Value iterable, int depth0);
    }

    Loop(Interpreter in, Value iterable, Iterator<Value> items, int depth0, @Nullable Recursion recursion) {
        this.in = in;
        this.iterable = iterable;
        this.items = items;
        this.depth0 = depth0;
        this.recursion = recursion;
    }

    @Override
    public boolean hasNext() {
        return after != null || items.hasNext();
    }

    @Override
    public Value next() {
        Value item = peek();
        if (item == null) {
            throw new NoSuchElementException();
        }
        after = null;
        index0++;
        before = current;
        current = item;
        return item;
    }

    private @Nullable Value peek() {
        if (after == null && items.hasNext()) {
            after = items.next();
        }
        return after;
    }

    int length() {
        if (length < 0) {
            int known = Iteration.length(iterable);
            if (known >= 0) {
                length = known;
            } else {
                List<Value> rest = new ArrayList<>();
                while (items.hasNext()) {
                    in.budget().elements(1);
                    rest.add(items.next());
                }
                items = rest.iterator();
                length = rest.size() + index0 + 1 + (after == null ? 0 : 1);
            }
        }
        return length;
    }

    /** An attribute, null if there is none of that name. */
    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "index" -> Int.of(index0 + 1L);
            case "index0" -> Int.of(index0);
            case "revindex" -> Int.of((long) length() - index0);
            case "revindex0" -> Int.of(length() - index0 - 1L);
            case "first" -> Bool.of(index0 == 0);
            case "last" -> Bool.of(peek() == null);
            case "length" -> Int.of(length());
            case "depth" -> Int.of(depth0 + 1L);
            case "depth0" -> Int.of(depth0);
            case "previtem" -> index0 == 0 || before == null ? Undefined.of("there is no previous item") : before;
            case "nextitem" -> {
                Value next = peek();
                yield next == null ? Undefined.of("there is no next item") : next;
            }
            case "cycle" -> new Function("cycle", this, (at, args) -> cycle(args));
            case "changed" -> new Function("changed", this, (at, args) -> changed(args));
            default -> null;
        };
    }

    private Value cycle(Args args) {
        if (args.positional().isEmpty()) {
            throw new Failure("no items for cycling given");
        }
        return args.positional().get(Math.floorMod(index0, args.positional().size()));
    }

    private Value changed(Args args) {
        Value now = Seq.tuple(args.positional());
        if (lastChanged != null && Equality.equal(in.budget(), lastChanged, now)) {
            return Bool.FALSE;
        }
        lastChanged = now;
        return Bool.TRUE;
    }

    Value call(Args args) {
        Value inner = java.util.Objects.requireNonNull(args.bind("loop", 1, "iterable")[0]);
        if (recursion == null) {
            throw new Failure("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recursion.render(inner, depth0 + 1);
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }

    /** As {@code <LoopContext 1/3>}. */
    String described() {
        return "<LoopContext " + (index0 + 1) + "/" + length() + ">";
    }
}
