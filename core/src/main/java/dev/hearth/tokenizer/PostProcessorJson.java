package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.PostProcessor.IdList;
import dev.hearth.tokenizer.PostProcessor.Input;
import dev.hearth.tokenizer.PostProcessor.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code post_processor}. */
final class PostProcessorJson {
    private static final Map<String, Components.Reader<PostProcessor>> READERS = Map.ofEntries(
            Map.entry("Sequence", PostProcessorJson::sequence),
            Map.entry("ByteLevel", c -> PostProcessor.NONE), // changes offsets alone
            Map.entry("TemplateProcessing", PostProcessorJson::template),
            Map.entry("BertProcessing", PostProcessorJson::bert),
            Map.entry("RobertaProcessing", PostProcessorJson::roberta));

    private PostProcessorJson() {}

    static PostProcessor read(Fields component) {
        return Components.read(component, READERS);
    }

    /** One that adds something, and any number that change offsets alone: what more would mean, the reference leaves open. */
    private static PostProcessor sequence(Fields component) {
        PostProcessor result = PostProcessor.NONE;
        for (Fields part : Components.parts(component, "processors")) {
            PostProcessor next = read(part);
            if (!result.equals(PostProcessor.NONE) && !next.equals(PostProcessor.NONE)) {
                throw new ModelFormatException(part.place(), "expected one processor that adds tokens, found a second");
            }
            result = next.equals(PostProcessor.NONE) ? result : next;
        }
        return result;
    }

    private static PostProcessor bert(Fields component) {
        IdList cls = IdList.of(id(component, "cls"));
        return PostProcessor.around(cls, IdList.of(), IdList.of(id(component, "sep")), 1);
    }

    /** All of type 0, and two separators between. */
    private static PostProcessor roberta(Fields component) {
        IdList cls = IdList.of(id(component, "cls"));
        IdList sep = IdList.of(id(component, "sep"));
        return PostProcessor.around(cls, sep, sep, 0);
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
        List<Part> single = layout(component, "single", tokens);
        require(component, "single", single, Input.FIRST, 1);
        require(component, "single", single, Input.SECOND, 0);
        if (!component.has("pair")) {
            return new PostProcessor(single, PostProcessor.NONE.pair());
        }
        List<Part> pair = layout(component, "pair", tokens);
        require(component, "pair", pair, Input.FIRST, 1);
        require(component, "pair", pair, Input.SECOND, 1);
        return new PostProcessor(single, pair);
    }

    private static List<Part> layout(Fields component, String name, Fields tokens) {
        List<Part> parts = new ArrayList<>();
        for (Fields piece : Components.parts(component, name)) {
            var special = piece.fields("SpecialToken");
            Fields part = special.or(() -> piece.fields("Sequence"))
                    .orElseThrow(() -> new ModelFormatException(
                            piece.place(), "expected a SpecialToken or a Sequence, found neither"));
            int type = part.integer("type_id").orElse(0);
            String id = Components.required(part, "id");
            if (special.isPresent()) {
                parts.add(new Part.Fixed(ids(tokens, id), type));
            } else if (id.equals("A") || id.equals("B")) {
                parts.add(new Part.Text(id.equals("A") ? Input.FIRST : Input.SECOND, type));
            } else {
                throw new ModelFormatException(part.at("id"), "expected the Sequence A or B, found " + id);
            }
        }
        return List.copyOf(parts);
    }

    private static void require(Fields component, String name, List<Part> parts, Input input, int times) {
        long found = parts.stream()
                .filter(p -> p instanceof Part.Text text && text.input() == input)
                .count();
        if (found != times) {
            throw new ModelFormatException(
                    component.at(name),
                    "expected the Sequence " + (input == Input.FIRST ? "A" : "B") + " " + times + " times, found it "
                            + found + " times");
        }
    }

    private static IdList ids(Fields tokens, String name) {
        Fields token = tokens.fields(name)
                .orElseThrow(
                        () -> new ModelFormatException(tokens.at(name), "expected the token's ids, found nothing"));
        int[] ids = token.integers("ids");
        for (int id : ids) {
            Vocabulary.checked(token.at("ids"), id);
        }
        return IdList.of(ids);
    }
}
