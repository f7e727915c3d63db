package dev.hearth.conformance;

import java.util.Locale;

/** The operations of {@link dev.hearth.spi.Ops}, for what a backend says about each. */
public enum Operation {
    /** {@link dev.hearth.spi.Ops#embed}. */
    EMBED,
    /** {@link dev.hearth.spi.Ops#norm} and {@link dev.hearth.spi.Ops#addNorm}. */
    NORM,
    /** {@link dev.hearth.spi.Ops#layerNorm}. */
    LAYER_NORM,
    /** {@link dev.hearth.spi.Ops#scale(dev.hearth.tensor.Tensor, float)} and the same by columns. */
    SCALE,
    /** {@link dev.hearth.spi.Ops#map}. */
    MAP,
    /** {@link dev.hearth.spi.Ops#mix}. */
    MIX,
    /** {@link dev.hearth.spi.Ops#resize}. */
    RESIZE,
    /** {@link dev.hearth.spi.Ops#maxima}. */
    MAXIMA,
    /** {@link dev.hearth.spi.Ops#activate}. */
    ACTIVATE,
    /** {@link dev.hearth.spi.Ops#add}. */
    ADD,
    /** {@link dev.hearth.spi.Ops#multiply}. */
    MULTIPLY,
    /** {@link dev.hearth.spi.Ops#quantize}. */
    QUANTIZE,
    /** {@link dev.hearth.spi.Ops#linear}. */
    LINEAR,
    /** {@link dev.hearth.spi.Ops#rotate}. */
    ROTATE,
    /** {@link dev.hearth.spi.Ops#store}. */
    STORE,
    /** {@link dev.hearth.spi.Ops#attend}. */
    ATTEND,
    /** {@link dev.hearth.spi.Ops#convolve}. */
    CONVOLVE,
    /** {@link dev.hearth.spi.Ops#scan}. */
    SCAN,
    /** {@link dev.hearth.spi.Ops#delta}. */
    DELTA,
    /** {@link dev.hearth.spi.Ops#wkv}. */
    WKV,
    /** {@link dev.hearth.spi.Ops#gate}. */
    GATE,
    /** {@link dev.hearth.spi.Ops#route}. */
    ROUTE,
    /** {@link dev.hearth.spi.Ops#experts}. */
    EXPERTS,
    /** {@link dev.hearth.spi.Ops#softcap}. */
    SOFTCAP,
    /** {@link dev.hearth.spi.Ops#gather} and {@link dev.hearth.spi.Ops#shift}. */
    GATHER;

    /** As the method is called, in lower case, which is what its errors must name. */
    public String methodName() {
        return name().toLowerCase(Locale.ROOT).replace("_", "");
    }
}
