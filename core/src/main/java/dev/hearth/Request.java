package dev.hearth;

import dev.hearth.format.Json;
import dev.hearth.sample.BeamSearch;
import dev.hearth.sample.LogitsProcessor;
import dev.hearth.sample.SamplingParams;
import dev.hearth.sample.Word;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What to generate, and how. Immutable; one request can run any number of times. Settings that are left alone take the model's own
 * defaults (generation_config.json), greedy where it has none.
 */
public final class Request {
    private final Prompt prompt;
    private final OptionalInt maxTokens;
    private final List<Consumer<SamplingParams.Builder>> sampling;
    private final List<String> allowedWords;
    private final List<Supplier<? extends LogitsProcessor>> logitsProcessors;
    private final Stops stops;
    private final OptionalInt promptLogprobs;
    private final boolean echo;
    private final Choices choices;
    private final Standing standing;

    private Request(Builder builder) {
        prompt = builder.prompt();
        maxTokens = builder.maxTokens;
        sampling = List.copyOf(builder.sampling);
        allowedWords = List.copyOf(builder.allowedWords);
        logitsProcessors = List.copyOf(builder.logitsProcessors);
        stops = builder.stops;
        promptLogprobs = builder.promptLogprobs;
        echo = builder.echo;
        choices = builder.choices.requireEndedBy(stops);
        standing = builder.standing;
    }

    /** A turn of a chat: the answer to the last of these messages. */
    public static Builder chat(Message... messages) {
        return chat(List.of(messages));
    }

    /** A turn of a chat: the answer to the last of these messages. */
    public static Builder chat(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("request: expected at least one message, found none");
        }
        return new Builder(new Prompt.Chat(List.copyOf(messages), List.of(), Map.of()));
    }

    /** Text to continue, tokenised as the model's tokenizer does by default; no template. */
    public static Builder prompt(String text) {
        return new Builder(new Prompt.Text(text));
    }

    /** Tokens to continue, as they are. */
    public static Builder tokens(int... ids) {
        return new Builder(new Prompt.Ids(Arrays.stream(ids).boxed().toList()));
    }

    Prompt prompt() {
        return prompt;
    }

    OptionalInt maxTokens() {
        return maxTokens;
    }

    SamplingParams sampling(SamplingParams defaults) {
        SamplingParams.Builder builder = defaults.toBuilder();
        sampling.forEach(change -> change.accept(builder));
        return builder.build();
    }

    Stops stops() {
        return stops;
    }

    List<String> allowedWords() {
        return allowedWords;
    }

    /** New processors for one answer. */
    List<LogitsProcessor> logitsProcessors() {
        return logitsProcessors.stream().<LogitsProcessor>map(Supplier::get).toList();
    }

    OptionalInt promptLogprobs() {
        return promptLogprobs;
    }

    boolean echo() {
        return echo;
    }

    Choices choices() {
        return choices;
    }

    Standing standing() {
        return standing;
    }

    /** Collects the settings of a request. Not thread-safe. */
    public static final class Builder {
        private final Prompt start;
        private final List<Tool> tools = new ArrayList<>();
        private final Map<String, Json> variables = new LinkedHashMap<>();
        private final List<Consumer<SamplingParams.Builder>> sampling = new ArrayList<>();
        private final List<String> allowedWords = new ArrayList<>();
        private final List<Supplier<? extends LogitsProcessor>> logitsProcessors = new ArrayList<>();
        private OptionalInt maxTokens = OptionalInt.empty();
        private Stops stops = Stops.TURN;
        private OptionalInt promptLogprobs = OptionalInt.empty();
        private boolean echo;
        private Standing standing = Standing.DEFAULT;
        private Choices choices = Choices.ONE;

        private Builder(Prompt start) {
            this.start = start;
        }

        /** Ends after so many tokens; without it the context is the limit. */
        public Builder maxTokens(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("request: maxTokens: expected at least 1, found " + count);
            }
            maxTokens = OptionalInt.of(count);
            return this;
        }

        /** Nothing ends the answer within so many tokens: no end of turn, no stop. */
        public Builder minTokens(int count) {
            return sampling(s -> s.minTokens(count));
        }

        /** 0 for greedy; see {@link SamplingParams}. */
        public Builder temperature(double temperature) {
            return sampling(s -> s.temperature(temperature));
        }

        /** Only the k likeliest tokens; 0 for all. */
        public Builder topK(int k) {
            return sampling(s -> s.topK(k));
        }

        /** Only the likeliest tokens that together have this probability. */
        public Builder topP(double p) {
            return sampling(s -> s.topP(p));
        }

        /** Only tokens with at least this part of the likeliest one's probability. */
        public Builder minP(double p) {
            return sampling(s -> s.minP(p));
        }

        /** The same seed and request give the same tokens. */
        public Builder seed(long seed) {
            return sampling(s -> s.seed(seed));
        }

        /** Log probabilities of each token and of so many alternatives. */
        public Builder logprobs(int alternatives) {
            return sampling(s -> s.logprobs(alternatives));
        }

        /**
         * Log probabilities of each token of the prompt, but the first, and of so many alternatives: {@link
         * Completion#promptLogprobs}. Such a prompt is computed from its beginning, whatever others left of it.
         */
        public Builder promptLogprobs(int alternatives) {
            if (alternatives < 0) {
                throw new IllegalArgumentException(
                        "request: promptLogprobs: expected 0 or more, found " + alternatives);
            }
            promptLogprobs = OptionalInt.of(alternatives);
            return this;
        }

        /**
         * Has the answer begin with the prompt, text and tokens, and their log probabilities if {@link #logprobs} wants those of the
         * answer; a plain prompt's only. What ends an answer isn't looked for in the prompt.
         */
        public Builder echo() {
            echo = true;
            return this;
        }

        /**
         * Never these words, in place of those banned so far: what the tokenizer makes of each, alone and after a space, is ruled out at
         * its last token.
         */
        public Builder bannedWords(String... words) {
            List<Word> banned = Arrays.stream(words).map(Word::of).toList();
            return sampling(s -> s.bannedWords(banned));
        }

        /**
         * Only tokens that the tokenizer makes of these words, alone and after a space, in any order, and those that end the answer; an
         * answer's choices, say.
         */
        public Builder allowedWords(String... words) {
            allowedWords.addAll(List.of(words));
            return this;
        }

        /** Edits each row of logits before all else, by a processor made anew for each answer. */
        public Builder logitsProcessor(Supplier<? extends LogitsProcessor> factory) {
            logitsProcessors.add(factory);
            return this;
        }

        /** Any other setting of the sampler. */
        public Builder sampling(Consumer<SamplingParams.Builder> change) {
            sampling.add(change);
            return this;
        }

        /** Ends before any of these strings appears in the answer. */
        public Builder stop(String... strings) {
            stops = stops.withStrings(strings);
            return this;
        }

        /**
         * Ends before the first match of any of these expressions, as soon as more text can't undo it. Matches have 512 characters at
         * most; a request fails whose expression takes too long to decide.
         *
         * @throws IllegalArgumentException if an expression looks ahead or matches an empty text
         */
        public Builder stopPattern(Pattern... expressions) {
            stops = stops.withPatterns(expressions);
            return this;
        }

        /** Leaves the stop string, or what an expression matched, at the end of the answer. */
        public Builder includeStopInOutput() {
            stops = stops.withCut(StopMatcher.Cut.AFTER_STOP);
            return this;
        }

        /** Ends at any of these tokens, beside those that end the model's turn. */
        public Builder stopTokens(int... ids) {
            stops = stops.withTokens(ids);
            return this;
        }

        /** Goes on where the model would end its turn. */
        public Builder ignoreEos() {
            stops = stops.withTurn(Stops.Turn.GOES_ON);
            return this;
        }

        /** Wants so many answers, which differ where tokens are drawn; for {@link Engine#completeAll}. */
        public Builder choices(int count) {
            choices = choices.withWanted(count);
            return this;
        }

        /**
         * Computes so many answers and gives those whose tokens the model finds likeliest on average, as many as {@link #choices} says;
         * for {@link Engine#completeAll}.
         */
        public Builder bestOf(int count) {
            choices = choices.withTried(count);
            return this;
        }

        /** As {@link #beams(BeamSearch)}, with the defaults. */
        public Builder beams(int width) {
            return beams(BeamSearch.of(width));
        }

        /**
         * Searches for the likeliest answers instead of choosing token by token, and gives the best, as many as {@link #choices} says.
         * What edits logits (penalties, bans, processors) edits log probabilities; settings of draws at random are refused, and those of
         * the model left aside. All is told at the end.
         */
        public Builder beams(BeamSearch search) {
            choices = choices.withSearch(search);
            return this;
        }

        /** Goes before requests with less, and takes their memory if need be, which costs them time alone; 0 by default. */
        public Builder priority(int value) {
            standing = standing.withPriority(value);
            return this;
        }

        /** On whose account: tenants of one priority get equal shares of the engine, however many requests each has. */
        public Builder tenant(String name) {
            standing = standing.withTenant(name);
            return this;
        }

        /**
         * Requests share what was computed of prompts that begin alike only within one isolation, so that none can tell by its speed
         * what others have asked. By default that is the tenant. Never take it from what a user sends.
         */
        public Builder isolation(String key) {
            standing = standing.withIsolation(key);
            return this;
        }

        /** Ends with {@link FinishReason#DEADLINE} if there is no token after so long. */
        public Builder firstTokenWithin(Duration limit) {
            standing = standing.withFirstToken(limit);
            return this;
        }

        /** Ends with {@link FinishReason#DEADLINE}, and what there is by then, after so long. */
        public Builder within(Duration limit) {
            standing = standing.withTotal(limit);
            return this;
        }

        /** Offers tools; a chat's only. */
        public Builder tools(Tool... offered) {
            tools.addAll(List.of(offered));
            return this;
        }

        /** Sets a variable of the chat template; a chat's only. */
        public Builder templateVariable(String name, Json value) {
            variables.put(name, value);
            return this;
        }

        /** Asks for an answer without a thought before it, of models whose template has {@code enable_thinking}. */
        public Builder withoutThinking() {
            return templateVariable("enable_thinking", new Json.Bool(false));
        }

        /** The request. @throws IllegalArgumentException if settings contradict each other */
        public Request build() {
            return new Request(this);
        }

        private Prompt prompt() {
            if (start instanceof Prompt.Chat chat) {
                if (echo) {
                    throw new IllegalArgumentException("request: echo needs a plain prompt, found a chat, whose prompt"
                            + " is no part of what the model says");
                }
                return new Prompt.Chat(chat.messages(), List.copyOf(tools), Map.copyOf(variables));
            }
            if (!tools.isEmpty() || !variables.isEmpty()) {
                throw new IllegalArgumentException(
                        "request: tools and template variables need a chat, found a plain prompt");
            }
            return start;
        }
    }
}
