/** NVIDIA GPUs: a {@link dev.hearth.gpu.GpuDriver} by JCuda, and whether this machine can use it. */
@org.jspecify.annotations.NullMarked
package dev.hearth.cuda;
