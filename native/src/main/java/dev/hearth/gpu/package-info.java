/**
 * A GPU as a device, whoever made it: its memory, weights and operations over a {@link dev.hearth.gpu.GpuDriver}, which CUDA and ROCm
 * supply. Kernels are those of {@code native/gpu}; they give the bits that {@link dev.hearth.spi.Ops} specifies.
 */
package dev.hearth.gpu;
