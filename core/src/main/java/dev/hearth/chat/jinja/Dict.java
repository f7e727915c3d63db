package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dict: insertion order, keys equal as Python has them ({@code 1 == 1.0 == True}). It isn't changed once it is in use. */
public final class Dict implements Value {
    /** A key as it was first given, and its value. */
    record Entry(Value key, Value value) {}

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    /** Adds or replaces; a key that is there already keeps its place and spelling. */
    Dict put(Value key, Value value) {
        entries.merge(Equality.key(key), new Entry(key, value), (old, now) -> new Entry(old.key(), value));
        return this;
    }

    Dict putAll(Dict other) {
        other.entries().forEach(e -> put(e.key(), e.value()));
        return this;
    }

    @Nullable
    Value get(Value key) {
        Entry entry = entries.get(Equality.key(key));
        return entry == null ? null : entry.value();
    }

    @Nullable
    Value get(String key) {
        return get(Str.of(key));
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    List<Value> keys() {
        List<Value> keys = new ArrayList<>(entries.size());
        entries.values().forEach(e -> keys.add(e.key()));
        return keys;
    }

    int size() {
        return entries.size();
    }

    @Override
    public String typeName() {
        return "dict";
    }
}
