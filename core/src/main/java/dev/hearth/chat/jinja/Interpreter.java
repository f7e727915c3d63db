package dev.hearth.chat.jinja;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the statements of one template once. */
final class Interpreter {
    private final Resolver.Resolved template;
    private final Map<String, Value> input;
    private final Map<String, Value> exported = new HashMap<>();
    private final Budget budget;
    private final LocalDateTime now;
    private final Evaluator expressions;
    private int line = 1;

    /** How a statement ended. */
    enum Signal {
        NEXT,
        BREAK,
        CONTINUE
    }

    Interpreter(Resolver.Resolved template, Map<String, Value> input, Budget budget, LocalDateTime now) {
        this.template = template;
        this.input = input;
        this.budget = budget;
        this.now = now;
        this.expressions = new Evaluator(this, template.code());
    }

    Budget budget() {
        return budget;
    }

    LocalDateTime now() {
        return now;
    }

    /** The line of the statement that runs. */
    int line() {
        return line;
    }

    Str render() {
        var vars = new Vars(template.routine(), null);
        enter(template.entries(), vars);
        var out = new Text(budget);
        run(template.body(), vars, out);
        return out.toStr();
    }

    /** A variable of the context, null if it has none of that name. */
    private @Nullable Value resolve(String name) {
        Value value = exported.get(name);
        if (value == null) {
            value = input.get(name);
        }
        return value == null ? Globals.get(name) : value;
    }

    private void enter(List<Code.Entry> entries, Vars vars) {
        for (Code.Entry entry : entries) {
            if (!entry.isParameter()) {
                Value value = entry.resolve() != null
                        ? resolve(entry.resolve())
                        : entry.alias() == null ? null : vars.get(entry.alias());
                vars.set(0, entry.slot(), value);
            }
        }
    }

    private Signal run(List<Stmt> body, Vars vars, Text out) {
        for (Stmt statement : body) {
            Signal signal = run(statement, vars, out);
            if (signal != Signal.NEXT) {
                return signal;
            }
        }
        return Signal.NEXT;
    }

    private Signal run(Stmt statement, Vars vars, Text out) {
        budget.step();
        budget.enter();
        line = statement.line();
        Signal signal = Signal.NEXT;
        switch (statement) {
            case Stmt.Output s -> output(s, vars, out);
            case Stmt.For s -> signal = loop(s, vars, out);
            case Stmt.If s -> signal = condition(s, vars, out);
            case Stmt.MacroDef s ->
                vars.set(template.code().hops(s.id()), template.code().slot(s.id()), macro(s, vars));
            case Stmt.CallBlock s -> callBlock(s, vars, out);
            case Stmt.FilterBlock s -> signal = filterBlock(s, vars, out);
            case Stmt.With s -> signal = with(s, vars, out);
            case Stmt.Block s -> block(s, vars, out);
            case Stmt.Assign s -> assign(s, vars);
            case Stmt.AssignBlock s -> signal = assignBlock(s, vars);
            case Stmt.Break s -> signal = Signal.BREAK;
            case Stmt.Continue s -> signal = Signal.CONTINUE;
        }
        if (template.hasBlocks() && template.code().isExported(statement)) {
            export(statement, vars);
        }
        budget.leave();
        return signal;
    }

    private void output(Stmt.Output s, Vars vars, Text out) {
        for (Expr item : s.items()) {
            if (item instanceof Expr.Data data) {
                out.add(data.text());
            } else {
                line = item.line();
                out.add(Repr.str(budget, expressions.printed(item, vars)));
            }
        }
    }

    private Signal condition(Stmt.If s, Vars vars, Text out) {
        if (expressions.isTrue(s.test(), vars)) {
            return run(s.body(), vars, out);
        }
        for (Stmt.If elif : s.elifs()) {
            budget.step();
            line = elif.line();
            if (expressions.isTrue(elif.test(), vars)) {
                return run(elif.body(), vars, out);
            }
        }
        return run(s.otherwise(), vars, out);
    }

    private void assign(Stmt.Assign s, Vars vars) {
        requireNamespaces(s.target(), vars);
        expressions.assign(s.target(), expressions.eval(s.value(), vars), vars);
    }

    private void requireNamespaces(Target target, Vars vars) {
        switch (target) {
            case Target.Member m -> expressions.namespace(m, vars);
            case Target.Unpacked u -> u.items().forEach(t -> requireNamespaces(t, vars));
            case Target.Variable v -> {}
        }
    }

    private Signal assignBlock(Stmt.AssignBlock s, Vars vars) {
        List<Code.Entry> entries =
                template.code().plan(s, Code.Plan.Scoped.class).entries();
        enter(entries, vars);
        var text = new Text(budget);
        Signal signal = run(s.body(), vars, text);
        if (signal == Signal.NEXT) {
            Value value = text.toStr();
            expressions.assign(
                    s.target(), s.filter() == null ? value : expressions.filter(s.filter(), value, vars), vars);
        }
        vars.leave(entries);
        return signal;
    }

    private Signal filterBlock(Stmt.FilterBlock s, Vars vars, Text out) {
        List<Code.Entry> entries =
                template.code().plan(s, Code.Plan.Scoped.class).entries();
        enter(entries, vars);
        var text = new Text(budget);
        Signal signal = run(s.body(), vars, text);
        if (signal == Signal.NEXT) {
            Value filtered = expressions.filter(s.filter(), text.toStr(), vars);
            // the generated code joins the buffer without str(), so anything else than a string fails there
            out.add(filtered instanceof Str str ? str : notText(filtered));
        }
        vars.leave(entries);
        return signal;
    }

    private static Str notText(Value value) {
        throw new Failure("sequence item 0: expected str instance, " + value.typeName() + " found");
    }

    private Signal with(Stmt.With s, Vars vars, Text out) {
        List<Code.Entry> entries =
                template.code().plan(s, Code.Plan.Scoped.class).entries();
        enter(entries, vars);
        for (int i = 0; i < s.targets().size(); i++) {
            expressions.assign(s.targets().get(i), expressions.eval(s.values().get(i), vars), vars);
        }
        Signal signal = run(s.body(), vars, out);
        vars.leave(entries);
        return signal;
    }

    private Macro macro(Stmt.MacroDef s, Vars vars) {
        var plan = template.code().plan(s, Code.Plan.Calling.class);
        return new Macro(s.name(), s.signature(), s.body(), plan, vars, s.line());
    }

    private void callBlock(Stmt.CallBlock s, Vars vars, Text out) {
        var plan = template.code().plan(s, Code.Plan.Calling.class);
        var caller = new Macro(null, s.signature(), s.body(), plan, vars, s.line());
        Value result = expressions.call(s.call(), vars, caller);
        out.add(result instanceof Str str ? str : notText(result));
    }

    private void block(Stmt.Block s, Vars vars, Text out) {
        if (s.required()) {
            throw new Failure("Required block '" + s.name() + "' not found");
        }
        var plan = template.code().plan(s, Code.Plan.Blocking.class);
        Map<String, Value> kept = new HashMap<>(exported);
        if (plan.visible() != null) {
            plan.visible().forEach((name, place) -> {
                Value value = vars.get(place);
                if (value != null) {
                    exported.put(name, value);
                }
            });
        }
        var inner = new Vars(plan.routine(), null);
        enter(plan.entries(), inner);
        run(s.body(), inner, out);
        exported.clear();
        exported.putAll(kept);
    }

    private void export(Stmt statement, Vars vars) {
        switch (statement) {
            case Stmt.Assign s -> export(s.target(), vars);
            case Stmt.AssignBlock s -> export(s.target(), vars);
            case Stmt.MacroDef s -> export(new Target.Variable(s.id(), s.name(), s.line()), vars);
            default -> {}
        }
    }

    private void export(Target target, Vars vars) {
        switch (target) {
            case Target.Variable v -> {
                Value value =
                        vars.get(template.code().hops(v.id()), template.code().slot(v.id()));
                if (value != null) {
                    exported.put(v.name(), value);
                }
            }
            case Target.Unpacked u -> u.items().forEach(t -> export(t, vars));
            case Target.Member m -> {}
        }
    }

    private Signal loop(Stmt.For s, Vars vars, Text out) {
        var plan = template.code().plan(s, Code.Plan.Looping.class);
        Value iterable = expressions.eval(s.iterable(), vars);
        if (plan.recursion() == null) {
            return iterate(s, plan, iterable, vars, vars, 0, out);
        }
        out.add(recurse(s, plan, iterable, vars, 0));
        return Signal.NEXT;
    }

    private Str recurse(Stmt.For s, Code.Plan.Looping plan, Value iterable, Vars outer, int depth0) {
        var text = new Text(budget);
        Code.Routine routine = java.util.Objects.requireNonNull(plan.recursion());
        iterate(s, plan, iterable, outer, new Vars(routine, outer), depth0, text);
        return text.toStr();
    }

    private Signal iterate(
            Stmt.For s, Code.Plan.Looping plan, Value iterable, Vars outer, Vars vars, int depth0, Text out) {
        Value source = plan.test() == null
                ? iterable
                : Iter.generator(new Tested(s, plan.test(), Iteration.over(this, iterable), outer));
        Loop.Recursion recursion =
                plan.recursion() == null ? null : (inner, depth) -> recurse(s, plan, inner, outer, depth);
        var loop = new Loop(this, source, Iteration.over(this, source), depth0, recursion);
        boolean isCompleted = false;
        while (loop.hasNext()) {
            budget.step();
            expressions.assign(s.target(), loop.next(), vars);
            if (plan.loop() != null) {
                vars.set(0, plan.loop().slot(), loop);
            }
            enter(plan.entries(), vars);
            Signal signal = run(s.body(), vars, out);
            if (signal == Signal.BREAK) {
                break;
            }
            isCompleted |= signal == Signal.NEXT; // continue leaves the else branch to run, as in the code of jinja2
        }
        vars.leave(plan.entries());
        if (isCompleted || s.otherwise().isEmpty()) {
            return Signal.NEXT;
        }
        enter(plan.elseEntries(), vars);
        Signal signal = run(s.otherwise(), vars, out);
        vars.leave(plan.elseEntries());
        return signal;
    }

    /** The items of a loop that pass its test, found as the loop asks for them. */
    private final class Tested implements Iterator<Value> {
        private final Stmt.For statement;
        private final Code.Plan.Testing plan;
        private final Iterator<Value> items;
        private final Vars vars;
        private boolean isEntered;
        private @Nullable Value next;

        Tested(Stmt.For statement, Code.Plan.Testing plan, Iterator<Value> items, Vars outer) {
            this.statement = statement;
            this.plan = plan;
            this.items = items;
            this.vars = new Vars(plan.routine(), outer);
        }

        @Override
        public boolean hasNext() {
            if (!isEntered) {
                enter(plan.entries(), vars);
                isEntered = true;
            }
            while (next == null && items.hasNext()) {
                budget.step();
                Value item = expressions.unpack(statement.target(), items.next(), plan.targetSlots(), vars);
                if (expressions.isTrue(java.util.Objects.requireNonNull(statement.test()), vars)) {
                    next = item;
                }
            }
            return next != null;
        }

        @Override
        public Value next() {
            if (!hasNext() || next == null) {
                throw new java.util.NoSuchElementException();
            }
            Value item = next;
            next = null;
            return item;
        }
    }

    /** Calls a macro. */
    Value call(Macro macro, Args args) {
        budget.enter();
        var vars = new Vars(macro.plan().routine(), macro.closure());
        @Nullable Value[] bound = Binding.bind(macro, args, vars);
        enter(macro.plan().entries(), vars);
        for (int i = 0; i < bound.length; i++) {
            vars.set(0, macro.plan().parameters().get(i), bound[i]);
        }
        for (int i = 0;
                i < bound.length;
                i++) { // a default sees the parameters before it, and those behind it as missing
            if (bound[i] == null) {
                vars.set(0, macro.plan().parameters().get(i), missing(macro, i, vars));
            }
        }
        int callLine = line;
        var out = new Text(budget);
        run(macro.body(), vars, out);
        line = callLine;
        budget.leave();
        return out.toStr();
    }

    private Value missing(Macro macro, int parameter, Vars vars) {
        Expr value = macro.signature().defaultOf(parameter);
        String name = macro.signature().parameters().get(parameter).name();
        return value == null
                ? Undefined.of("parameter '" + name + "' was not provided")
                : expressions.eval(value, vars);
    }
}
