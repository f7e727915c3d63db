package dev.hearth.embedding;

/** How the rows of a text's tokens become one; Reimers and Gurevych 2019, arXiv:1908.10084, section 3. */
public enum Pooling {
    /** The first token's. */
    CLS,
    /** The greatest of each column. */
    MAX,
    /** The mean. */
    MEAN,
    /** The sum, divided by the square root of the number of tokens. */
    MEAN_SQRT_LENGTH,
    /** The mean, the token at place i counted i + 1 times; Muennighoff 2022, arXiv:2202.08904. */
    WEIGHTED_MEAN,
    /** The last token's. */
    LAST
}
