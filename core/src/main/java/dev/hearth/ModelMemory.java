package dev.hearth;

/**
 * What a loaded model takes beside the JVM, in bytes. Engines of one file share what is mapped, and nothing else.
 *
 * @param mappedBytes weights that stay where the file is mapped: resident as far as steps have read them, and given back by the
 *     system when memory is short
 * @param madeBytes weights that no file has as they are: unpacked, encoded while loading, changed by adapters, vectors widened to F32
 * @param cacheBytes most of keys, values and state of fixed size; they grow as sequences do
 * @param scratchBytes what the largest step takes; reached by it, kept from then on
 */
public record ModelMemory(long mappedBytes, long madeBytes, long cacheBytes, long scratchBytes) {
    /** All of it. */
    public long totalBytes() {
        return mappedBytes + madeBytes + cacheBytes + scratchBytes;
    }
}
