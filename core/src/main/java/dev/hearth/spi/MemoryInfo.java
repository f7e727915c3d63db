package dev.hearth.spi;

/**
 * Memory of a device in bytes.
 *
 * @param totalBytes what it has
 * @param freeBytes what can be allocated now without pushing others out
 */
public record MemoryInfo(long totalBytes, long freeBytes) {}
