package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The functions that every template can call: those of jinja2 and those that transformers adds. */
final class Globals {
    /** The class method of {@code dict}. */
    static final Function FROM_KEYS = new Function("fromkeys", null, Methods::fromKeys);

    static final Function DICT = new Function("dict", null, Methods::dict);

    /** What a {@code generation} block calls. */
    static final Function GENERATION = new Function("_generation_support", null, Globals::generation);

    private static final Map<String, Value> ALL = Map.of(
            "range", new Function("range", null, Globals::range),
            "dict", DICT,
            "namespace", new Function("namespace", null, Globals::namespace),
            "cycler", new Function("cycler", null, (in, args) -> new Cycler(args.positional())),
            "joiner", new Function("joiner", null, Globals::joiner),
            "self", new Function("self", null, (in, args) -> notCallable()),
            "lipsum", new Function("lipsum", null, Globals::lipsum),
            "raise_exception", new Function("raise_exception", null, Globals::raise),
            "strftime_now", new Function("strftime_now", null, Globals::strftime));

    private Globals() {}

    static @Nullable Value get(String name) {
        return ALL.get(name);
    }

    private static Value range(Interpreter in, Args args) {
        @Nullable Value[] bound = args.positionalOnly("range", 1, 3);
        long first = whole(bound[0]);
        return bound[1] == null
                ? Range.of(0, first, 1)
                : Range.of(first, whole(bound[1]), bound[2] == null ? 1 : whole(bound[2]));
    }

    private static long whole(@Nullable Value value) {
        var integer = Ordering.integer(Objects.requireNonNull(value));
        if (integer.bitLength() > 60) {
            throw new Failure("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
        }
        return integer.longValueExact();
    }

    private static Value namespace(Interpreter in, Args args) {
        var namespace = new Namespace();
        for (Dict.Entry entry : Methods.dict(in, args).entries()) {
            if (entry.key() instanceof Str name) {
                namespace.set(name, entry.value());
            }
        }
        return namespace;
    }

    private static Value joiner(Interpreter in, Args args) {
        @Nullable Value separator = args.bind("joiner", 0, "sep")[0];
        List<Value> used = new ArrayList<>();
        return new Function("joiner", null, (at, none) -> {
            if (used.isEmpty()) {
                used.add(Value.Bool.TRUE);
                return Str.EMPTY;
            }
            return separator == null ? Str.of(", ") : separator;
        });
    }

    private static Value notCallable() {
        throw new Failure("'TemplateReference' object is not callable");
    }

    private static Value lipsum(Interpreter in, Args args) {
        throw new Failure("lipsum is random text, which a chat template cannot have");
    }

    private static Value raise(Interpreter in, Args args) {
        Value message = Objects.requireNonNull(args.bind("raise_exception", 1, "message")[0]);
        throw new Failure(Repr.str(in.budget(), message).text());
    }

    private static Value strftime(Interpreter in, Args args) {
        Value format = args.bind("strftime_now", 1, "format")[0];
        if (!(format instanceof Str text)) {
            throw new Failure("strftime() argument 1 must be str");
        }
        return text.derived(Strftime.format(in.budget(), in.now(), text.text()));
    }

    private static Value generation(Interpreter in, Args args) {
        if (args.named().get(Str.of("caller")) instanceof Macro body) {
            return in.call(body, Args.NONE);
        }
        throw new Failure("a generation block without a body");
    }
}
