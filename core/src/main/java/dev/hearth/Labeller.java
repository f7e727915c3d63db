package dev.hearth;

import dev.hearth.model.Classifier;
import dev.hearth.model.LabelConfig;
import dev.hearth.model.LabelConfig.Scoring;
import dev.hearth.tokenizer.Encoding;
import dev.hearth.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Labels and ranks texts. Any thread. */
final class Labeller {
    private final LoadedModel model;
    private final WholeTexts texts;

    Labeller(LoadedModel model, WholeTexts texts) {
        this.model = model;
        this.texts = texts;
    }

    List<List<LabelScore>> classify(LabelRequest request) {
        Classifier classifier = model.network()
                .classifier()
                .orElseThrow(() -> new IllegalArgumentException(model.source().place()
                        + " has no head that labels texts; use a model for sequence classification"));
        List<WholeTexts.Text> wholes = new ArrayList<>();
        request.inputs().forEach(i -> wholes.add(new WholeTexts.Text(encoding(i, request), 0)));
        return texts.pool(wholes, new WholeTexts.Reading(List.of(classifier.pooling()), classifier.stages())).stream()
                .map(this::scored)
                .toList();
    }

    List<Ranked> rank(LabelRequest request) {
        List<List<LabelScore>> scores = classify(request);
        List<Ranked> ranking = new ArrayList<>();
        for (int i = 0; i < scores.size(); i++) {
            if (scores.get(i).size() != 1) {
                throw new IllegalArgumentException(model.source().place()
                        + ": expected a model of one label to rank by, found "
                        + scores.get(i).size() + " labels; use classify");
            }
            LabelScore score = scores.get(i).getFirst();
            ranking.add(new Ranked(i, score.score(), score.logit()));
        }
        ranking.sort(Comparator.comparingDouble(Ranked::logit).reversed());
        return ranking;
    }

    private Encoding encoding(LabelRequest.Input input, LabelRequest request) {
        int limit = model.config().contextLength();
        boolean cut = request.truncates();
        return switch (input) {
            case LabelRequest.Tokens t -> cut ? t.encoding().cutTo(limit) : WholeTexts.bounded(t.encoding(), limit);
            case LabelRequest.Text t -> {
                Tokenizer tokenizer = model.requiredTokenizer();
                yield cut
                        ? tokenizer.encodeTyped(t.text(), limit)
                        : WholeTexts.bounded(tokenizer.encodeTyped(t.text()), limit);
            }
            case LabelRequest.Pair p -> {
                Tokenizer tokenizer = model.requiredTokenizer();
                yield cut
                        ? tokenizer.encode(p.first(), p.second(), limit)
                        : WholeTexts.bounded(tokenizer.encode(p.first(), p.second()), limit);
            }
        };
    }

    private List<LabelScore> scored(float[] logits) {
        LabelConfig labels = model.source().labels();
        Scoring scoring = labels.scoring().orElse(logits.length == 1 ? Scoring.SIGMOID : Scoring.SOFTMAX);
        double[] scores = scores(logits, scoring);
        List<LabelScore> scored = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            String name = i < labels.names().size() ? labels.names().get(i) : "LABEL_" + i;
            scored.add(new LabelScore(name, scores[i], logits[i]));
        }
        return List.copyOf(scored);
    }

    private static double[] scores(float[] logits, Scoring scoring) {
        double[] scores = new double[logits.length];
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = switch (scoring) {
                case LOGIT -> logits[i];
                case SIGMOID -> 1 / (1 + Math.exp(-logits[i]));
                case SOFTMAX -> Math.exp(logits[i] - max);
            };
            sum += scores[i];
        }
        for (int i = 0; i < scores.length && scoring == Scoring.SOFTMAX; i++) {
            scores[i] /= sum;
        }
        return scores;
    }
}
