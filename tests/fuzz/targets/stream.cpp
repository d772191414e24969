// Cases and answers as lines of text.
#include <algorithm>
#include <cstring>

#include "tests/fuzz/helpers.h"
#include "vectors/kernel_fault.h"
#include "vectors/stream/stream_reader.h"

namespace dfp16::fuzz {

namespace {

class BytesSource : public ByteSource {
public:
    explicit BytesSource(Bytes bytes) : bytes_(bytes) {}
    std::size_t read(char* into, std::size_t size) override {
        const std::size_t count = std::min(size, bytes_.size());
        if (count > 0) std::memcpy(into, bytes_.data(), count);
        bytes_ = bytes_.subspan(count);
        return count;
    }

private:
    Bytes bytes_;
};

void require_shapes(const StreamedCase& streamed) {
    const Operands operands = operands_of(streamed.inputs);
    require(streamed.inputs.inputs.size() == operands.inputs.size(), "inputs");
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
        require(streamed.inputs.inputs[i].shape == operands.inputs[i].shape, "shape of an input");
    }
    if (streamed.answer != StreamedCase::Answer::given) return;
    require(streamed.outputs.size() == operands.outputs.size(), "outputs");
    for (std::size_t i = 0; i < operands.outputs.size(); ++i) {
        require(streamed.outputs[i].shape == operands.outputs[i].shape, "shape of an output");
    }
}

}  // namespace

void stream(Bytes bytes) {
    BytesSource source(bytes);
    accepted([&] {
        StreamReader reader(source, "stream");
        while (const auto streamed = reader.next()) require_shapes(*streamed);
    });
}

}  // namespace dfp16::fuzz
