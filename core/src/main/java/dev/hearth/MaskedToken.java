package dev.hearth;

import java.util.List;

/**
 * What may stand in the place of a masked token.
 *
 * @param position its place among the text's tokens, from 0
 * @param top the likeliest tokens, likeliest first
 */
public record MaskedToken(int position, List<TokenScore.Alternative> top) {
    /** Copies the list. */
    public MaskedToken {
        top = List.copyOf(top);
    }
}
