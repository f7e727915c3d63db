package dev.hearth.tokenizer;

import java.util.OptionalInt;

/** Ids that a file names as the beginning and the end of a text. */
record SpecialIds(OptionalInt bos, OptionalInt eos) {}
