package dev.hearth.chat.jinja;

import java.util.Iterator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A generator or iterator: its values are made when asked for, once. */
record Iter(String typeName, Iterator<Value> values) implements Value {
    static Iter generator(Iterator<Value> values) {
        return new Iter("generator", values);
    }

    /** A generator whose source is made when the first value is asked for; generators over generators count as depth. */
    static Iter lazily(Interpreter in, Supplier<Iterator<Value>> source) {
        return generator(new Iterator<>() {
            private @Nullable Iterator<Value> items;

            private Iterator<Value> items() {
                if (items == null) {
                    items = source.get();
                }
                return items;
            }

            @Override
            public boolean hasNext() {
                in.budget().enter();
                boolean has = items().hasNext();
                in.budget().leave();
                return has;
            }

            @Override
            public Value next() {
                in.budget().enter();
                Value value = items().next();
                in.budget().leave();
                return value;
            }
        });
    }
}
