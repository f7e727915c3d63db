package dev.hearth.chat.jinja;

/** What {@code keys()}, {@code values()} or {@code items()} of a dict give. */
record View(Dict dict, Kind kind) implements Value {
    /** Which part of an entry it shows. */
    enum Kind {
        KEYS("dict_keys"),
        VALUES("dict_values"),
        ITEMS("dict_items");

        private final String typeName;

        Kind(String typeName) {
            this.typeName = typeName;
        }
    }

    Value of(Dict.Entry entry) {
        return switch (kind) {
            case KEYS -> entry.key();
            case VALUES -> entry.value();
            case ITEMS -> Seq.pair(entry.key(), entry.value());
        };
    }

    @Override
    public String typeName() {
        return kind.typeName;
    }
}
