/** An engine's figures as meters of Micrometer. */
@org.jspecify.annotations.NullMarked
module dev.hearth.micrometer {
    requires dev.hearth;
    requires micrometer.core;
    requires static org.jspecify;

    exports dev.hearth.micrometer;
}
