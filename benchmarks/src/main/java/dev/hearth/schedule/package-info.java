/** What a step costs beside the network, measured from inside the package. */
@org.jspecify.annotations.NullMarked
package dev.hearth.schedule;
