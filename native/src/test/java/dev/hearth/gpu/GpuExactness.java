package dev.hearth.gpu;

import dev.hearth.conformance.Exactness;
import dev.hearth.conformance.Operation;
import dev.hearth.conformance.Subject;
import dev.hearth.tensor.DType;

/** What GPUs claim: the specification's bits, but for products of BF16 activations, which the units for matrices add in an order of their own. */
interface GpuExactness extends Subject {
    /**
     * Seventeen times the kit's bound, which for n columns is more than n / 8 roundings by half a unit in the last place of the sum. Makers leave the
     * rounding of matrices open; tensor cores have been seen to cut off (Fasi and others 2021, doi.org/10.7717/peerj-cs.330). An instruction of 16
     * columns may then lose a whole unit of each product and of the result: 2n + n / 8 halves of a unit for n columns, 17 times n / 8.
     */
    Exactness BY_MATRICES = new Exactness.Within(17);

    @Override
    default Exactness exactness(Operation operation, DType activations) {
        return activations == DType.BF16 ? BY_MATRICES : Exactness.BITS;
    }
}
