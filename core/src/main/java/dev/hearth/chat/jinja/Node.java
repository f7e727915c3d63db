package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a parsed template. */
sealed interface Node permits Expr, Stmt, Target {
    int line();

    /** The parts of a node in the order in which jinja2's visitors meet them. */
    static List<Node> children(Node node) {
        return switch (node) {
            case Stmt statement -> ofStatement(statement);
            case Expr expression -> ofExpression(expression);
            case Target.Unpacked unpacked -> flat(unpacked.items());
            case Target.Variable _, Target.Member _ -> List.of();
        };
    }

    private static List<Node> ofStatement(Stmt statement) {
        return switch (statement) {
            case Stmt.Output s -> flat(s.items());
            case Stmt.For s -> flat(s.target(), s.iterable(), s.body(), s.otherwise(), s.test());
            case Stmt.If s -> flat(s.test(), s.body(), s.elifs(), s.otherwise());
            case Stmt.MacroDef s ->
                flat(s.signature().parameters(), s.signature().defaults(), s.body());
            case Stmt.CallBlock s ->
                flat(s.call(), s.signature().parameters(), s.signature().defaults(), s.body());
            case Stmt.FilterBlock s -> flat(s.body(), s.filter());
            case Stmt.With s -> flat(s.targets(), s.values(), s.body());
            case Stmt.Block s -> flat(s.body());
            case Stmt.Assign s -> flat(s.target(), s.value());
            case Stmt.AssignBlock s -> flat(s.target(), s.filter(), s.body());
            case Stmt.Break _, Stmt.Continue _ -> List.of();
        };
    }

    private static List<Node> ofExpression(Expr expression) {
        return switch (expression) {
            case Expr.Const _, Expr.Data _, Expr.Name _ -> List.of();
            case Expr.TupleOf e -> flat(e.items());
            case Expr.ListOf e -> flat(e.items());
            case Expr.DictOf e -> pairs(e);
            case Expr.Conditional e -> flat(e.test(), e.then(), e.otherwise());
            case Expr.Or e -> flat(e.left(), e.right());
            case Expr.And e -> flat(e.left(), e.right());
            case Expr.Not e -> flat(e.operand());
            case Expr.Compare e -> flat(e.first(), e.operands());
            case Expr.Binary e -> flat(e.left(), e.right());
            case Expr.Sign e -> flat(e.operand());
            case Expr.Concat e -> flat(e.items());
            case Expr.Attribute e -> flat(e.object());
            case Expr.Item e -> flat(e.object(), e.index());
            case Expr.Slice e -> flat(e.start(), e.stop(), e.step());
            case Expr.Call e -> called(e.callee(), e.arguments());
            case Expr.Filtered e -> called(e.input(), e.arguments());
            case Expr.Tested e -> called(e.input(), e.arguments());
        };
    }

    private static List<Node> pairs(Expr.DictOf dict) {
        List<Node> found = new ArrayList<>();
        for (int i = 0; i < dict.keys().size(); i++) {
            found.add(dict.keys().get(i));
            found.add(dict.values().get(i));
        }
        return found;
    }

    private static List<Node> called(@Nullable Expr callee, Expr.Arguments a) {
        return flat(callee, a.positional(), a.values(), a.star(), a.starStar());
    }

    /** Nodes and lists of nodes as one list, without the nulls. */
    private static List<Node> flat(@Nullable Object... parts) {
        List<Node> found = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof Node node) {
                found.add(node);
            } else if (part instanceof List<?> nodes) {
                nodes.forEach(n -> found.add((Node) n));
            }
        }
        return found;
    }
}
