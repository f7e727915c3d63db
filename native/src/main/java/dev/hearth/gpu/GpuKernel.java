package dev.hearth.gpu;

/**
 * A kernel of the image.
 *
 * @param name what errors call it
 * @param handle the driver's
 */
public record GpuKernel(String name, long handle) {}
