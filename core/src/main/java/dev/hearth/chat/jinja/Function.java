package dev.hearth.chat.jinja;

import org.jspecify.annotations.Nullable;

/**
 * A global function or a method bound to its object.
 *
 * @param owner what the method belongs to, null for a global
 */
record Function(String name, @Nullable Value owner, Body body) implements Value {
    /** What happens on a call. */
    interface Body {
        Value call(Interpreter in, Args args);
    }

    @Override
    public String typeName() {
        return owner == null ? "function" : "builtin_function_or_method";
    }
}
