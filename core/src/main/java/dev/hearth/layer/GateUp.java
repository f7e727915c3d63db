package dev.hearth.layer;

/** The two products whose results a gated feed-forward layer multiplies. */
public record GateUp(Linear gate, Linear up) {}
