package dev.hearth.chat.jinja;

import java.util.function.Supplier;

/**
 * What a missing variable, attribute or item gives: empty when printed, false, an empty sequence; anything else fails with
 * its message.
 */
record Undefined(Supplier<String> message) implements Value {
    static Undefined of(String message) {
        return new Undefined(() -> message);
    }

    static Undefined variable(String name) {
        return new Undefined(() -> "'" + name + "' is undefined");
    }

    static Undefined attribute(Value of, String name) {
        return new Undefined(() -> "'" + objectName(of) + "' has no attribute " + Repr.quote(name));
    }

    static Undefined element(Value of, Value index) {
        if (index instanceof Str name) {
            return attribute(of, name.text());
        }
        return new Undefined(() -> objectName(of) + " has no element " + Repr.shortRepr(index));
    }

    /** What the sandbox gives for an attribute that it forbids. */
    static Undefined unsafe(Value of, String name) {
        return new Undefined(
                () -> "access to attribute " + Repr.quote(name) + " of '" + of.typeName() + "' object is unsafe.");
    }

    private static String objectName(Value of) {
        return switch (of) {
            case Value.None n -> "None";
            case Macro m -> "jinja2.runtime.Macro object";
            case Loop l -> "jinja2.runtime.LoopContext object";
            case Namespace n -> "jinja2.utils.Namespace object";
            case Cycler c -> "jinja2.utils.Cycler object";
            default -> of.typeName() + " object";
        };
    }

    Failure failure() {
        return new Failure(message.get());
    }

    @Override
    public String typeName() {
        return "Undefined";
    }
}
