package dev.hearth.schedule;

/**
 * How long things took since a loop began.
 *
 * @param queue from a sequence's arrival to its first step
 * @param firstToken from its arrival to its first token
 * @param interToken from one of its tokens to the next
 * @param perToken of a sequence that ended by itself, the mean from one token to the next
 * @param request from the arrival of a sequence that ended by itself to its end
 * @param step the computing of a step, without choosing tokens
 */
public record Latencies(
        Latency queue, Latency firstToken, Latency interToken, Latency perToken, Latency request, Latency step) {}
