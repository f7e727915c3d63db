package dev.hearth.cli;

import dev.hearth.Generation;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ctrl-C in a chat: ends the answer that is being written, or the program where there is none. The JDK hears signals by sun.misc.Signal
 * alone, which javac warns of: it is looked up, and without it Ctrl-C ends the program as ever.
 */
final class Interrupts {
    private static final int INTERRUPTED = 130; // 128 and the signal's number, as shells have it

    private final AtomicReference<Optional<Generation>> answer = new AtomicReference<>(Optional.empty());

    /** Listens from now on. */
    Interrupts() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object own = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            interrupted();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), own);
        } catch (ReflectiveOperationException e) {
            System.getLogger(Interrupts.class.getName())
                    .log(System.Logger.Level.DEBUG, "Ctrl-C ends the program here", e);
        }
    }

    private void interrupted() {
        answer.getAndSet(Optional.empty()).ifPresentOrElse(Generation::close, () -> System.exit(INTERRUPTED));
    }

    /** Ctrl-C is to end this answer from now on. */
    void whileWriting(Generation generation) {
        answer.set(Optional.of(generation));
    }

    /** Ctrl-C is to end the program from now on. */
    void whileWaiting() {
        answer.set(Optional.empty());
    }
}
