package dev.hearth.layer;

/** The products that make queries, keys and values. */
public record Qkv(Linear query, Linear key, Linear value) {}
