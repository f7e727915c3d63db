package dev.hearth.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variables of a running routine and, through it, of those around it; null is a variable without a value. */
final class Vars {
    private final @Nullable Value[] slots;
    private final @Nullable Vars parent;

    Vars(Code.Routine routine, @Nullable Vars parent) {
        this.slots = new @Nullable Value[routine.size()];
        this.parent = parent;
    }

    private Vars outwards(int hops) {
        Vars vars = this;
        for (int i = 0; i < hops && vars.parent != null; i++) {
            vars = vars.parent;
        }
        return vars;
    }

    @Nullable
    Value get(int hops, int slot) {
        return outwards(hops).slots[slot];
    }

    @Nullable
    Value get(Code.Place place) {
        return get(place.hops(), place.slot());
    }

    void set(int hops, int slot, @Nullable Value value) {
        outwards(hops).slots[slot] = value;
    }

    /** Unsets what a scope had set. */
    void leave(List<Code.Entry> entries) {
        for (Code.Entry entry : entries) {
            slots[entry.slot()] = null;
        }
    }
}
