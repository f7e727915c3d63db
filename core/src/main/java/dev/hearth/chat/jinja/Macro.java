package dev.hearth.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A macro or the body of a call block, with the variables around its definition. */
record Macro(
        @Nullable String name,
        Stmt.Signature signature,
        List<Stmt> body,
        Code.Plan.Calling plan,
        Vars closure,
        int line)
        implements Value {
    @Override
    public String typeName() {
        return "Macro";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
