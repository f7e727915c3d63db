package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.Decoder.CleanUp;
import dev.hearth.tokenizer.Decoder.Metaspace.FirstSpace;
import dev.hearth.tokenizer.PreTokenizer.Metaspace.Scheme;
import java.util.Map;

/** Reads {@code decoder}. */
final class DecoderJson {
    private static final Map<String, Components.Reader<Decoder>> READERS = Map.ofEntries(
            Map.entry(
                    "Sequence",
                    c -> new Decoder.Sequence(Components.parts(c, "decoders").stream()
                            .map(DecoderJson::read)
                            .toList())),
            Map.entry("ByteLevel", c -> new Decoder.Bytes(Decoder.Bytes.Spelling.ALPHABET)),
            Map.entry("Replace", c -> new Decoder.Replace(TextPattern.read(c), Components.required(c, "content"))),
            Map.entry("ByteFallback", c -> new Decoder.ByteFallback()),
            Map.entry("Fuse", c -> new Decoder.Fuse()),
            Map.entry("Strip", DecoderJson::strip),
            Map.entry(
                    "Metaspace",
                    c -> new Decoder.Metaspace(
                            Components.character(c, "replacement"),
                            PreTokenizerJson.scheme(c) == Scheme.NEVER ? FirstSpace.KEPT : FirstSpace.DROPPED)),
            Map.entry(
                    "WordPiece",
                    c -> new Decoder.WordPieces(
                            c.string("prefix").orElse("##"), c.flag("cleanup", true) ? CleanUp.ENGLISH : CleanUp.NONE)),
            Map.entry(
                    "CTC",
                    c -> new Decoder.Ctc(
                            c.string("pad_token").orElse("<pad>"),
                            c.string("word_delimiter_token").orElse("|"),
                            c.flag("cleanup", true) ? CleanUp.ENGLISH : CleanUp.NONE)),
            Map.entry("BPEDecoder", c -> new Decoder.WordEnds(c.string("suffix").orElse("</w>"))));

    private DecoderJson() {}

    static Decoder read(Fields component) {
        return Components.read(component, READERS);
    }

    private static Decoder strip(Fields component) {
        String content = Components.required(component, "content");
        if (content.codePointCount(0, content.length()) != 1) {
            throw new ModelFormatException(
                    component.at("content"), "expected one character, found \"" + content + "\"");
        }
        return new Decoder.Strip(content.codePointAt(0), count(component, "start"), count(component, "stop"));
    }

    private static int count(Fields component, String name) {
        int count = component.integer(name).orElse(0);
        if (count < 0) {
            throw new ModelFormatException(component.at(name), "expected 0 or more, found " + count);
        }
        return count;
    }
}
