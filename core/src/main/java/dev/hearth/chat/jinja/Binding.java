package dev.hearth.chat.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives the arguments of a call to the parameters of a macro, as jinja2's {@code Macro.__call__} does. */
final class Binding {
    private Binding() {}

    /** One value a parameter, null where none was given; {@code caller}, {@code kwargs} and {@code varargs} go to {@code vars}. */
    static @Nullable Value[] bind(Macro macro, Args args, Vars vars) {
        List<Target.Variable> parameters = macro.signature().parameters();
        var named = new LinkedHashMap<>(args.named());
        int given = Math.min(args.positional().size(), parameters.size());
        boolean takesCaller = false;
        @Nullable Value[] bound = new @Nullable Value[parameters.size()];
        for (int i = 0; i < parameters.size(); i++) {
            boolean isCaller = parameters.get(i).name().equals("caller");
            takesCaller |= isCaller && (i >= given || given == parameters.size());
            bound[i] = i < given
                    ? args.positional().get(i)
                    : named.remove(Str.of(parameters.get(i).name()));
        }
        if (macro.plan().caller() != null && !takesCaller) {
            Value caller = named.remove(Str.of("caller"));
            vars.set(0, macro.plan().caller(), caller == null ? Undefined.of("No caller defined") : caller);
        }
        bindRest(macro, args.positional(), named, vars);
        return bound;
    }

    private static void bindRest(Macro macro, List<Value> positional, Map<Str, Value> named, Vars vars) {
        Code.Plan.Calling plan = macro.plan();
        if (plan.kwargs() != null) {
            var kwargs = new Dict();
            named.forEach(kwargs::put);
            vars.set(0, plan.kwargs(), kwargs);
        } else if (!named.isEmpty()) {
            throw unexpected(macro, named);
        }
        int count = macro.signature().parameters().size();
        if (plan.varargs() != null) {
            List<Value> rest = positional.subList(Math.min(count, positional.size()), positional.size());
            vars.set(0, plan.varargs(), Seq.tuple(rest));
        } else if (positional.size() > count) {
            throw new Failure("macro " + Repr.quote(macro.name()) + " takes not more than " + count + " argument(s)");
        }
    }

    private static Failure unexpected(Macro macro, Map<Str, Value> named) {
        if (named.containsKey(Str.of("caller"))) {
            return new Failure("macro " + Repr.quote(macro.name())
                    + " was invoked with two values for the special caller argument. This is most likely a bug.");
        }
        Str first = named.keySet().iterator().next();
        return new Failure(
                "macro " + Repr.quote(macro.name()) + " takes no keyword argument " + Repr.quote(first.text()));
    }
}
