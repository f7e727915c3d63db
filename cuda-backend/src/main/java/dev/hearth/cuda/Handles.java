package dev.hearth.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;

/** JCuda's objects with the numbers that they stand for. */
final class Handles {
    private Handles() {}

    /** A stream. */
    static final class Stream extends CUstream {
        /** The driver's. */
        long handle() {
            return getNativePointer();
        }
    }

    /** A kernel. */
    static final class Function extends CUfunction {
        /** The driver's. */
        long handle() {
            return getNativePointer();
        }
    }

    /** Memory that was allocated. */
    static final class Memory extends CUdeviceptr {
        /** Where it begins. */
        long address() {
            return getNativePointer();
        }
    }

    /** Host memory. */
    static final class Host extends Pointer {
        Host(long address) {
            super(address);
        }
    }

    /** Memory of the device at an address. */
    static CUdeviceptr device(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }
}
