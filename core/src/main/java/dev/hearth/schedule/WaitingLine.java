package dev.hearth.schedule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sequences that wait: by priority, among equals the tenant's that was served least, of one tenant the first that came. One thread.
 *
 * <p>What a tenant was served counts a token of a prompt once and a generated one twice; one that had nothing to do starts from the
 * least of those who had (the virtual token counter of Sheng and others 2024, arXiv:2401.00588, algorithm 2).
 */
final class WaitingLine {
    private static final double PROMPT_TOKEN = 1;
    private static final double GENERATED_TOKEN = 2;
    private static final Comparator<Sequence> ARRIVAL = Comparator.comparingLong(s -> s.arrival);

    private final TreeMap<Integer, Map<String, PriorityQueue<Sequence>>> lines =
            new TreeMap<>(Comparator.reverseOrder());
    private final Map<String, Account> accounts = new HashMap<>(); // of tenants that have sequences here or running
    private double lastServed; // of the tenant that left last: newcomers of an idle line start there
    private int size; // forks don't count

    /** Of one tenant. */
    private static final class Account {
        private double served;
        private int sequences;
    }

    /** How many wait, without forks. */
    int size() {
        return size;
    }

    /** A sequence arrives, whose tenant has it until {@link #gone}. */
    void arrived(Sequence sequence) {
        Account account = accounts.get(sequence.terms.tenant());
        if (account == null) {
            account = new Account();
            account.served =
                    accounts.values().stream().mapToDouble(a -> a.served).min().orElse(lastServed);
            accounts.put(sequence.terms.tenant(), account);
        }
        account.sequences++;
    }

    /** A sequence has ended. */
    void gone(Sequence sequence) {
        Account account = account(sequence);
        if (--account.sequences == 0) {
            lastServed = Math.max(lastServed, account.served);
            accounts.remove(sequence.terms.tenant());
        }
    }

    /** Whether any tenant has a sequence. */
    boolean hasAccounts() {
        return !accounts.isEmpty();
    }

    /** So many tokens of a sequence were computed. */
    void served(Sequence sequence, int promptTokens, int generatedTokens) {
        account(sequence).served += PROMPT_TOKEN * promptTokens + GENERATED_TOKEN * generatedTokens;
    }

    private Account account(Sequence sequence) {
        Account account = accounts.get(sequence.terms.tenant());
        if (account == null) {
            throw new IllegalStateException("scheduler: no account of tenant " + sequence.terms.tenant());
        }
        return account;
    }

    /** Lets one wait, in its old place if it was here before. */
    void add(Sequence sequence) {
        lines.computeIfAbsent(sequence.terms.priority(), p -> new HashMap<>())
                .computeIfAbsent(sequence.terms.tenant(), t -> new PriorityQueue<>(ARRIVAL))
                .add(sequence);
        size += sequence.isFork() ? 0 : 1;
    }

    /** Whose turn it is; null if none waits. */
    @Nullable
    Sequence first() {
        if (lines.isEmpty()) {
            return null;
        }
        Sequence first = null;
        for (PriorityQueue<Sequence> line : lines.firstEntry().getValue().values()) {
            Sequence head = line.element();
            first = first == null || goesBefore(head, first) ? head : first;
        }
        return first;
    }

    private boolean goesBefore(Sequence one, Sequence other) {
        int order = Double.compare(account(one).served, account(other).served);
        return order != 0 ? order < 0 : one.arrival < other.arrival;
    }

    /** Takes one out; false if it isn't here. */
    boolean remove(Sequence sequence) {
        Map<String, PriorityQueue<Sequence>> tenants = lines.get(sequence.terms.priority());
        PriorityQueue<Sequence> line = tenants == null ? null : tenants.get(sequence.terms.tenant());
        if (tenants == null || line == null || !line.remove(sequence)) {
            return false;
        }
        size -= sequence.isFork() ? 0 : 1;
        if (line.isEmpty()) {
            tenants.remove(sequence.terms.tenant());
            if (tenants.isEmpty()) {
                lines.remove(sequence.terms.priority());
            }
        }
        return true;
    }

    /** All, in no order. */
    List<Sequence> all() {
        List<Sequence> all = new ArrayList<>(size);
        lines.values().stream().map(Map::values).flatMap(Collection::stream).forEach(all::addAll);
        return all;
    }
}
