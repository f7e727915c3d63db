package dev.hearth.chat.jinja;

import java.util.Set;

/** Which expressions jinja2 computes when it compiles: those without names, calls and filters that need the context. */
final class Constants {
    private static final Set<String> CONTEXT_FILTERS =
            Set.of("map", "select", "reject", "selectattr", "rejectattr", "random");

    private Constants() {}

    static boolean isConstant(Node expression) {
        return switch (expression) {
            case Expr.Name n -> false;
            case Expr.Call c -> false;
            case Expr.Filtered f when CONTEXT_FILTERS.contains(f.name()) || f.input() == null -> false;
            default -> Node.children(expression).stream().allMatch(Constants::isConstant);
        };
    }

    /** Whether an expression is constant and has a slice in it. */
    static boolean isFoldedSlice(Node expression) {
        return hasSlice(expression) && isConstant(expression);
    }

    private static boolean hasSlice(Node expression) {
        return expression instanceof Expr.Slice
                || Node.children(expression).stream().anyMatch(Constants::hasSlice);
    }

    /** Whether jinja2 can write a constant into the code it generates. */
    static boolean isWritable(Value value) {
        return switch (value) {
            case Seq s -> s.kind() != Seq.Kind.GROUP && s.items().stream().allMatch(Constants::isWritable);
            case Dict d -> d.entries().stream().allMatch(e -> isWritable(e.key()) && isWritable(e.value()));
            case Value.None n -> true;
            case Value.Bool b -> true;
            case Value.Int i -> true;
            case Value.Real r -> true;
            case Str s -> true;
            case Range r -> true;
            default -> false;
        };
    }

    /** Whether an expression is folded to this value and the value is written with a sign. */
    static boolean isNegative(Expr expression, Value value) {
        boolean isNegative = switch (value) {
            case Value.Int i -> i.value().signum() < 0;
            case Value.Real r -> r.value() < 0 || (r.value() == 0 && 1 / r.value() < 0);
            default -> false;
        };
        return isNegative && isConstant(expression);
    }
}
