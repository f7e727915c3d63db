package dev.hearth.tokenizer;

/** A half-open range of UTF-16 units of a text. */
public record TextSpan(int start, int end) {}
