// dump_step --net NAME --output DIR [--input CxHxW] [--classes N] [--width X] [--batch N] [--seed N]
#include <iostream>

#include "sim/types/error.h"
#include "tests/pytorch/dump_step.h"
#include "tools/options.h"
#include "tools/topology_options.h"

int main(int argc, char** argv) {
    using namespace dfp16;
    namespace po = boost::program_options;
    po::options_description options("dump_step");
    options.add_options()("net", po::value<std::string>(), "network")                       //
        ("output", po::value<std::string>(), "directory for network.json and tensors.bin")  //
        ("input", po::value<std::string>(), "size of an image, CxHxW; default: as published")(
            "classes", po::value<std::string>(), "number of classes; default: as published")(
            "width", po::value<std::string>(), "multiplies the channels of hidden layers; default: 1")(
            "batch", text_option("2"), "images")("seed", text_option("1"), "of weights, images and labels");
    try {
        const auto given = parse_options("dump_step", {argv + 1, argv + argc}, options);
        const std::string net = required(given, "dump_step", "net", "a network");
        const TopologyOptions topology = topology_options(given, published_input(net));
        test::dump_step(network_of(net, topology), whole_number(given, "batch", 1, 65536), seed_of(given),
                        required(given, "dump_step", "output", "a directory"));
    } catch (const std::exception& error) {
        std::cerr << "dump_step: " << error.what() << '\n';
        return 2;
    }
    return 0;
}
