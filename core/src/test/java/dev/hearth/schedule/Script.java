package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A listener without a network: it wants so many tokens, which follow from those before, and keeps account of what it hears. Forks of it
 * are scripts too.
 */
final class Script implements Sequence.Listener {
    private static final int VOCABULARY = 3; // few, so that prompts begin alike

    final int promptTokens;
    final Chunk.Logits wanted;
    private final Sequence.Output output;
    private final int answerTokens;
    private final int chunkLimit;
    private final BitSet results = new BitSet();
    TokenList tokens;
    private int expected; // results
    boolean ready = true;
    boolean parked; // has all results, and may be forked from
    int cached = -1;
    Sequence.@Nullable End end;

    Script(TokenList prompt, int answerTokens, Chunk.Logits wanted, Sequence.Output output, int chunkLimit) {
        this.tokens = prompt;
        this.promptTokens = prompt.size();
        this.answerTokens = answerTokens;
        this.wanted = wanted;
        this.output = output;
        this.chunkLimit = chunkLimit;
        this.expected = wanted == Chunk.Logits.ALL ? promptTokens : answerTokens;
    }

    /** One that generates. */
    static Script generating(int answerTokens, int... prompt) {
        return new Script(new TokenList(prompt), answerTokens, Chunk.Logits.LAST, Sequence.Output.LOGITS, 256);
    }

    Sequence sequence(Terms terms) {
        return sequence(terms, (sequence, other) -> {
            throw new UnsupportedOperationException();
        });
    }

    /** One whose forks go to {@code follow}. */
    Sequence sequence(Terms terms, BiConsumer<Sequence, Sequence> follow) {
        return new Sequence(tokens, promptTokens + answerTokens, terms, this, new Following(follow), 0);
    }

    /** Makes a fork of a sequence of its own that goes on with a token, and wants so many results. */
    Sequence fork(Sequence sequence, int token, int answers) {
        Script reader = new Script(longer(token), answers, wanted, output, chunkLimit);
        reader.expected = answers;
        return sequence.fork(reader.tokens, reader);
    }

    /** Has another's sequence drop what it was, to go on from this one's with a token, and wants so many results. */
    void follow(Sequence other, Sequence sequence, int token, int answers) {
        Script reader = (Script) other.listener;
        reader.tokens = longer(token);
        reader.results.clear();
        reader.expected = answers;
        reader.parked = false;
        other.follow(sequence, reader.tokens);
    }

    private TokenList longer(int token) {
        TokenList longer = new TokenList(tokens.from(0));
        longer.add(token);
        return longer;
    }

    /** Wants so many results more. */
    void goOn(int answers) {
        expected += answers;
        parked = false;
        tokens.add(next());
    }

    private record Following(BiConsumer<Sequence, Sequence> follow) implements Sequence.Owner {
        @Override
        public void cancel(Sequence sequence) {}

        @Override
        public void wake() {}

        @Override
        public void follow(Sequence sequence, Sequence other) {
            follow.accept(sequence, other);
        }
    }

    @Override
    public Sequence.Output output() {
        return output;
    }

    @Override
    public Chunk.Logits wanted(boolean last) {
        return wanted == Chunk.Logits.LAST && !last ? Chunk.Logits.NONE : wanted;
    }

    @Override
    public boolean leavesPrefix() {
        return true;
    }

    @Override
    public int chunkLimit() {
        return chunkLimit;
    }

    @Override
    public boolean ready() {
        return ready && !parked;
    }

    @Override
    public void started(Sequence sequence, int cachedTokens) {
        assertThat(cached).isNegative();
        cached = cachedTokens;
    }

    @Override
    public void accept(Results results, int row, int count, int position) {
        throw new UnsupportedOperationException();
    }

    /** Results of positions [from, to): each comes once. The last may be followed by another token. */
    void results(int from, int to) {
        assertThat(results.nextSetBit(from))
                .as("results of %d to %d", from, to)
                .satisfiesAnyOf(
                        at -> assertThat(at).isNegative(), at -> assertThat(at).isGreaterThanOrEqualTo(to));
        results.set(from, to);
        if (to == tokens.size() && results.cardinality() < expected) {
            tokens.add(next());
        }
    }

    private int next() {
        int sum = 7;
        for (int i = 0; i < tokens.size(); i++) {
            sum = sum * 31 + tokens.get(i);
        }
        return Math.floorMod(sum, VOCABULARY);
    }

    /** Checks that it heard what it wanted of every position. */
    void expectAllResults() {
        assertThat(results.cardinality()).isEqualTo(expected);
    }

    @Override
    public void ended(Sequence.End how, @Nullable Throwable failure) {
        assertThat(end).isNull();
        end = how;
    }
}
