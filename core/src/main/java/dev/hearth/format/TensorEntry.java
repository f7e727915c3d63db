package dev.hearth.format;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.util.Optional;

/**
 * One line of a catalogue: a tensor that a file holds, whether or not its type can be loaded.
 *
 * @param name as the catalogue knows it
 * @param typeName the element type as the file format spells it, as in {@code "Q5_K"} or {@code "F8_E4M3"}
 * @param type the same as a type that can be loaded; empty if it cannot
 * @param shape sizes, outermost first
 * @param bytes its size in the file; for a type whose layout is unknown the room up to the next tensor
 */
public record TensorEntry(String name, String typeName, Optional<DType> type, Shape shape, long bytes) {}
