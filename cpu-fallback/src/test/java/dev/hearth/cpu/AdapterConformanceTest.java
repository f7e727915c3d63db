package dev.hearth.cpu;

import dev.hearth.adapter.AdapterFolder;
import dev.hearth.conformance.HearthModel;
import dev.hearth.conformance.ModelConformance;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.conformance.TokenModel;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.spi.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Models with adapters merged into them against PEFT, which computes the adapters beside. */
final class AdapterConformanceTest implements ModelConformance {
    private static final List<String> COPIES = List.of(
            "bias_all",
            "fan_in_dora",
            "lora_bias",
            "lora_head",
            "qlora_dora",
            "rank_pattern",
            "saved_embedding",
            "tied_embedding",
            "two_adapters");

    @Override
    public Backend open(int threads) {
        return new CpuBackend(KernelChoice.of(CpuKernels.sources(), "scalar"), threads);
    }

    @Override
    public List<Integer> threadCounts() {
        return List.of(1);
    }

    /** An adapter changes weights alone; what is computed of them is checked elsewhere. */
    @Override
    public List<ModelCheck> checks(OracleFiles oracle) {
        return oracleChecks(oracle);
    }

    @Override
    public List<Path> folders() {
        List<Path> folders = new ArrayList<>();
        COPIES.forEach(name -> folders.add(Reference.resource("lora/" + name)));
        String shared = System.getProperty("hearth.shared", "");
        if (!shared.isEmpty()) {
            folders.addAll(OracleFiles.find(Path.of(shared, "lora")));
        }
        return folders;
    }

    @Override
    public TokenModel.Loader loader() {
        return (device, folder, precision) -> {
            Path config = folder.resolve("adapter_config.json");
            if (Files.exists(config)) {
                String base =
                        Fields.read(config).string("base_model_name_or_path").orElseThrow();
                return HearthModel.load(
                        device, folder.resolve(base).normalize(), precision, List.of(new AdapterFolder(folder, 1)));
            }
            Fields oracle = Fields.read(folder.resolve("oracle.json"));
            List<AdapterFolder> adapters = new ArrayList<>();
            for (Json json : oracle.array("adapters").orElseThrow()) {
                Fields adapter = Fields.of("oracle.json: adapters", json);
                adapters.add(new AdapterFolder(
                        folder.resolve(adapter.string("folder").orElseThrow()).normalize(),
                        adapter.number("scale").orElseThrow()));
            }
            Path base = folder.resolve(oracle.string("base").orElseThrow()).normalize();
            return HearthModel.load(device, base, precision, adapters);
        };
    }
}
