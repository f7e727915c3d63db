package dev.hearth.chat.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The filters by name: jinja2's, and {@code tojson} as transformers defines it. */
final class Filters {
    /** A filter; {@code args} are those in its brackets. */
    interface Filter {
        Value apply(Interpreter in, Value value, Args args);
    }

    private static final Map<String, Filter> ALL = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        var filters = new HashMap<String, Filter>();
        TextFilters.addTo(filters);
        LayoutFilters.addTo(filters);
        ListFilters.addTo(filters);
        OrderFilters.addTo(filters);
        NumberFilters.addTo(filters);
        filters.put("tojson", JsonWriter::filter);
        filters.put("format", PercentFormat::filter);
        filters.put("default", Filters::orDefault);
        filters.put("d", Filters::orDefault);
        filters.put("attr", Filters::attribute);
        return Map.copyOf(filters);
    }

    static boolean exists(String name) {
        return ALL.containsKey(name);
    }

    /** Applies the filter of a name. @throws Failure if there is none */
    static Value apply(Interpreter in, String name, Value value, Args args) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new Failure("No filter named '" + name + "' found.");
        }
        in.budget().enter();
        Value result = filter.apply(in, value, args);
        in.budget().leave();
        return result;
    }

    private static Value orDefault(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_default", 0, "default_value", "boolean");
        boolean isMissing = value instanceof Undefined || (Params.flag(bound[1], false) && !Operators.isTrue(value));
        return !isMissing ? value : bound[0] == null ? Str.EMPTY : bound[0];
    }

    private static Value attribute(Interpreter in, Value value, Args args) {
        Value name = Objects.requireNonNull(args.bind("do_attr", 1, "name")[0]);
        if (!(name instanceof Str text)) {
            throw new Failure("attribute name must be string, not '" + name.typeName() + "'");
        }
        Value own = Attributes.own(value, text.text());
        return own == null ? Undefined.attribute(value, text.text()) : own;
    }
}
