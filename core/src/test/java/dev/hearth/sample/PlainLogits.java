package dev.hearth.sample;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What is added to logits before a draw, as the definitions are written: with lists, boxes and every place looked at. */
final class PlainLogits {
    private PlainLogits() {}

    /** Logits after bias, penalties, DRY and what is ruled out. */
    static float[] adjusted(
            float[] logits, SamplingParams p, List<Integer> prompt, List<Integer> output, Set<Integer> ends) {
        float[] out = logits.clone();
        List<Integer> said = Stream.concat(prompt.stream(), output.stream()).toList();
        penalise(out, p, prompt, output);
        if (p.dry().isPresent()) {
            dry(out, p.dry().get(), said);
        }
        for (int t = 0; t < out.length; t++) {
            if (ruledOut(t, p, said, output.size(), ends)) {
                out[t] = Float.NEGATIVE_INFINITY;
            }
        }
        return out;
    }

    private static void penalise(float[] out, SamplingParams p, List<Integer> prompt, List<Integer> output) {
        int window = p.penaltyWindow() == 0 ? Integer.MAX_VALUE : p.penaltyWindow();
        List<Integer> lastOutput = last(output, window);
        List<Integer> lastPrompt = last(prompt, window - lastOutput.size());
        for (int t = 0; t < out.length; t++) {
            Float bias = p.logitBias().get(t);
            if (bias != null) {
                out[t] = out[t] + bias;
            }
            int token = t;
            long times = lastOutput.stream().filter(o -> o == token).count();
            double l = out[t];
            if (times > 0 || lastPrompt.contains(token)) {
                l = l < 0 ? l * p.repetitionPenalty() : l / p.repetitionPenalty();
            }
            if (times > 0) {
                l -= p.frequencyPenalty() * times;
                l -= p.presencePenalty();
            }
            out[t] = (float) l;
        }
    }

    private static void dry(float[] out, Dry dry, List<Integer> all) {
        List<Integer> said = dry.range() == 0 ? all : last(all, dry.range());
        List<List<Integer>> breakers =
                dry.breakers().stream().map(b -> ((Word.Tokens) b).ids()).toList();
        int limit = said.size();
        for (int start = 0; start < said.size(); start++) { // the last start counts, and its longest breaker
            List<Integer> rest = said.subList(start, said.size());
            int longest = breakers.stream()
                    .filter(b ->
                            b.size() <= rest.size() && rest.subList(0, b.size()).equals(b))
                    .mapToInt(List::size)
                    .max()
                    .orElse(0);
            limit = longest > 0 ? rest.size() - longest : limit;
        }
        Map<Integer, Integer> repeated = new HashMap<>();
        for (int next = 1; next < said.size(); next++) {
            int same = 0;
            while (same < limit
                    && next - 1 - same >= 0
                    && said.get(next - 1 - same).equals(said.get(said.size() - 1 - same))) {
                same++;
            }
            repeated.merge(said.get(next), same, Math::max);
        }
        repeated.forEach((token, n) -> {
            if (n >= dry.allowedLength() && !breakers.contains(List.of(token)) && out[token] >= -Float.MAX_VALUE) {
                double penalty = dry.multiplier() * StrictMath.pow(dry.base(), n - dry.allowedLength());
                out[token] = (float) Math.max(-Float.MAX_VALUE, out[token] - penalty);
            }
        });
    }

    private static boolean ruledOut(int token, SamplingParams p, List<Integer> said, int outputs, Set<Integer> ends) {
        if (!p.allowedTokens().isEmpty() && !p.allowedTokens().contains(token)
                || p.bannedTokens().contains(token)
                || outputs < p.minTokens() && ends.contains(token)) {
            return true;
        }
        for (Word word : p.bannedWords()) {
            List<Integer> ids = ((Word.Tokens) word).ids();
            int before = ids.size() - 1;
            if (ids.getLast() == token
                    && said.size() >= before
                    && last(said, before).equals(ids.subList(0, before))) {
                return true;
            }
        }
        int n = p.noRepeatNgramSize();
        if (n == 0 || said.size() < n) {
            return false;
        }
        Set<List<Integer>> ngrams = new HashSet<>();
        for (int start = 0; start + n <= said.size(); start++) {
            ngrams.add(said.subList(start, start + n));
        }
        List<Integer> made =
                Stream.concat(last(said, n - 1).stream(), Stream.of(token)).toList();
        return ngrams.contains(made);
    }

    private static List<Integer> last(List<Integer> tokens, int count) {
        return tokens.subList(Math.max(0, tokens.size() - count), tokens.size());
    }
}
