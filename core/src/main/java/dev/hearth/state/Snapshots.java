package dev.hearth.state;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * States of fixed size as they were at the ends of pages: a sequence can go on from a node of the tree of prefixes only where they
 * were kept. They take slots that no sequence needs, and go without their nodes, those first that were used least recently. Used by
 * the thread that runs the steps.
 */
final class Snapshots {
    private final List<PagePool> slots = new ArrayList<>(); // the pools of groups of fixed size
    private final List<Integer> groups = new ArrayList<>();
    private final LinkedHashSet<PrefixNode> kept = new LinkedHashSet<>(); // least recently used first
    private Consumer<PrefixNode> leaving = node -> {};

    /** Adds a group of fixed size. */
    void addGroup(int group, PagePool pool) {
        groups.add(group);
        slots.add(pool);
    }

    /** Has somebody look at a node whose state goes for want of slots, before it does. */
    void beforeLeaving(Consumer<PrefixNode> listener) {
        leaving = listener;
    }

    /** Whether sequences need any. */
    boolean areNeeded() {
        return !groups.isEmpty();
    }

    /** How many could go. */
    int count() {
        return kept.size();
    }

    /** How many slots of all groups they take that could go. */
    int slotCount() {
        return kept.size() * groups.size();
    }

    /** Whether a sequence can go on from here. */
    boolean at(PrefixNode node) {
        return node.isRoot() || groups.isEmpty() || node.page(groups.getFirst()) != PrefixNode.NONE;
    }

    /** The deepest node from here up that a sequence can go on from. */
    PrefixNode nearest(PrefixNode from) {
        PrefixNode node = from;
        while (!at(node)) {
            node = node.above();
        }
        return node;
    }

    /** Whether every group has a free slot. */
    boolean hasFreeSlot() {
        return slots.stream().allMatch(pool -> pool.freeCount() > 0);
    }

    /** Makes a slot of every group free; false if sequences and pins have all. */
    boolean makeRoom() {
        while (!hasFreeSlot()) {
            if (kept.isEmpty()) {
                return false;
            }
            leaving.accept(kept.getFirst());
            drop(kept.getFirst());
        }
        return true;
    }

    /** Keeps these slots' content for a node, if there is room. */
    void take(PrefixNode node, SlotCopy copy) {
        if (at(node)) {
            touch(node);
        } else if (makeRoom()) {
            for (int i = 0; i < groups.size(); i++) {
                int slot = slots.get(i).take();
                copy.fill(groups.get(i), slots.get(i), slot);
                node.pages[groups.get(i)] = slot;
            }
            kept.add(node);
        }
    }

    /** What fills a slot. */
    interface SlotCopy {
        /** Fills a slot of a group. */
        void fill(int group, PagePool pool, int slot);
    }

    /** A sequence goes on from here: it goes last of all. */
    void touch(PrefixNode node) {
        if (kept.remove(node)) {
            kept.add(node);
        }
    }

    /** Lets go of a node's, if it has any and nobody has pinned it. */
    void drop(PrefixNode node) {
        if (kept.remove(node)) {
            for (int i = 0; i < groups.size(); i++) {
                slots.get(i).release(node.pages[groups.get(i)]);
                node.pages[groups.get(i)] = PrefixNode.NONE;
            }
        }
    }

    /** A node's stays until it is unpinned as often as it is pinned. */
    void pin(PrefixNode node) {
        if (areNeeded() && !node.isRoot() && node.pins++ == 0) {
            kept.remove(node);
        }
    }

    /** A node's may go unless others have pinned it. */
    void unpin(PrefixNode node) {
        if (areNeeded() && !node.isRoot() && --node.pins == 0) {
            kept.add(node);
        }
    }
}
