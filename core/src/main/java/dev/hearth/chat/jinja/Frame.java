package dev.hearth.chat.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the resolver is: a scope's names, the routine that its variables live in, and what may stand here.
 *
 * @param isTop whether assignments here are the template's own
 * @param isSoft in a branch, where an unknown filter fails only when it is reached
 * @param inLoop whether {@code break} has a loop in this routine
 */
record Frame(Symbols symbols, RoutineScope routine, boolean isTop, boolean isSoft, boolean inLoop) {
    /** A routine under resolution; it owns the variables from its level inwards. */
    static final class RoutineScope {
        private final Code.Routine routine = new Code.Routine();
        private final int level;
        private final @Nullable RoutineScope parent;
        private final Map<Symbols.Ident, Integer> slots = new HashMap<>();

        RoutineScope(int level, @Nullable RoutineScope parent) {
            this.level = level;
            this.parent = parent;
        }

        Code.Routine routine() {
            return routine;
        }

        Code.Place place(Symbols.Ident ident) {
            int hops = 0;
            RoutineScope owner = this;
            while (owner.level > ident.level() && owner.parent != null) {
                owner = owner.parent;
                hops++;
            }
            Code.Routine home = owner.routine;
            return new Code.Place(hops, owner.slots.computeIfAbsent(ident, i -> home.add()));
        }
    }

    /** The template's own. */
    static Frame top(Symbols symbols) {
        return new Frame(symbols, new RoutineScope(0, null), true, false, false);
    }

    /** A scope in the same routine. */
    Frame inner() {
        return new Frame(new Symbols(symbols), routine, false, false, inLoop);
    }

    /** A scope that is a routine of its own. */
    Frame innerRoutine() {
        var inner = new Symbols(symbols);
        return new Frame(inner, new RoutineScope(inner.level(), routine), false, false, false);
    }

    Frame soft() {
        return new Frame(symbols, routine, isTop, true, inLoop);
    }

    Frame looping() {
        return new Frame(symbols, routine, isTop, isSoft, true);
    }
}
