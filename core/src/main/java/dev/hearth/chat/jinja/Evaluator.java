package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives the values of expressions and writes to targets. */
final class Evaluator {
    private final Interpreter in;
    private final Budget budget;
    private final Code code;
    private boolean folding;

    Evaluator(Interpreter in, Code code) {
        this.in = in;
        this.budget = in.budget();
        this.code = code;
    }

    boolean isTrue(Expr test, Vars vars) {
        return Operators.isTrue(eval(test, vars));
    }

    /** The value of what is printed. */
    Value printed(Expr item, Vars vars) {
        Value folded = code.isFolded(item) ? folded(item, vars) : null;
        return folded == null ? eval(item, vars) : folded;
    }

    /** A constant as jinja2's optimiser computes it; null if it fails and has to be computed as any other expression. */
    private @Nullable Value folded(Expr constant, Vars vars) {
        if (folding) {
            return null;
        }
        int depth = budget.depth();
        try {
            folding = true;
            return compound(constant, vars);
        } catch (Failure e) {
            budget.returnTo(depth);
            return null;
        } finally {
            folding = false;
        }
    }

    private Value slice(Expr.Slice s, Value object, Vars vars) {
        int depth = budget.depth();
        try {
            return Slices.slice(in, object, part(s.start(), vars), part(s.stop(), vars), part(s.step(), vars));
        } catch (Failure e) {
            if (!folding || object instanceof Undefined || e.reason().equals(Slices.ZERO_STEP)) {
                throw e;
            }
            budget.returnTo(depth);
            return Undefined.of("a constant that cannot be sliced");
        }
    }

    /** The value of an expression. */
    Value eval(Expr expression, Vars vars) {
        if (expression instanceof Expr.Const c) {
            return c.value();
        }
        budget.step();
        if (expression instanceof Expr.Name n) {
            Value value = vars.get(code.hops(n.id()), code.slot(n.id()));
            return value == null ? Undefined.variable(n.name()) : value;
        }
        budget.enter();
        Value value = code.isFolded(expression) ? folded(expression, vars) : null;
        if (value == null || !Constants.isWritable(value)) {
            value = compound(expression, vars);
        }
        budget.leave();
        return value;
    }

    private Value compound(Expr expression, Vars vars) {
        return switch (expression) {
            case Expr.Const e -> e.value();
            case Expr.Data e -> e.text();
            case Expr.Name e -> eval(e, vars);
            case Expr.TupleOf e -> Seq.tuple(all(e.items(), vars));
            case Expr.ListOf e -> Seq.list(all(e.items(), vars));
            case Expr.DictOf e -> dict(e, vars);
            case Expr.Conditional e -> conditional(e, vars);
            case Expr.Or e -> {
                Value left = eval(e.left(), vars);
                yield Operators.isTrue(left) ? left : eval(e.right(), vars);
            }
            case Expr.And e -> {
                Value left = eval(e.left(), vars);
                yield Operators.isTrue(left) ? eval(e.right(), vars) : left;
            }
            case Expr.Not e -> Value.Bool.of(!isTrue(e.operand(), vars));
            case Expr.Compare e -> compare(e, vars);
            case Expr.Binary e -> binary(e, vars);
            case Expr.Sign e -> Arithmetic.sign(e.negative(), eval(e.operand(), vars));
            case Expr.Concat e -> concat(e, vars);
            case Expr.Attribute e -> Attributes.attribute(eval(e.object(), vars), e.name());
            case Expr.Item e -> item(e, vars);
            case Expr.Slice e -> throw new Failure("slices are not supported here");
            case Expr.Call e -> call(e, vars, null);
            case Expr.Filtered e -> filtered(e, null, vars);
            case Expr.Tested e -> Tests.apply(in, e.name(), eval(e.input(), vars), arguments(e.arguments(), vars));
        };
    }

    private List<Value> all(List<Expr> items, Vars vars) {
        budget.elements(items.size());
        List<Value> values = new ArrayList<>(items.size());
        for (Expr item : items) {
            values.add(eval(item, vars));
        }
        return values;
    }

    private Value dict(Expr.DictOf e, Vars vars) {
        budget.elements(2L * e.keys().size());
        var dict = new Dict();
        for (int i = 0; i < e.keys().size(); i++) {
            Value key = eval(e.keys().get(i), vars);
            dict.put(key, eval(e.values().get(i), vars));
        }
        return dict;
    }

    private Value conditional(Expr.Conditional e, Vars vars) {
        if (isTrue(e.test(), vars)) {
            return eval(e.then(), vars);
        }
        return e.otherwise() == null
                ? Undefined.of("the inline if-expression on line " + e.line()
                        + " evaluated to false and no else section was defined.")
                : eval(e.otherwise(), vars);
    }

    private Value compare(Expr.Compare e, Vars vars) {
        Value left = eval(e.first(), vars);
        Value result = Value.Bool.TRUE;
        for (int i = 0; i < e.operands().size(); i++) {
            Value right = eval(e.operands().get(i), vars);
            result = Value.Bool.of(Operators.compare(in, e.operators().get(i), left, right));
            if (result == Value.Bool.FALSE) {
                return result;
            }
            left = right;
        }
        return result;
    }

    private Value binary(Expr.Binary e, Vars vars) {
        Value left = eval(e.left(), vars);
        Value right = eval(e.right(), vars);
        boolean isFolded =
                e.operator().equals("**") && Constants.isNegative(e.left(), left) && !Constants.isConstant(e.right());
        if (isFolded) { // jinja2 writes the folded -2 before Python's **, which binds closer than the sign
            return Arithmetic.sign(true, Arithmetic.binary(in, "**", Arithmetic.sign(true, left), right));
        }
        return Arithmetic.binary(in, e.operator(), left, right);
    }

    private Value concat(Expr.Concat e, Vars vars) {
        var text = new Text(budget);
        for (Value value : all(e.items(), vars)) {
            text.add(Repr.str(budget, value));
        }
        return text.toStr();
    }

    private Value item(Expr.Item e, Vars vars) {
        Value object = eval(e.object(), vars);
        if (e.index() instanceof Expr.Slice s) {
            return slice(s, object, vars);
        }
        return Attributes.item(in, object, eval(e.index(), vars));
    }

    private @Nullable Value part(@Nullable Expr e, Vars vars) {
        Value value = e == null ? Value.None.NONE : eval(e, vars);
        return value == Value.None.NONE ? null : value;
    }

    /** The value of a chain of filters whose innermost has no input but {@code text}. */
    Value filter(Expr filter, Value text, Vars vars) {
        return filtered((Expr.Filtered) filter, text, vars);
    }

    private Value filtered(Expr.Filtered e, @Nullable Value text, Vars vars) {
        Value value;
        if (e.input() == null) {
            value = java.util.Objects.requireNonNull(text, "a filter without input outside of a filter block");
        } else {
            value = text != null && e.input() instanceof Expr.Filtered inner
                    ? filtered(inner, text, vars)
                    : eval(e.input(), vars);
        }
        return Filters.apply(in, e.name(), value, arguments(e.arguments(), vars));
    }

    /** A call; {@code caller} is the body of a call block, null for a plain call. */
    Value call(Expr.Call e, Vars vars, @Nullable Value caller) {
        Value callee = eval(e.callee(), vars);
        Args args = arguments(e.arguments(), vars);
        return call(callee, caller == null ? args : args.with("caller", caller));
    }

    private Value call(Value callee, Args args) {
        return switch (callee) {
            case Function f -> f.body().call(in, args);
            case Macro m -> in.call(m, args);
            case Loop l -> l.call(args);
            case Undefined u -> throw u.failure();
            default -> throw new Failure("'" + callee.typeName() + "' object is not callable");
        };
    }

    private Args arguments(Expr.Arguments e, Vars vars) {
        if (e.equals(Expr.Arguments.NONE)) {
            return Args.NONE;
        }
        List<Value> positional = all(e.positional(), vars);
        if (e.star() != null) {
            Iterator<Value> more = Iteration.over(in, eval(e.star(), vars));
            while (more.hasNext()) {
                budget.elements(1);
                positional.add(more.next());
            }
        }
        Map<Str, Value> named = new LinkedHashMap<>();
        for (int i = 0; i < e.names().size(); i++) {
            named.put(Str.of(e.names().get(i)), eval(e.values().get(i), vars));
        }
        if (e.starStar() != null) {
            addNamed(eval(e.starStar(), vars), named);
        }
        return new Args(positional, named);
    }

    private void addNamed(Value value, Map<Str, Value> named) {
        if (!(value instanceof Dict dict)) {
            throw new Failure("argument after ** must be a mapping, not " + value.typeName());
        }
        budget.elements(dict.size());
        for (Dict.Entry entry : dict.entries()) {
            if (!(entry.key() instanceof Str name)) {
                throw new Failure("keywords must be strings");
            }
            if (named.put(name, entry.value()) != null) {
                throw new Failure("got multiple values for keyword argument '" + name + "'");
            }
        }
    }

    /** Writes a value to a target. */
    void assign(Target target, Value value, Vars vars) {
        switch (target) {
            case Target.Variable v -> vars.set(code.hops(v.id()), code.slot(v.id()), value);
            case Target.Member m -> namespace(m, vars).set(Str.of(m.attribute()), value);
            case Target.Unpacked u -> {
                List<Value> values = unpacked(value, u.items().size());
                for (int i = 0; i < values.size(); i++) {
                    assign(u.items().get(i), values.get(i), vars);
                }
            }
        }
    }

    /** Writes an item to the target of a loop within the routine of the loop's test; gives what the test passes on. */
    Value unpack(Target target, Value value, Map<Integer, Integer> slots, Vars vars) {
        if (target instanceof Target.Unpacked u) {
            List<Value> values = unpacked(value, u.items().size());
            List<Value> passed = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                passed.add(unpack(u.items().get(i), values.get(i), slots, vars));
            }
            return Seq.tuple(passed);
        }
        if (target instanceof Target.Variable v) {
            vars.set(0, java.util.Objects.requireNonNull(slots.get(v.id())), value);
        }
        return value;
    }

    private List<Value> unpacked(Value value, int count) {
        if (!Iteration.isIterable(value)) {
            throw new Failure("cannot unpack non-iterable " + value.typeName() + " object");
        }
        List<Value> values = new ArrayList<>();
        Iterator<Value> items = Iteration.over(in, value);
        while (items.hasNext()) {
            if (values.size() == count) {
                throw new Failure("too many values to unpack (expected " + count + ")");
            }
            values.add(items.next());
        }
        if (values.size() < count) {
            throw new Failure("not enough values to unpack (expected " + count + ", got " + values.size() + ")");
        }
        return values;
    }

    /** The namespace whose attribute is to be set. */
    Namespace namespace(Target.Member member, Vars vars) {
        if (vars.get(code.hops(member.id()), code.slot(member.id())) instanceof Namespace namespace) {
            return namespace;
        }
        throw new Failure("cannot assign attribute on non-namespace object");
    }
}
