package dev.hearth;

import dev.hearth.sample.Dry;
import dev.hearth.sample.SamplingParams;
import dev.hearth.sample.Word;
import dev.hearth.tokenizer.TextSpan;
import dev.hearth.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Makes tokens of the text in sampling parameters. Thread-safe. */
final class Words {
    private static final int REMEMBERED = 64;

    private final Optional<Tokenizer> tokenizer;
    private final int vocabSize;
    private final Map<String, List<Word>> breakers = new ConcurrentHashMap<>();

    /** @param vocabSize the model's; a tokenizer may have tokens beyond it */
    Words(Optional<Tokenizer> tokenizer, int vocabSize) {
        this.tokenizer = tokenizer;
        this.vocabSize = vocabSize;
    }

    /**
     * The same with tokens alone; text stays where there is no tokenizer.
     *
     * @param allowed words whose tokens alone may come, besides {@code ends}; none for all
     */
    SamplingParams resolve(SamplingParams params, List<String> allowed, Set<Integer> ends) {
        SamplingParams.Builder resolved = params.toBuilder();
        if (!allowed.isEmpty()) {
            Tokenizer t = tokenizer.orElseThrow(() -> new IllegalArgumentException(
                    "request: allowedWords: expected a model with a tokenizer, found none; use allowedTokens"));
            Set<Integer> tokens = new LinkedHashSet<>(params.allowedTokens());
            allowed.forEach(text -> spellings(t, text).forEach(word -> tokens.addAll(word.ids())));
            ends.stream().filter(end -> end < vocabSize).forEach(tokens::add);
            resolved.allowedTokens(tokens);
        }
        if (tokenizer.isPresent()) {
            Tokenizer t = tokenizer.get();
            resolved.bannedWords(params.bannedWords().stream()
                    .<Word>flatMap(word -> spellings(t, word).stream())
                    .toList());
            params.dry().ifPresent(dry -> resolved.dry(dry.withBreakers(breakers(t, dry))));
        }
        return resolved.build();
    }

    private static Collection<? extends Word> spellings(Tokenizer tokenizer, Word word) {
        return switch (word) {
            case Word.Text text -> spellings(tokenizer, text.text());
            case Word.Tokens tokens -> List.of(tokens);
        };
    }

    /** What the tokenizer makes of a word alone and after a space, as vLLM does for its bad_words. */
    private static Set<Word.Tokens> spellings(Tokenizer tokenizer, String text) {
        Set<Word.Tokens> spellings = new LinkedHashSet<>();
        for (String spelling : List.of(text, " " + text)) {
            List<Integer> ids = plain(tokenizer, spelling);
            if (!ids.isEmpty()) {
                spellings.add(new Word.Tokens(ids));
            }
        }
        return spellings;
    }

    private static List<Integer> plain(Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encode(text, List.of(new TextSpan(0, text.length()))); // no control tokens
        return Arrays.stream(ids).boxed().toList();
    }

    private List<Word> breakers(Tokenizer t, Dry dry) {
        if (breakers.size() > REMEMBERED) {
            breakers.clear();
        }
        return dry.breakers().stream()
                .map(word -> switch (word) {
                    case Word.Text text -> breakers.computeIfAbsent(text.text(), s -> breakers(t, s));
                    case Word.Tokens tokens -> List.<Word>of(tokens);
                })
                .flatMap(Collection::stream)
                .collect(Collectors.toUnmodifiableList());
    }

    /**
     * Every way in which tokens can hold a breaker: within one, or from the end of one on, the rest as the tokenizer makes it; as
     * llama.cpp does.
     */
    private List<Word> breakers(Tokenizer t, String text) {
        Set<Word> ways = new LinkedHashSet<>();
        for (int id = 0; id < Math.min(vocabSize, t.vocabSize()); id++) {
            String token = new String(t.bytesOf(id), StandardCharsets.UTF_8);
            if (token.contains(text)) {
                ways.add(Word.of(id));
                continue;
            }
            for (int begun = 1; begun < text.length(); begun++) {
                if (token.endsWith(text.substring(0, begun))) {
                    List<Integer> ids = new ArrayList<>(List.of(id));
                    ids.addAll(plain(t, text.substring(begun)));
                    ways.add(new Word.Tokens(ids));
                }
            }
        }
        return List.copyOf(ways);
    }
}
