package dev.hearth.spi.host;

import static dev.hearth.spi.host.HostChecks.check;
import static dev.hearth.spi.host.HostChecks.host;

import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Product;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;

/** Products: checks, then a share of the weights' rows for each thread. */
final class HostLinear {
    private final KernelCall call;
    private final Products products = new Products();

    HostLinear(KernelCall call) {
        this.call = call;
    }

    void linear(Tensor out, Tensor x, Weight weight, Epilogue epilogue) {
        add(out, x, weight, epilogue);
        products.run(call);
    }

    void linear(List<Tensor> outs, Tensor x, List<Product> parts) {
        check("linear", outs.size() == parts.size(), outs, parts);
        try {
            for (int i = 0; i < parts.size(); i++) {
                add(outs.get(i), x, parts.get(i).weight(), parts.get(i).epilogue());
            }
            products.run(call);
        } finally {
            products.clear();
        }
    }

    private void add(Tensor out, Tensor x, Weight weight, Epilogue epilogue) {
        HostWeight host = host("linear", weight);
        HostWeight bias = epilogue.bias() == null ? null : host("linear", epilogue.bias());
        check(
                "linear",
                out.rows() == x.rows()
                        && x.width() == host.shape().width()
                        && out.width() == host.shape().rows()
                        && out.type() == DType.F32
                        && (x.type() == DType.F32 || x.type() == Precision.FAST.activation(host.type())),
                out,
                x,
                host);
        check("linear", bias == null || isBias(bias, out), out, bias == null ? "no bias" : bias);
        if (x.rows() > 0) {
            products.add(out, x, host, bias);
        }
    }

    private static boolean isBias(HostWeight bias, Tensor out) {
        return bias.type() == DType.F32 && bias.shape().elements() == out.width();
    }
}
