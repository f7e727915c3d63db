/** The kit that a backend runs against itself: operations at awkward sizes, whole models against reference logits. */
@org.jspecify.annotations.NullMarked
module dev.hearth.conformance {
    requires transitive dev.hearth;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports dev.hearth.conformance;
}
