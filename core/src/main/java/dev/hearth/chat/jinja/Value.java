package dev.hearth.chat.jinja;

import java.math.BigInteger;

/** A value of a running template, with the meaning that Python gives it. Values don't change, namespaces and iterators apart. */
public sealed interface Value
        permits Value.None,
                Value.Bool,
                Value.Int,
                Value.Real,
                Str,
                Seq,
                Dict,
                Range,
                View,
                Iter,
                Undefined,
                Function,
                Macro,
                Namespace,
                Loop,
                Cycler {

    /** The name of the Python type, as errors print it. */
    String typeName();

    /** {@code None}. */
    enum None implements Value {
        /** The one value. */
        NONE;

        @Override
        public String typeName() {
            return "NoneType";
        }
    }

    /** {@code False} or {@code True}. */
    enum Bool implements Value {
        /** False. */
        FALSE,
        /** True. */
        TRUE;

        static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }

        boolean isTrue() {
            return this == TRUE;
        }

        @Override
        public String typeName() {
            return "bool";
        }
    }

    /** An integer of at most {@link Budget#MAX_BITS} bits. */
    record Int(BigInteger value) implements Value {
        public Int {
            if (value.bitLength() > Budget.MAX_BITS) {
                throw new Failure("an integer of more than " + Budget.MAX_BITS + " bits");
            }
        }

        static Int of(long value) {
            return new Int(BigInteger.valueOf(value));
        }

        @Override
        public String typeName() {
            return "int";
        }
    }

    /** A double. */
    record Real(double value) implements Value {
        @Override
        public String typeName() {
            return "float";
        }
    }
}
