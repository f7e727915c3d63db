package dev.hearth.gpu;

import dev.hearth.spi.Activation;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.RoutingSpec;

/** The numbers that kernels know choices by: enums of functions.h, attention.h and experts.h. */
final class Codes {
    private Codes() {}

    static int of(Activation activation) {
        return switch (activation) {
            case SILU -> 0;
            case GELU_TANH -> 1;
            case GELU -> 2;
            case QUICK_GELU -> 3;
            case RELU -> 4;
            case RELU_SQUARED -> 5;
            case SIGMOID -> 6;
        };
    }

    static int of(CacheType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case BF16 -> 2;
            case INT8 -> 3;
        };
    }

    static int of(RoutingSpec.Scoring scoring) {
        return switch (scoring) {
            case SOFTMAX -> 0;
            case SIGMOID -> 1;
            case LOGIT_THEN_SOFTMAX -> 2;
            case LOGIT_THEN_SIGMOID -> 3;
        };
    }
}
