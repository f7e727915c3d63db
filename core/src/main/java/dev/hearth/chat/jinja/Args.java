package dev.hearth.chat.jinja;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of a call. Names keep their provenance: {@code **} may take them from a user. */
record Args(List<Value> positional, Map<Str, Value> named) {
    static final Args NONE = new Args(List.of(), Map.of());

    static Args of(Value... positional) {
        return new Args(List.of(positional), Map.of());
    }

    /**
     * The arguments in the order of the parameters, as Python binds them.
     *
     * @param required how many of {@code names} must be given
     * @return one value a name, null where none was given
     */
    @Nullable
    Value[] bind(String function, int required, String... names) {
        if (positional.size() > names.length) {
            throw new Failure(
                    function + "() takes at most " + names.length + " arguments (" + positional.size() + " given)");
        }
        @Nullable Value[] bound = positional.toArray(new @Nullable Value[names.length]);
        for (var entry : named.entrySet()) {
            int i = Arrays.asList(names).indexOf(entry.getKey().text());
            if (i < 0) {
                throw new Failure(function + "() got an unexpected keyword argument '" + entry.getKey() + "'");
            }
            if (i < positional.size()) {
                throw new Failure(function + "() got multiple values for argument '" + names[i] + "'");
            }
            bound[i] = entry.getValue();
        }
        for (int i = 0; i < required; i++) {
            if (bound[i] == null) {
                throw new Failure(function + "() missing 1 required positional argument: '" + names[i] + "'");
            }
        }
        return bound;
    }

    /** As {@link #bind} for a function of C that knows no names. */
    @Nullable
    Value[] positionalOnly(String function, int least, int most) {
        if (!named.isEmpty()) {
            throw new Failure(function + "() takes no keyword arguments");
        }
        if (positional.size() < least || positional.size() > most) {
            String expected = least == most ? "exactly " + least : "from " + least + " to " + most;
            throw new Failure(function + "() takes " + expected + " arguments (" + positional.size() + " given)");
        }
        return positional.toArray(new @Nullable Value[most]);
    }

    /** All but the first {@code count} positional arguments. */
    Args after(int count) {
        return new Args(positional.subList(count, positional.size()), named);
    }

    /** These and one more name. */
    Args with(String name, Value value) {
        Map<Str, Value> more = new LinkedHashMap<>(named);
        more.put(Str.of(name), value);
        return new Args(positional, more);
    }
}
