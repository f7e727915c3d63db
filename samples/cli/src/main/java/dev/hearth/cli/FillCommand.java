package dev.hearth.cli;

import dev.hearth.Engine;
import dev.hearth.MaskedToken;
import dev.hearth.TokenScore;
import dev.hearth.format.Json;
import dev.hearth.tokenizer.Encoding;
import dev.hearth.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What may stand in the masked places of a text. */
@Command(
        name = "fill",
        description = "The likeliest tokens in the masked places of a text.",
        mixinStandardHelpOptions = true)
final class FillCommand implements Callable<Integer> {
    private static final List<String> MASKS = List.of("[MASK]", "<mask>");

    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Option(names = "--text", paramLabel = "TEXT", description = "The text, with [MASK] or <mask> as the model has it.")
    @Nullable
    private String text;

    @Option(names = "--ids", paramLabel = "1,2,3", description = "The text in tokens.")
    @Nullable
    private String ids;

    @Option(
            names = "--at",
            paramLabel = "1,4",
            description = "Places among the tokens, from 0, instead of those of the mask.")
    @Nullable
    private String at;

    @Option(names = "--top", paramLabel = "K", description = "How many tokens for each place; by default 5.")
    private int top = 5;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        TokenInput.oneOf("--text", text, "--ids", ids);
        if (top < 1) {
            throw new IllegalArgumentException("--top: expected at least 1, found " + top);
        }
        try (Engine engine = engineOptions.load()) {
            Encoding tokens = text != null
                    ? engine.tokenizer().encodeTyped(text)
                    : Encoding.of(TokenInput.ids("--ids", String.valueOf(ids)));
            List<MaskedToken> found = engine.fillMask(tokens, places(engine, tokens.ids()), top);
            if (json) {
                JsonOutput.print(json(tokens.ids(), found));
            } else {
                found.forEach(place -> table(engine, place));
            }
        }
        return 0;
    }

    private Set<Integer> places(Engine engine, int[] tokens) {
        Set<Integer> places = new TreeSet<>();
        if (at != null) {
            for (int place : TokenInput.ids("--at", at)) {
                places.add(place);
            }
            return places;
        }
        OptionalInt mask = engine.hasTokenizer() ? mask(engine.tokenizer()) : OptionalInt.empty();
        for (int i = 0; i < tokens.length; i++) {
            if (mask.isPresent() && tokens[i] == mask.getAsInt()) {
                places.add(i);
            }
        }
        if (places.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected " + String.join(" or ", MASKS) + " in the text, found neither; --at names the places");
        }
        return places;
    }

    private static OptionalInt mask(Tokenizer tokenizer) {
        return MASKS.stream()
                .map(tokenizer::idOf)
                .filter(OptionalInt::isPresent)
                .findFirst()
                .orElse(OptionalInt.empty());
    }

    private static Json.Obj json(int[] tokens, List<MaskedToken> found) {
        List<Json> tops = new ArrayList<>();
        for (MaskedToken place : found) {
            tops.add(new Json.Arr(place.top().stream()
                    .map(t ->
                            (Json) JsonOutput.object("id", new Json.Int(t.id()), "logprob", new Json.Real(t.logprob())))
                    .toList()));
        }
        return JsonOutput.object(
                "ids",
                JsonOutput.ints(tokens),
                "positions",
                JsonOutput.ints(found.stream().map(MaskedToken::position).toList()),
                "top",
                new Json.Arr(tops));
    }

    private static void table(Engine engine, MaskedToken place) {
        System.out.println("position " + place.position());
        for (TokenScore.Alternative token : place.top()) {
            System.out.printf(
                    Locale.ROOT,
                    "%8d %8.3f  %s%n",
                    token.id(),
                    token.logprob(),
                    engine.hasTokenizer() ? Shown.token(engine.tokenizer(), token.id()) : "");
        }
    }
}
