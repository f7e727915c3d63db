package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.PostProcessor.IdList;
import java.util.List;
import java.util.Map;

/** Reads {@code post_processor}, as far as it concerns a single text. */
final class PostProcessorJson {
    private static final Map<String, Components.Reader<PostProcessor>> READERS = Map.ofEntries(
            Map.entry("Sequence", PostProcessorJson::sequence),
            Map.entry("ByteLevel", c -> PostProcessor.NONE), // changes offsets alone
            Map.entry("TemplateProcessing", PostProcessorJson::template),
            Map.entry("BertProcessing", PostProcessorJson::pair),
            Map.entry("RobertaProcessing", PostProcessorJson::pair));

    private PostProcessorJson() {}

    static PostProcessor read(Fields component) {
        return Components.read(component, READERS);
    }

    private static PostProcessor sequence(Fields component) {
        PostProcessor result = PostProcessor.NONE;
        for (Fields part : Components.parts(component, "processors")) {
            result = result.then(read(part));
        }
        return result;
    }

    private static PostProcessor pair(Fields component) {
        return new PostProcessor(IdList.of(id(component, "cls")), IdList.of(id(component, "sep")));
    }

    /** {@code ["[CLS]", 101]} */
    private static int id(Fields component, String name) {
        List<Json> pair = component.array(name).orElse(List.of());
        if (pair.size() != 2 || !(pair.get(1) instanceof Json.Int id)) {
            throw new ModelFormatException(
                    component.at(name), "expected a token and its id, found " + pair.size() + " values");
        }
        return Vocabulary.checked(component.at(name), id.value());
    }

    private static PostProcessor template(Fields component) {
        Fields tokens = component
                .fields("special_tokens")
                .orElse(new Fields(component.at("special_tokens"), new Json.Obj(Map.of())));
        IntList before = new IntList(4);
        IntList after = new IntList(4);
        int sequences = 0;
        for (Fields piece : Components.parts(component, "single")) {
            var special = piece.fields("SpecialToken");
            if (special.isPresent()) {
                addIds(tokens, Components.required(special.get(), "id"), sequences == 0 ? before : after);
            } else if (piece.fields("Sequence").flatMap(s -> s.string("id")).equals(java.util.Optional.of("A"))) {
                sequences++;
            } else {
                throw new ModelFormatException(piece.place(), "expected a SpecialToken or the Sequence A");
            }
        }
        if (sequences != 1) {
            throw new ModelFormatException(
                    component.at("single"), "expected the Sequence A once, found it " + sequences + " times");
        }
        return new PostProcessor(IdList.of(before.toArray()), IdList.of(after.toArray()));
    }

    private static void addIds(Fields tokens, String name, IntList out) {
        Fields token = tokens.fields(name)
                .orElseThrow(
                        () -> new ModelFormatException(tokens.at(name), "expected the token's ids, found nothing"));
        for (int id : token.integers("ids")) {
            out.add(Vocabulary.checked(token.at("ids"), id));
        }
    }
}
