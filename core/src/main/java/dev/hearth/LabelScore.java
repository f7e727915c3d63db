package dev.hearth;

/**
 * A label and how well it fits a text.
 *
 * @param label its name, {@code LABEL_0} and so on where the model has none
 * @param score as the model's makers score, mostly a probability
 * @param logit what the score was made of
 */
public record LabelScore(String label, double score, double logit) {}
