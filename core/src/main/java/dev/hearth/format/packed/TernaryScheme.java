package dev.hearth.format.packed;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How BitNet's weights lie in the files, as {@code quantization_config} says.
 *
 * @param kept names, or ends or beginnings of names, of modules that are not ternary
 */
record TernaryScheme(Kind kind, List<String> kept) {
    /** What a file has of a module. */
    enum Kind {
        /** Packed weights, and a scale that results are divided by. */
        DIVIDED,
        /** Weights, packed or not, and a scale that results, the bias among them, are multiplied by. */
        MULTIPLIED,
        /** Master weights, which are rounded as they are read. */
        MASTERS
    }

    private static final String KEPT = "modules_to_not_convert";
    private static final String HEAD = "lm_head";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.]+");

    /**
     * As in these fields.
     *
     * @throws ModelFormatException if they say what isn't known or supported
     */
    static TernaryScheme of(Fields fields) {
        if (fields.flag("use_rms_norm", false)) {
            throw new ModelFormatException(
                    fields.at("use_rms_norm"), "norms within ternary products are not supported; use a model without");
        }
        boolean multiplied = choice(fields, "linear_class", "bitlinear", "autobitlinear");
        boolean masters = choice(fields, "quantization_mode", "offline", "online");
        Kind kind = !multiplied ? Kind.DIVIDED : masters ? Kind.MASTERS : Kind.MULTIPLIED;
        return new TernaryScheme(kind, kept(fields));
    }

    /** Whether a key says the second, not the first, which it says by being absent. */
    private static boolean choice(Fields fields, String key, String first, String second) {
        String found = fields.string(key).orElse(first);
        if (!found.equals(first) && !found.equals(second)) {
            throw new ModelFormatException(fields.at(key), "expected " + first + " or " + second + ", found " + found);
        }
        return found.equals(second);
    }

    private static List<String> kept(Fields fields) {
        if (!fields.has(KEPT)) {
            return List.of(HEAD);
        }
        List<Json> names = fields.array(KEPT).orElseThrow();
        List<String> kept = names.stream()
                .map(n -> n instanceof Json.Str(String s) ? s : "")
                .toList();
        for (String name : kept) {
            if (!NAME.matcher(name).matches()) {
                throw new ModelFormatException(fields.at(KEPT), "expected names of modules, found " + name);
            }
        }
        if (!new TernaryScheme(Kind.MASTERS, kept).keeps(HEAD)) {
            throw new ModelFormatException(
                    fields.at(KEPT),
                    "expected " + HEAD + " among them, found " + kept + "; a ternary output matrix is not supported");
        }
        return kept;
    }

    /** Whether a module is not ternary. */
    boolean keeps(String module) {
        return kept.stream()
                .anyMatch(k -> module.endsWith(k)
                        || module.startsWith(k)
                                && (k.endsWith(".")
                                        || module.length() == k.length()
                                        || module.charAt(k.length()) == '.'));
    }
}
