package dev.hearth.spi;

/** A product with a weight [rows, columns], and what happens to it before it is stored. */
public record Product(Weight weight, Epilogue epilogue) {}
