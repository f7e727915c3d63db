package dev.hearth.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Just enough of GGUF's metadata for the vocabularies among the test data, which are trusted. */
final class GgufVocabularyReader {
    private final ByteBuffer in;

    private GgufVocabularyReader(byte[] file) {
        in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    static GgufVocabulary read(byte[] file) {
        GgufVocabularyReader reader = new GgufVocabularyReader(file);
        reader.in.position(16);
        long count = reader.in.getLong();
        Map<String, Object> values = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            values.put(reader.string(), reader.value(reader.in.getInt()));
        }
        return vocabulary(values);
    }

    private static GgufVocabulary vocabulary(Map<String, Object> values) {
        return new GgufVocabulary(
                (String) java.util.Objects.requireNonNull(values.get("tokenizer.ggml.model")),
                Optional.ofNullable((String) values.get("tokenizer.ggml.pre")),
                list(values, "tokens", String.class),
                list(values, "scores", Float.class),
                list(values, "token_type", Integer.class),
                list(values, "merges", String.class),
                id(values, "bos_token_id"),
                id(values, "eos_token_id"),
                id(values, "unknown_token_id"),
                id(values, "seperator_token_id"),
                new GgufVocabulary.Options(
                        flag(values, "add_bos_token"),
                        flag(values, "add_eos_token"),
                        flag(values, "add_sep_token"),
                        flag(values, "add_space_prefix"),
                        new GgufVocabulary.Normalization(
                                flag(values, "remove_extra_whitespaces"),
                                flag(values, "normalizer.lowercase"),
                                flag(values, "normalizer.strip_accents"),
                                list(values, "precompiled_charsmap", Byte.class))));
    }

    private static <T> List<T> list(Map<String, Object> values, String name, Class<T> type) {
        List<?> list = (List<?>) values.getOrDefault("tokenizer.ggml." + name, List.of());
        return list.stream().<T>map(type::cast).toList();
    }

    private static OptionalInt id(Map<String, Object> values, String name) {
        Object value = values.get("tokenizer.ggml." + name);
        return value == null ? OptionalInt.empty() : OptionalInt.of((Integer) value);
    }

    private static Optional<Boolean> flag(Map<String, Object> values, String name) {
        return Optional.ofNullable((Boolean) values.get("tokenizer.ggml." + name));
    }

    private String string() {
        byte[] bytes = new byte[(int) in.getLong()];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private Object value(int type) {
        return switch (type) {
            case 0, 1 -> in.get();
            case 2, 3 -> in.getShort();
            case 4, 5 -> in.getInt();
            case 6 -> in.getFloat();
            case 7 -> in.get() != 0;
            case 8 -> string();
            case 9 -> {
                int element = in.getInt();
                long count = in.getLong();
                List<Object> list = new ArrayList<>();
                for (long i = 0; i < count; i++) {
                    list.add(value(element));
                }
                yield list;
            }
            case 10, 11, 12 -> in.getLong();
            default -> throw new IllegalArgumentException("type " + type);
        };
    }
}
