package dev.hearth.conformance;

import dev.hearth.spi.reference.ScalarKernels;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The specification at sizes that jqwik draws; it prints the seed of a failure. */
class RandomSizesTest {
    private static final HostKernelsConformance SPECIFICATION = ScalarKernels::new;

    @Property(tries = 150)
    void everyOperation_holds(@ForAll Operation operation, @ForAll long seed) {
        try (Kit kit = new Kit(SPECIFICATION)) {
            kit.random(operation, seed).run();
        }
    }
}
