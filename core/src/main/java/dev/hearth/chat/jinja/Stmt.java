package dev.hearth.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement. {@code line} is where it stands in the template. */
sealed interface Stmt extends Node {
    /** Text and expressions that are printed. */
    record Output(List<Expr> items, int line) implements Stmt {}

    /** A loop. */
    record For(
            Target target,
            Expr iterable,
            List<Stmt> body,
            List<Stmt> otherwise,
            @Nullable Expr test,
            boolean recursive,
            int line)
            implements Stmt {}

    /** A condition; its further branches are conditions without branches of their own. */
    record If(Expr test, List<Stmt> body, List<If> elifs, List<Stmt> otherwise, int line) implements Stmt {}

    /** A macro; the last parameters have the defaults. */
    record MacroDef(String name, int id, Signature signature, List<Stmt> body, int line) implements Stmt {}

    /** A call whose callee gets the body as {@code caller}; {@code generation} blocks are such calls of a built-in. */
    record CallBlock(Expr.Call call, Signature signature, List<Stmt> body, int line) implements Stmt {}

    /** A block whose text goes through a filter. */
    record FilterBlock(List<Stmt> body, Expr filter, int line) implements Stmt {}

    /** A scope with variables of its own. */
    record With(List<Target> targets, List<Expr> values, List<Stmt> body, int line) implements Stmt {}

    /** A named block; without inheritance it renders where it stands. */
    record Block(String name, List<Stmt> body, boolean scoped, boolean required, int line) implements Stmt {}

    /** {@code set target = value}. */
    record Assign(Target target, Expr value, int line) implements Stmt {}

    /** {@code set target} with a body, through a filter if there is one. */
    record AssignBlock(Target target, @Nullable Expr filter, List<Stmt> body, int line) implements Stmt {}

    /** {@code break}. */
    record Break(int line) implements Stmt {}

    /** {@code continue}. */
    record Continue(int line) implements Stmt {}

    /** Parameters of a macro or a call block. */
    record Signature(List<Target.Variable> parameters, List<Expr> defaults) {
        /** The default of a parameter, null if it has none. */
        @Nullable
        Expr defaultOf(int parameter) {
            int i = parameter - (parameters.size() - defaults.size());
            return i < 0 ? null : defaults.get(i);
        }
    }
}
