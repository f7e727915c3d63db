package dev.hearth.spi;

import org.jspecify.annotations.Nullable;

/**
 * What happens to a product before it is stored.
 *
 * @param bias F32 [rows], added; null for none
 */
public record Epilogue(@Nullable Weight bias) {
    /** Stores the product as it is. */
    public static final Epilogue NONE = new Epilogue(null);
}
