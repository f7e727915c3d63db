package dev.hearth;

/**
 * A document and how well it answers a query.
 *
 * @param index its place in the request, from 0
 * @param score as the model's makers score, mostly a probability; the greater the better
 * @param logit what the score was made of
 */
public record Ranked(int index, double score, double logit) {}
