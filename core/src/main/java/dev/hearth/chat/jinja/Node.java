package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a parsed template. */
sealed interface Node permits Expr, Stmt, Target {
    int line();

    /** The parts of a node in the order in which jinja2's visitors meet them. */
    static List<Node> children(Node node) {
        var found = new ArrayList<Node>();
        switch (node) {
            case Stmt statement -> of(statement, found);
            case Expr expression -> of(expression, found);
            case Target.Unpacked unpacked -> found.addAll(unpacked.items());
            case Target.Variable v -> {}
            case Target.Member m -> {}
        }
        return found;
    }

    private static void of(Stmt statement, List<Node> found) {
        switch (statement) {
            case Stmt.Output s -> found.addAll(s.items());
            case Stmt.For s -> {
                found.add(s.target());
                found.add(s.iterable());
                found.addAll(s.body());
                found.addAll(s.otherwise());
                add(s.test(), found);
            }
            case Stmt.If s -> {
                found.add(s.test());
                found.addAll(s.body());
                found.addAll(s.elifs());
                found.addAll(s.otherwise());
            }
            case Stmt.MacroDef s -> {
                of(s.signature(), found);
                found.addAll(s.body());
            }
            case Stmt.CallBlock s -> {
                found.add(s.call());
                of(s.signature(), found);
                found.addAll(s.body());
            }
            case Stmt.FilterBlock s -> {
                found.addAll(s.body());
                found.add(s.filter());
            }
            case Stmt.With s -> {
                found.addAll(s.targets());
                found.addAll(s.values());
                found.addAll(s.body());
            }
            case Stmt.Block s -> found.addAll(s.body());
            case Stmt.Assign s -> {
                found.add(s.target());
                found.add(s.value());
            }
            case Stmt.AssignBlock s -> {
                found.add(s.target());
                add(s.filter(), found);
                found.addAll(s.body());
            }
            case Stmt.Break s -> {}
            case Stmt.Continue s -> {}
        }
    }

    private static void of(Expr expression, List<Node> found) {
        switch (expression) {
            case Expr.Const e -> {}
            case Expr.Data e -> {}
            case Expr.Name e -> {}
            case Expr.TupleOf e -> found.addAll(e.items());
            case Expr.ListOf e -> found.addAll(e.items());
            case Expr.DictOf e -> {
                for (int i = 0; i < e.keys().size(); i++) {
                    found.add(e.keys().get(i));
                    found.add(e.values().get(i));
                }
            }
            case Expr.Conditional e -> {
                found.add(e.test());
                found.add(e.then());
                add(e.otherwise(), found);
            }
            case Expr.Or e -> found.addAll(List.of(e.left(), e.right()));
            case Expr.And e -> found.addAll(List.of(e.left(), e.right()));
            case Expr.Not e -> found.add(e.operand());
            case Expr.Compare e -> {
                found.add(e.first());
                found.addAll(e.operands());
            }
            case Expr.Binary e -> found.addAll(List.of(e.left(), e.right()));
            case Expr.Sign e -> found.add(e.operand());
            case Expr.Concat e -> found.addAll(e.items());
            case Expr.Attribute e -> found.add(e.object());
            case Expr.Item e -> found.addAll(List.of(e.object(), e.index()));
            case Expr.Slice e -> {
                add(e.start(), found);
                add(e.stop(), found);
                add(e.step(), found);
            }
            case Expr.Call e -> {
                found.add(e.callee());
                of(e.arguments(), found);
            }
            case Expr.Filtered e -> {
                add(e.input(), found);
                of(e.arguments(), found);
            }
            case Expr.Tested e -> {
                found.add(e.input());
                of(e.arguments(), found);
            }
        }
    }

    private static void of(Stmt.Signature signature, List<Node> found) {
        found.addAll(signature.parameters());
        found.addAll(signature.defaults());
    }

    private static void of(Expr.Arguments arguments, List<Node> found) {
        found.addAll(arguments.positional());
        found.addAll(arguments.values());
        add(arguments.star(), found);
        add(arguments.starStar(), found);
    }

    private static void add(@Nullable Node node, List<Node> found) {
        if (node != null) {
            found.add(node);
        }
    }
}
