package dev.hearth.chat.jinja;

import dev.hearth.format.Json;
import java.util.ArrayList;
import java.util.List;

/** JSON as values of the template language. The reader bounds its depth. */
final class Input {
    private Input() {}

    /** How much there is of it. */
    static final class Size {
        private long values;
        private long chars;

        void add(Json json) {
            values++;
            switch (json) {
                case Json.Obj o ->
                    o.members().forEach((name, value) -> {
                        chars += name.length();
                        add(value);
                    });
                case Json.Arr a -> a.elements().forEach(this::add);
                case Json.Str s -> chars += s.value().length();
                default -> {}
            }
        }

        long values() {
            return values;
        }

        long chars() {
            return chars;
        }
    }

    /** The value; its strings are literal unless {@code trusted}. */
    static Value value(Json json, boolean trusted) {
        return switch (json) {
            case Json.Obj o -> {
                var dict = new Dict();
                o.members().forEach((name, member) -> dict.put(text(name, trusted), value(member, trusted)));
                yield dict;
            }
            case Json.Arr a -> {
                List<Value> items = new ArrayList<>(a.elements().size());
                a.elements().forEach(e -> items.add(value(e, trusted)));
                yield Seq.list(items);
            }
            case Json.Str s -> text(s.value(), trusted);
            case Json.Int i -> Value.Int.of(i.value());
            case Json.Real r -> new Value.Real(r.value());
            case Json.Bool b -> Value.Bool.of(b.value());
            case Json.Null n -> Value.None.NONE;
        };
    }

    private static Str text(String text, boolean trusted) {
        return trusted ? Str.of(text) : Str.literal(text);
    }
}
