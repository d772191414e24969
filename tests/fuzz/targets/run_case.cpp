// Small cases of any operation on golden and every ISA of this CPU, which must give the same bits.
#include <memory>

#include "fastpath/backend.h"
#include "fastpath/isa.h"
#include "reference/compare.h"
#include "reference/golden.h"
#include "tests/fuzz/case_input.h"
#include "tests/fuzz/helpers.h"
#include "vectors/params_json.h"

namespace dfp16::fuzz {

namespace {

const std::vector<std::unique_ptr<Backend>>& kernels() {
    static const std::vector<std::unique_ptr<Backend>> all = [] {
        std::vector<std::unique_ptr<Backend>> made;
        for (const fast::Isa isa : fast::supported_isas()) made.push_back(fast::make_backend(isa, 1));
        return made;
    }();
    return all;
}

}  // namespace

void run_case(Bytes bytes) {
    Choices choices(bytes);
    const std::optional<Case> made = case_from(choices);
    if (!made) return;
    static const std::unique_ptr<Backend> golden = make_golden_backend(1);
    std::vector<HostTensor> expected;
    const bool sound = accepted([&] { expected = run(*made, *golden); });
    const std::string what = std::string(name_of(made->op)) + " " + params_to_json(*made);
    for (const std::unique_ptr<Backend>& kernel : kernels()) {
        std::vector<HostTensor> outputs;
        const bool ran = accepted([&] { outputs = run(*made, *kernel); });
        if (!sound) continue;  // what golden rejects, a kernel may take
        require(ran, kernel->isa() + " rejects what golden takes: " + what);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            require(!compare(expected[i], outputs[i]), kernel->isa() + " differs from golden: " + what);
        }
    }
}

}  // namespace dfp16::fuzz
