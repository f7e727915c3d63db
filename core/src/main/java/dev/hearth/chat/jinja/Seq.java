package dev.hearth.chat.jinja;

import java.util.List;

/**
 * A list or a tuple.
 *
 * @param kind which of them; {@code GROUP} is the named tuple that {@code groupby} gives
 */
public record Seq(List<Value> items, Kind kind) implements Value {
    /** What Python would call it. */
    enum Kind {
        LIST,
        TUPLE,
        GROUP
    }

    static Seq list(List<Value> items) {
        return new Seq(items, Kind.LIST);
    }

    static Seq tuple(List<Value> items) {
        return new Seq(items, Kind.TUPLE);
    }

    static Seq pair(Value first, Value second) {
        return new Seq(List.of(first, second), Kind.TUPLE);
    }

    boolean isList() {
        return kind == Kind.LIST;
    }

    int size() {
        return items.size();
    }

    @Override
    public String typeName() {
        return switch (kind) {
            case LIST -> "list";
            case TUPLE -> "tuple";
            case GROUP -> "_GroupTuple";
        };
    }
}
