package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which variable each name of a scope means, found before anything runs: jinja2's {@code idtracking.Symbols}, whose rules
 * make up how Jinja scopes. A variable belongs to the level of the scope that first mentions it.
 */
final class Symbols {
    /** A variable: {@code l_LEVEL_NAME} in the code that jinja2 generates. */
    record Ident(int level, String name) {}

    /** What a variable gets when its scope is entered. */
    sealed interface Load {
        /** Nothing: a parameter or loop variable has it already. */
        record Parameter() implements Load {}

        /** What the context has under the name. */
        record Resolve(String name) implements Load {}

        /** What the variable of an outer scope has at that time. */
        record Alias(Ident of) implements Load {}

        /** Nothing yet. */
        record Missing() implements Load {}
    }

    /** Bound on the work for a template of many branches and many names. */
    private static final long MAX_COPIED = 3_000_000;

    private final @Nullable Symbols parent;
    private final int level;
    private final Map<String, Ident> refs = new LinkedHashMap<>();
    private final Map<Ident, Load> loads = new LinkedHashMap<>();
    private final Set<String> stores = new LinkedHashSet<>();
    private final long[] copied; // names copied for branches of the whole template

    Symbols(@Nullable Symbols parent) {
        this(parent, parent == null ? 0 : parent.level + 1, parent == null ? new long[1] : parent.copied);
    }

    private Symbols(@Nullable Symbols parent, int level, long[] copied) {
        this.parent = parent;
        this.level = level;
        this.copied = copied;
    }

    int level() {
        return level;
    }

    Map<Ident, Load> loads() {
        return loads;
    }

    /** The names that the scope and those around it assign, the inner variable of each name. */
    Map<String, Ident> allStores() {
        var found = new LinkedHashMap<String, Ident>();
        for (Symbols s = this; s != null; s = s.parent) {
            for (String name : s.stores) {
                Ident ident = find(name);
                if (ident != null) {
                    found.putIfAbsent(name, ident);
                }
            }
        }
        return found;
    }

    /** The variable that a name means here, null if nothing mentioned it. */
    @Nullable
    Ident find(String name) {
        for (Symbols s = this; s != null; s = s.parent) {
            Ident ident = s.refs.get(name);
            if (ident != null) {
                return ident;
            }
        }
        return null;
    }

    private Ident define(String name, Load load) {
        var ident = new Ident(level, name);
        refs.put(name, ident);
        loads.put(ident, load);
        return ident;
    }

    Ident declareParameter(String name) {
        stores.add(name);
        return define(name, new Load.Parameter());
    }

    private void load(String name) {
        if (find(name) == null) {
            define(name, new Load.Resolve(name));
        }
    }

    private void store(String name) {
        stores.add(name);
        if (!refs.containsKey(name)) {
            Ident outer = parent == null ? null : parent.find(name);
            define(name, outer == null ? new Load.Missing() : new Load.Alias(outer));
        }
    }

    private Symbols copy(int line) {
        copied[0] += refs.size();
        if (copied[0] > MAX_COPIED) {
            throw new SyntaxFailure("too many branches over too many names", line);
        }
        var copy = new Symbols(parent, level, copied);
        copy.refs.putAll(refs);
        copy.loads.putAll(loads);
        copy.stores.addAll(stores);
        return copy;
    }

    private void mergeBranches(List<Symbols> branches) {
        Set<String> assigned = new LinkedHashSet<>();
        branches.forEach(b -> assigned.addAll(b.stores));
        assigned.removeAll(stores);
        for (Symbols branch : branches) {
            refs.putAll(branch.refs);
            loads.putAll(branch.loads);
            stores.addAll(branch.stores);
        }
        for (String name : assigned) {
            Ident target = find(name);
            if (target != null) {
                Ident outer = parent == null ? null : parent.find(name);
                loads.put(target, outer == null ? new Load.Resolve(name) : new Load.Alias(outer));
            }
        }
    }

    /** Takes in what the statements of this very scope mention. */
    void visitAll(Iterable<? extends Node> nodes) {
        nodes.forEach(this::visit);
    }

    /** Takes in what one node mentions in this scope; inner scopes are left out. */
    void visit(Node node) {
        switch (node) {
            case Expr.Name n -> load(n.name());
            case Target.Variable v -> store(v.name());
            case Target.Member m -> load(m.name());
            case Stmt.If s -> branches(s);
            case Stmt.MacroDef s -> store(s.name());
            case Stmt.Assign s -> {
                visit(s.value());
                visit(s.target());
            }
            case Stmt.For s -> visit(s.iterable());
            case Stmt.CallBlock s -> visit(s.call());
            case Stmt.FilterBlock s -> visit(s.filter());
            case Stmt.With s -> visitAll(s.values());
            case Stmt.AssignBlock s -> visit(s.target());
            case Stmt.Block s -> {}
            default -> visitAll(Node.children(node));
        }
    }

    private void branches(Stmt.If statement) {
        visit(statement.test());
        List<Symbols> branches = new ArrayList<>();
        for (List<? extends Node> body : List.of(statement.body(), statement.elifs(), statement.otherwise())) {
            Symbols branch = copy(statement.line());
            branch.visitAll(body);
            branches.add(branch);
        }
        mergeBranches(branches);
    }

    /** Declares the variables of a loop, a macro or a {@code with} as set from outside. */
    void declareAll(Target target) {
        switch (target) {
            case Target.Variable v -> declareParameter(v.name());
            case Target.Unpacked u -> u.items().forEach(this::declareAll);
            case Target.Member m -> load(m.name());
        }
    }
}
