package dev.hearth.sample;

/** A token and the natural logarithm of the probability that the model gives it; at most 0, negative infinity if ruled out. */
public record TokenLogprob(int token, double logprob) {}
