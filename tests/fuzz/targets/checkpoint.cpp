// Checkpoint files. A byte: 0: any bytes follow; otherwise the header's length in 2 bytes, the header (JSON) and the
// values, to which magic, length and digest are added.
#include "reference/checkpoint.h"

#include "reference/checkpoint_header.h"
#include "reference/files/hasher.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/helpers.h"
#include "tests/fuzz/input_file.h"

namespace dfp16::fuzz {

namespace {

std::string whole_file(Choices& choices) {
    const std::string header = text_of(choices.part(2));
    std::string file = "dfp16ck\n";
    for (int i = 0; i < 8; ++i) file += static_cast<char>(std::uint64_t{header.size()} >> (8 * i));
    file += header + text_of(choices.rest());
    const Hasher::Digest digest = digest_of_bytes(file.data(), file.size());
    return file.append(digest.begin(), digest.end());
}

}  // namespace

void checkpoint(Bytes bytes) {
    Choices choices(bytes);
    const std::string content = choices.byte() == 0 ? text_of(choices.rest()) : whole_file(choices);
    const InputFile file({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
    accepted([&] {
        const CheckpointReader reader(file.path());
        for (std::size_t i = 0; i < reader.checkpoint().states.size(); ++i) reader.read_state(i);
        const std::string header = header_of(reader.checkpoint());
        require(header_of(parse_header(header)) == header, "the header changes on its way through JSON: " + header);
    });
}

}  // namespace dfp16::fuzz
