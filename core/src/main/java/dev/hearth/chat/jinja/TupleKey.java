package dev.hearth.chat.jinja;

import org.jspecify.annotations.Nullable;

/**
 * A tuple as a key of a dict, spelled out: equal tuples have one spelling. Being comparable it keeps a hash table fast
 * whatever keys a template chooses.
 */
record TupleKey(String spelling) implements Comparable<TupleKey> {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_CHARS = 1 << 20;

    /** The key. @throws Failure if an item cannot be hashed, or the tuple is too large for a key */
    static TupleKey of(Seq tuple) {
        var out = new StringBuilder();
        Value culprit = spell(tuple, 0, out);
        if (culprit != null) {
            throw Equality.unhashable(culprit);
        }
        return new TupleKey(out.toString());
    }

    static boolean isHashable(Seq tuple) {
        return spell(tuple, 0, new StringBuilder()) == null;
    }

    /** Adds a value's spelling; gives the item that cannot be hashed, null if all can. */
    private static @Nullable Value spell(Value value, int depth, StringBuilder out) {
        if (depth > MAX_DEPTH || out.length() > MAX_CHARS) {
            throw new Failure("maximum recursion depth exceeded");
        }
        switch (value) {
            case Seq s
            when !s.isList() -> {
                out.append('(');
                for (Value item : s.items()) {
                    Value culprit = spell(item, depth + 1, out);
                    if (culprit != null) {
                        return culprit;
                    }
                }
                out.append(')');
            }
            case Str s -> out.append('s').append(s.text().length()).append(':').append(s.text());
            case Value.None n -> out.append('n');
            case Undefined u -> out.append('u');
            case Value.Int i -> out.append('#').append(i.value().toString(16)).append(';');
            case Value.Bool b -> out.append('#').append(b.isTrue() ? '1' : '0').append(';');
            case Value.Real r -> out.append('#').append(spelled(r.value())).append(';');
            default -> {
                if (!Equality.isHashable(value)) {
                    return value;
                }
                throw new Failure("a tuple with a " + value.typeName() + " cannot be a key");
            }
        }
        return null;
    }

    private static String spelled(double value) {
        return Equality.real(value) instanceof java.math.BigInteger whole ? whole.toString(16) : "r" + value;
    }

    @Override
    public int compareTo(TupleKey other) {
        return spelling.compareTo(other.spelling);
    }
}
