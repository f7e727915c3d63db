package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.CharsmapNormalizer.Units;
import dev.hearth.tokenizer.Normalizer.Strip.Ends;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Reads {@code normalizer}. */
final class NormalizerJson {
    private static final Map<String, Components.Reader<Normalizer>> READERS = Map.ofEntries(
            Map.entry("Sequence", NormalizerJson::sequence),
            Map.entry("Prepend", c -> new Normalizer.Prepend(Components.required(c, "prepend"))),
            Map.entry("Replace", c -> new Normalizer.Replace(TextPattern.read(c), Components.required(c, "content"))),
            Map.entry("NFC", c -> new Normalizer.Unicode(Form.NFC)),
            Map.entry("NFD", c -> new Normalizer.Unicode(Form.NFD)),
            Map.entry("NFKC", c -> new Normalizer.Unicode(Form.NFKC)),
            Map.entry("NFKD", c -> new Normalizer.Unicode(Form.NFKD)),
            Map.entry("Lowercase", c -> new Normalizer.Lowercase()),
            Map.entry("Strip", NormalizerJson::strip),
            Map.entry("StripAccents", c -> new Normalizer.Remove(Unicode9::isMark)),
            Map.entry("Nmt", c -> new Normalizer.Nmt()),
            Map.entry("ByteLevel", c -> new Normalizer.Bytes()),
            Map.entry("Precompiled", NormalizerJson::precompiled),
            Map.entry("BertNormalizer", NormalizerJson::bert));

    private NormalizerJson() {}

    static Normalizer read(Fields component) {
        return Components.read(component, READERS);
    }

    private static Normalizer sequence(Fields component) {
        return new Normalizer.Sequence(Components.parts(component, "normalizers").stream()
                .map(NormalizerJson::read)
                .toList());
    }

    private static Normalizer strip(Fields component) {
        boolean left = component.flag("strip_left", false);
        boolean right = component.flag("strip_right", false);
        return new Normalizer.Strip(left ? (right ? Ends.BOTH : Ends.LEFT) : right ? Ends.RIGHT : Ends.NONE);
    }

    private static Normalizer precompiled(Fields component) {
        String base64 = component.string("precompiled_charsmap").orElse("");
        try {
            byte[] map = Base64.getDecoder().decode(base64);
            return new CharsmapNormalizer(Charsmap.read(component.at("precompiled_charsmap"), map), Units.CLUSTERS);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(
                    component.at("precompiled_charsmap"), "expected Base64: " + e.getMessage(), e);
        }
    }

    private static Normalizer bert(Fields component) {
        List<Normalizer> steps = new ArrayList<>();
        boolean lowercase = component.flag("lowercase", true);
        if (component.flag("clean_text", true)) {
            steps.add(BertNormalizer.CLEAN);
            steps.add(BertNormalizer.SPACES);
        }
        if (component.flag("handle_chinese_chars", true)) {
            steps.add(BertNormalizer.IDEOGRAPHS);
        }
        if (component.flag("strip_accents", lowercase)) {
            steps.add(new Normalizer.Unicode(Form.NFD));
            steps.add(new Normalizer.Remove(Unicode8::isNonSpacingMark));
        }
        if (lowercase) {
            steps.add(new Normalizer.Lowercase());
        }
        return new BertNormalizer(steps);
    }
}
