package dev.hearth.chat.jinja;

import java.util.List;

/** What is assigned to. */
sealed interface Target extends Node {
    /** A variable; {@code id} is of the same numbering as {@link Expr.Name}'s. */
    record Variable(int id, String name, int line) implements Target {}

    /** Several, unpacked. */
    record Unpacked(List<Target> items, int line) implements Target {}

    /** An attribute of a namespace; {@code id} numbers the namespace's name. */
    record Member(int id, String name, String attribute, int line) implements Target {}
}
