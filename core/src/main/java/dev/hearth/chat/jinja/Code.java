package dev.hearth.chat.jinja;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the variables of a template live. A routine is what would be one Python function in jinja2's output (the template, a
 * macro, a recursive loop, the test of a loop): it has an array of variables and sees those of the routines around it.
 */
final class Code {
    private final int[] hops;
    private final int[] slots;
    private final IdentityHashMap<Node, Plan> plans = new IdentityHashMap<>();
    private final IdentityHashMap<Expr, Boolean> folded = new IdentityHashMap<>();
    private final IdentityHashMap<Stmt, Boolean> exported = new IdentityHashMap<>();

    Code(int names) {
        hops = new int[names];
        slots = new int[names];
    }

    /** A variable: so many routines outwards, at that index. */
    record Place(int hops, int slot) {}

    /** What a scope sets when it is entered, and unsets when it is left. */
    record Entry(
            int slot, @Nullable String resolve, @Nullable Place alias, boolean isParameter) {}

    /** How many variables a routine has; known once all of the template is resolved. */
    static final class Routine {
        private int size;

        int size() {
            return size;
        }

        int add() {
            return size++;
        }
    }

    /** What was found out about a statement that makes a scope or a routine. */
    sealed interface Plan {
        /** A statement with a scope in the routine around it. */
        record Scoped(List<Entry> entries) implements Plan {}

        /** A loop; {@code loop} is where the variable of that name lives, null if nothing reads it. */
        record Looping(
                List<Entry> entries,
                List<Entry> elseEntries,
                @Nullable Place loop,
                @Nullable Routine recursion,
                @Nullable Testing test)
                implements Plan {}

        /** The test of a loop, which is a routine; {@code targetIds} place the loop's target within it. */
        record Testing(Routine routine, List<Entry> entries, Map<Integer, Integer> targetSlots) {}

        /** A macro or call block; places of the parameters and of those that the body asks for by name. */
        record Calling(
                Routine routine,
                List<Entry> entries,
                List<Integer> parameters,
                @Nullable Integer caller,
                @Nullable Integer kwargs,
                @Nullable Integer varargs)
                implements Plan {}

        /** A named block: a routine that sees the context, not the variables around it. */
        record Blocking(
                Routine routine,
                List<Entry> entries,
                @Nullable Map<String, Place> visible) implements Plan {}
    }

    void place(int name, Place place) {
        hops[name] = place.hops();
        slots[name] = place.slot();
    }

    int hops(int name) {
        return hops[name];
    }

    int slot(int name) {
        return slots[name];
    }

    /** Notes an expression without variables that slices: jinja2 computes it early, by slightly other rules. */
    void fold(Expr item) {
        folded.put(item, true);
    }

    boolean isFolded(Expr item) {
        return !folded.isEmpty() && folded.containsKey(item);
    }

    /** Notes that the context is to learn what this statement assigns, for the named blocks. */
    void export(Stmt statement) {
        exported.put(statement, true);
    }

    boolean isExported(Stmt statement) {
        return exported.containsKey(statement);
    }

    void plan(Node node, Plan plan) {
        plans.put(node, plan);
    }

    <P extends Plan> P plan(Node node, Class<P> kind) {
        return java.util.Objects.requireNonNull(kind.cast(plans.get(node)), "statement without a plan");
    }
}
