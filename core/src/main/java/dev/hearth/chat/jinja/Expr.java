package dev.hearth.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression. {@code line} is where it stands in the template. */
sealed interface Expr extends Node {
    /** A literal value. */
    record Const(Value value, int line) implements Expr {}

    /** Text outside of tags. */
    record Data(Str text, int line) implements Expr {}

    /** A variable that is read; {@code id} numbers all names of a template. */
    record Name(int id, String name, int line) implements Expr {}

    /** A tuple. */
    record TupleOf(List<Expr> items, int line) implements Expr {}

    /** A list literal. */
    record ListOf(List<Expr> items, int line) implements Expr {}

    /** A dict literal; keys and values in turn. */
    record DictOf(List<Expr> keys, List<Expr> values, int line) implements Expr {}

    /** {@code then if test else otherwise}; null: undefined. */
    record Conditional(Expr test, Expr then, @Nullable Expr otherwise, int line) implements Expr {}

    /** {@code left or right}. */
    record Or(Expr left, Expr right, int line) implements Expr {}

    /** {@code left and right}. */
    record And(Expr left, Expr right, int line) implements Expr {}

    /** {@code not operand}. */
    record Not(Expr operand, int line) implements Expr {}

    /** A chain of comparisons: {@code operators.get(i)} stands before {@code operands.get(i)}. */
    record Compare(Expr first, List<String> operators, List<Expr> operands, int line) implements Expr {}

    /** An arithmetic operator. */
    record Binary(String operator, Expr left, Expr right, int line) implements Expr {}

    /** A sign. */
    record Sign(boolean negative, Expr operand, int line) implements Expr {}

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expr> items, int line) implements Expr {}

    /** {@code object.name}. */
    record Attribute(Expr object, String name, int line) implements Expr {}

    /** {@code object[index]}. */
    record Item(Expr object, Expr index, int line) implements Expr {}

    /** {@code start:stop:step} between brackets. */
    record Slice(
            @Nullable Expr start,
            @Nullable Expr stop,
            @Nullable Expr step,
            int line) implements Expr {}

    /** {@code callee(arguments)}. */
    record Call(Expr callee, Arguments arguments, int line) implements Expr {}

    /** {@code input|name(arguments)}; a null input is the text of a filter block. */
    record Filtered(@Nullable Expr input, String name, Arguments arguments, int line) implements Expr {}

    /** {@code input is name(arguments)}. */
    record Tested(Expr input, String name, Arguments arguments, int line) implements Expr {}

    /** The arguments of a call; {@code names} go with {@code values}. */
    record Arguments(
            List<Expr> positional,
            List<String> names,
            List<Expr> values,
            @Nullable Expr star,
            @Nullable Expr starStar) {
        static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), null, null);
    }
}
