package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.PreTokenizer.Metaspace.Cuts;
import dev.hearth.tokenizer.PreTokenizer.Metaspace.Scheme;
import dev.hearth.tokenizer.SplitBehaviour.Stretch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code pre_tokenizer}. */
final class PreTokenizerJson {
    private static final Map<String, Components.Reader<List<PreTokenizer>>> READERS = Map.ofEntries(
            Map.entry("Sequence", PreTokenizerJson::sequence),
            Map.entry("ByteLevel", PreTokenizerJson::byteLevel),
            Map.entry("Split", c -> List.of(split(c))),
            Map.entry("Metaspace", c -> List.of(metaspace(c))),
            Map.entry(
                    "Digits",
                    c -> List.of(new PreTokenizer.Characters(
                            Unicode17::isNumber,
                            c.flag("individual_digits", false) ? SplitBehaviour.ISOLATED : SplitBehaviour.CONTIGUOUS))),
            Map.entry(
                    "Punctuation",
                    c -> List.of(new PreTokenizer.Characters(
                            Unicode8::isPunctuation, SplitBehaviour.read(c, SplitBehaviour.ISOLATED)))),
            Map.entry(
                    "Whitespace",
                    c -> List.of(new PreTokenizer.Split(
                            TextPattern.Regex.asJava("\\w+|[^\\w\\s]+"), SplitBehaviour.REMOVED, Stretch.GAP))),
            Map.entry(
                    "WhitespaceSplit",
                    c -> List.of(new PreTokenizer.Characters(CharClass::isSpace, SplitBehaviour.REMOVED))),
            Map.entry(
                    "BertPreTokenizer",
                    c -> List.of(
                            new PreTokenizer.Characters(CharClass::isSpace, SplitBehaviour.REMOVED),
                            new PreTokenizer.Characters(Unicode8::isPunctuation, SplitBehaviour.ISOLATED))),
            Map.entry("UnicodeScripts", c -> List.of(new PreTokenizer.Scripts())),
            Map.entry("CharDelimiterSplit", c -> List.of(delimiter(c))),
            Map.entry("FixedLength", c -> List.of(fixedLength(c))));

    private PreTokenizerJson() {}

    /** The steps, sequences within sequences laid out flat. */
    static List<PreTokenizer> read(Fields component) {
        return Components.read(component, READERS);
    }

    private static List<PreTokenizer> sequence(Fields component) {
        List<PreTokenizer> steps = new ArrayList<>();
        for (Fields part : Components.parts(component, "pretokenizers")) {
            steps.addAll(read(part));
        }
        return steps;
    }

    private static List<PreTokenizer> byteLevel(Fields component) {
        List<PreTokenizer> steps = new ArrayList<>();
        if (component.flag("add_prefix_space", true)) {
            steps.add(new PreTokenizer.Prefix(' '));
        }
        if (component.flag("use_regex", true)) {
            steps.add(new PreTokenizer.Split(WordSplitter.GPT2, SplitBehaviour.ISOLATED, Stretch.MATCH));
        }
        steps.add(new PreTokenizer.Bytes());
        return steps;
    }

    private static PreTokenizer split(Fields component) {
        return new PreTokenizer.Split(
                TextPattern.read(component),
                SplitBehaviour.read(component, SplitBehaviour.ISOLATED),
                component.flag("invert", false) ? Stretch.GAP : Stretch.MATCH);
    }

    private static PreTokenizer metaspace(Fields component) {
        char replacement = Components.character(component, "replacement");
        Scheme scheme = scheme(component);
        return new PreTokenizer.Metaspace(
                replacement, scheme, component.flag("split", true) ? Cuts.BEFORE_EACH : Cuts.NONE);
    }

    /** {@code prepend_scheme}; older files say {@code add_prefix_space} alone. */
    static Scheme scheme(Fields component) {
        String name = component
                .string("prepend_scheme")
                .orElse(component.flag("add_prefix_space", true) ? "always" : "never");
        return switch (name) {
            case "first" -> Scheme.FIRST;
            case "never" -> Scheme.NEVER;
            case "always" -> Scheme.ALWAYS;
            default ->
                throw new ModelFormatException(
                        component.at("prepend_scheme"), "expected first, never or always, found " + name);
        };
    }

    private static PreTokenizer delimiter(Fields component) {
        char delimiter = Components.character(component, "delimiter");
        return new PreTokenizer.Characters(c -> c == delimiter, SplitBehaviour.REMOVED);
    }

    private static PreTokenizer fixedLength(Fields component) {
        int length = component.integer("length").orElse(5);
        if (length < 1) {
            throw new ModelFormatException(component.at("length"), "expected at least 1, found " + length);
        }
        return new PreTokenizer.FixedLength(length);
    }
}
