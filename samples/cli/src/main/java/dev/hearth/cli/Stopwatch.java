package dev.hearth.cli;

import dev.hearth.BareModel;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.TokenList;
import dev.hearth.state.SequenceState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Times workloads on a model: the steps alone, as the engine would cut and batch them, over tokens fixed beforehand. Logits are
 * computed where an engine needs some, and nothing is done with them. Used by one thread at a time.
 */
final class Stopwatch implements AutoCloseable {
    private static final long WARM_UP_NANOS = 300_000_000; // small models need many runs until their code is compiled

    private final Runner runner;
    private final int vocabularySize;
    private final Set<Workload> warm = new HashSet<>();
    private final List<SequenceState> past = new ArrayList<>(); // of the last depth
    private int pastDepth;

    Stopwatch(BareModel model) {
        this.runner = model.runner();
        this.vocabularySize = model.config().vocabSize();
        if (runner.takesWholeSequences()) {
            throw new IllegalArgumentException("bench: expected a model that writes text, found an encoder");
        }
    }

    /** Seconds that a workload takes. The first time it runs before, once at least. */
    double seconds(Workload work) {
        past(work.depth());
        if (warm.add(work)) {
            long start = System.nanoTime();
            do {
                time(work);
            } while (System.nanoTime() - start < WARM_UP_NANOS);
        }
        return time(work);
    }

    private double time(Workload work) {
        List<SequenceState> states = new ArrayList<>();
        try {
            for (int s = 0; s < work.sequences(); s++) {
                states.add(state(work.positions()));
            }
            long start = System.nanoTime();
            switch (work.kind()) {
                case PROMPT -> prompt(states, work.depth(), work.positions());
                case DECODE -> decode(states, work.depth(), work.positions());
            }
            return (System.nanoTime() - start) * 1e-9;
        } finally {
            states.forEach(SequenceState::close);
        }
    }

    private SequenceState state(int positions) {
        SequenceState state =
                past.isEmpty() ? runner.cache().admit() : runner.cache().fork(past.getFirst(), pastDepth);
        if (!state.reserve(positions)) {
            state.close();
            throw new IllegalArgumentException("bench: the cache has no room for another sequence of " + positions
                    + " positions; ask for fewer or shorter ones");
        }
        return state;
    }

    /** Sees to it that a sequence of so many tokens is there to go on from. */
    private void past(int depth) {
        if (depth != pastDepth) {
            forget();
            if (depth > 0) {
                past.add(state(depth));
                prompt(past, 0, depth);
                pastDepth = depth;
            }
        }
    }

    private void forget() {
        past.forEach(SequenceState::close);
        past.clear();
        pastDepth = 0;
    }

    private void prompt(List<SequenceState> states, int from, int to) {
        for (int s = 0; s < states.size(); s++) {
            TokenList tokens = tokens(s, to);
            for (int first = from; first < to; first += EngineLoop.STEP_TOKENS) {
                int count = Math.min(EngineLoop.STEP_TOKENS, to - first);
                Chunk.Logits wanted = first + count == to ? Chunk.Logits.LAST : Chunk.Logits.NONE;
                runner.forward(List.of(new Chunk(states.get(s), tokens, first, count, wanted)));
            }
        }
    }

    private void decode(List<SequenceState> states, int from, int to) {
        List<TokenList> tokens = new ArrayList<>();
        for (int s = 0; s < states.size(); s++) {
            tokens.add(tokens(s, to));
        }
        for (int first = from; first < to; first++) {
            List<Chunk> chunks = new ArrayList<>();
            for (int s = 0; s < states.size(); s++) {
                chunks.add(new Chunk(states.get(s), tokens.get(s), first, 1, Chunk.Logits.LAST));
            }
            runner.forward(chunks);
        }
    }

    /** Tokens without a pattern, others in each sequence; benchmarks/race/llama_cpp_side.py has the same. */
    private TokenList tokens(int sequence, int count) {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            long mixed = (sequence * 1_000_003L + i + 1) * 0x9E37_79B9_7F4A_7C15L;
            ids[i] = (int) ((mixed >>> 33) % vocabularySize);
        }
        return new TokenList(ids);
    }

    /** Gives back the pages; the model stays. */
    @Override
    public void close() {
        forget();
    }
}
