package dev.hearth.tokenizer;

import java.util.ArrayList;
import java.util.List;

/** How SentencePiece's tokens become text. */
final class SentencePieceDecoder {
    private SentencePieceDecoder() {}

    /** A mark is a space, byte tokens are bytes, and a space that encoding added goes. */
    static Decoder of(SentencePieceSpaces.Dummy dummy) {
        List<Decoder> decoders = new ArrayList<>(List.of(
                new Decoder.Replace(new TextPattern.Literal("▁"), " "),
                new Decoder.ByteFallback(),
                new Decoder.Fuse()));
        switch (dummy) {
            case PREFIX -> decoders.add(new Decoder.Strip(' ', 1, 0));
            case SUFFIX -> decoders.add(new Decoder.Strip(' ', 0, 1));
            case NONE -> {}
        }
        return new Decoder.Sequence(List.copyOf(decoders));
    }
}
