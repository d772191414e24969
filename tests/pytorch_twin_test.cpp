// The FP32 twin's training step against PyTorch's, network by network. Skipped where Python has no PyTorch.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/pytorch/dump_step.h"
#include "tests/vectors_helpers.h"

namespace dfp16::test {
namespace {

struct Comparison {
    int status = -1;
    std::string report;
};

/// compare.py on the directories of one that dump_step() wrote.
Comparison compare(const TemporaryDirectory& directory, const std::vector<std::string>& dumps) {
    const std::string report = directory.file("report");
    std::string command = "/usr/bin/python3 " DFP16_SOURCE_DIR "/tests/pytorch/compare.py";
    for (const std::string& dump : dumps) command += " " + directory.file(dump);
    const int status = std::system((command + " >" + report + " 2>&1").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, bytes_of(report)};
}

/// compare.py says that it finds no PyTorch, or the shell that it finds no Python.
bool no_pytorch(const Comparison& result) {
    return result.status == 77 || result.status == 127;
}

/// What the published networks do not have: ReLU behind LRN, dropout and average pooling, padded pools cut by ceil
/// sizes, windows and strides of two sizes, images that two layers read, a sum of three gradients.
Network everything() {
    Network network{.name = "everything", .input = {3, 17, 14, 7}, .layers = {}};
    network.layers = {
        {.name = "left",
         .type = LayerType::conv,
         .inputs = {"data"},
         .channels = 8,
         .kernel = {3, 2},
         .stride = {2, 1},
         .pad = {1, 1},
         .bias = true},
        {.name = "right", .type = LayerType::conv, .inputs = {"data"}, .channels = 7, .stride = {2, 1}, .relu = true},
        {.name = "left_pool",
         .type = LayerType::max_pool,
         .inputs = {"left"},
         .kernel = {2, 3},
         .stride = {1, 2},
         .pad = {0, 1},
         .size = SizeRounding::ceil},
        {.name = "right_pool",
         .type = LayerType::average_pool,
         .inputs = {"right"},
         .kernel = {2, 3},
         .stride = {1, 2},
         .pad = {0, 1},
         .size = SizeRounding::ceil,
         .relu = true},
        {.name = "reduced",
         .type = LayerType::conv,
         .inputs = {"left_pool"},
         .channels = 7,
         .kernel = {1, 3},
         .pad = {0, 1},
         .bias = true,
         .relu = true},
        {.name = "mixed", .type = LayerType::concat, .inputs = {"reduced", "right_pool"}},
        {.name = "norm", .type = LayerType::lrn, .relu = true, .lrn = {3, 2.0f, 0.5f}},
        {.name = "grouped", .type = LayerType::conv, .channels = 14, .kernel = {3, 5}, .pad = {1, 2}, .groups = 7},
        {.name = "grouped_bn", .type = LayerType::batch_norm},
        {.name = "sum", .type = LayerType::add, .inputs = {"norm", "grouped_bn"}, .relu = true},
        {.name = "again", .type = LayerType::add, .inputs = {"sum", "norm"}},
        {.name = "pool",
         .type = LayerType::max_pool,
         .kernel = {3, 3},
         .stride = {2, 2},
         .pad = {1, 1},
         .size = SizeRounding::ceil},
        {.name = "drop", .type = LayerType::dropout, .relu = true, .rate = 0.3f},
        {.name = "aux_fc", .type = LayerType::fc, .inputs = {"sum"}, .channels = 7, .bias = true, .auxiliary = true},
        {.name = "aux_loss", .type = LayerType::loss, .auxiliary = true, .weight = 0.4f},
        {.name = "fc", .type = LayerType::fc, .inputs = {"drop"}, .channels = 7},
        {.name = "loss", .type = LayerType::loss},
    };
    return network;
}

TEST(PyTorchTwin, EveryNetworkAgrees) {
    const TemporaryDirectory directory;
    std::vector<std::string> dumps;
    const auto dump = [&](const Network& network, std::int64_t batch) {
        dumps.push_back(network.name);
        dump_step(network, batch, 5, directory.file(network.name));
    };
    dump(everything(), 3);
    for (const std::string& name : network_names()) {
        const InputSize published = published_input(name);
        const bool large = published.height > 64;  // too large for a quick test
        const TopologyOptions options{.input = large ? InputSize{3, 64, 64, 10} : published,
                                      .width = large ? 0.25 : 1.0};
        dump(network_of(name, options), 4);
    }
    const Comparison result = compare(directory, dumps);
    if (no_pytorch(result)) GTEST_SKIP() << result.report;
    EXPECT_EQ(result.status, 0) << result.report;
    for (const std::string& name : dumps) EXPECT_NE(result.report.find(name + ": "), std::string::npos) << name;
}

/// One wrong element of one gradient, of one output.
TEST(PyTorchTwin, FindsAPlantedError) {
    const TemporaryDirectory directory;
    for (const char* tensor : {"left.dw", "norm.y"}) {
        dump_step(everything(), 3, 5, directory.file(tensor));
        const std::string json = bytes_of(directory.file(tensor) + "/network.json");
        const std::string key = "\"out/" + std::string(tensor) + "\"";
        const std::string offset = "\"offset\":";
        const std::size_t at = json.find(offset, json.find(key)) + offset.size();
        std::fstream file(directory.file(tensor) + "/tensors.bin", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(std::stoll(json.substr(at)));
        const float wrong = 0.75f;
        file.write(reinterpret_cast<const char*>(&wrong), sizeof wrong);
    }
    const Comparison result = compare(directory, {"left.dw", "norm.y"});
    if (no_pytorch(result)) GTEST_SKIP() << result.report;
    EXPECT_EQ(result.status, 1) << result.report;
    EXPECT_NE(result.report.find("  left.dw: relative error"), std::string::npos) << result.report;
    EXPECT_NE(result.report.find("  norm.y: relative error"), std::string::npos) << result.report;
}

}  // namespace
}  // namespace dfp16::test
