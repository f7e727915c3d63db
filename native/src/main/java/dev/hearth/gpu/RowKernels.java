package dev.hearth.gpu;

/** The kernels of rows and of the cache. */
record RowKernels(
        GpuKernel add,
        GpuKernel multiply,
        GpuKernel scale,
        GpuKernel scaleColumns,
        GpuKernel activate,
        GpuKernel gate,
        GpuKernel clampedGate,
        GpuKernel softcap,
        GpuKernel gather,
        GpuKernel shift,
        GpuKernel maxima,
        GpuKernel norm,
        GpuKernel layerNorm,
        GpuKernel rotate,
        GpuKernel quantize,
        GpuKernel store,
        GpuKernel attend) {
    static RowKernels load(GpuDriver driver) {
        return new RowKernels(
                WeightKernels.find(driver, "hearth_add"),
                WeightKernels.find(driver, "hearth_multiply"),
                WeightKernels.find(driver, "hearth_scale"),
                WeightKernels.find(driver, "hearth_scale_columns"),
                WeightKernels.find(driver, "hearth_activate"),
                WeightKernels.find(driver, "hearth_gate"),
                WeightKernels.find(driver, "hearth_clamped_gate"),
                WeightKernels.find(driver, "hearth_softcap"),
                WeightKernels.find(driver, "hearth_gather"),
                WeightKernels.find(driver, "hearth_shift"),
                WeightKernels.find(driver, "hearth_maxima"),
                WeightKernels.find(driver, "hearth_norm"),
                WeightKernels.find(driver, "hearth_layer_norm"),
                WeightKernels.find(driver, "hearth_rotate"),
                WeightKernels.find(driver, "hearth_quantize"),
                WeightKernels.find(driver, "hearth_store"),
                WeightKernels.find(driver, "hearth_attend"));
    }
}
