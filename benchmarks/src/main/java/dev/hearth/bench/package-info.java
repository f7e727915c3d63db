/** JMH benchmarks, one class per operation; {@code benchmarks/README.md} says how to run them. */
@org.jspecify.annotations.NullMarked
package dev.hearth.bench;
