package dev.hearth.chat.jinja;

import java.util.List;

/** What the global {@code cycler} makes. */
final class Cycler implements Value {
    private final List<Value> items;
    private int position;

    Cycler(List<Value> items) {
        if (items.isEmpty()) {
            throw new Failure("at least one item has to be provided");
        }
        this.items = items;
    }

    List<Value> items() {
        return items;
    }

    int position() {
        return position;
    }

    Value current() {
        return items.get(position);
    }

    Value next() {
        Value value = current();
        position = (position + 1) % items.size();
        return value;
    }

    void reset() {
        position = 0;
    }

    @Override
    public String typeName() {
        return "Cycler";
    }
}
