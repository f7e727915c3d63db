package dev.hearth.chat.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** The one value that a template may write to. Names that begin with an underscore are refused, as transformers does. */
final class Namespace implements Value {
    private final Map<Str, Value> attributes = new LinkedHashMap<>();

    void set(Str name, Value value) {
        if (name.text().startsWith("_")) {
            throw new Failure("Chat templates cannot store underscore-prefixed attributes on a namespace, but got "
                    + Repr.quote(name.text()) + ". Please rename the attribute.");
        }
        attributes.put(name, value);
    }

    Map<Str, Value> attributes() {
        return attributes;
    }

    @Override
    public String typeName() {
        return "Namespace";
    }
}
