#include "vectors/mutants/mutation_score.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "reference/compare.h"
#include "reference/golden.h"
#include "sim/types/error.h"
#include "vectors/case_class.h"
#include "vectors/mutants/mutant_backend.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

/// A case with golden's outputs and its classes.
struct Trial {
    Case golden_case;
    CatchingCase place;
    std::vector<std::string> classes;
    bool corner = false;
};

Trial make_trial(const Suite& suite, std::size_t number, std::uint64_t seed, Backend& golden) {
    Trial trial{suite.make(number, seed), {suite.name(), static_cast<std::int64_t>(number), ""}, {}, false};
    trial.golden_case.outputs = run(trial.golden_case, golden);
    trial.place.name = trial.golden_case.name;
    trial.classes = classes_of(trial.golden_case);
    trial.corner = std::any_of(trial.classes.begin(), trial.classes.end(), is_corner_class);
    return trial;
}

std::vector<Trial> make_trials(const MutationOptions& options) {
    const auto golden = make_golden_backend(options.threads);
    std::vector<Trial> trials;
    for (const std::string& name : suite_names()) {
        const Suite suite = make_suite(name, options.level);
        for (std::size_t i = 0; i < suite.size(); ++i) trials.push_back(make_trial(suite, i, options.seed, *golden));
    }
    return trials;
}

bool differs(const Trial& trial, Backend& mutant) {
    try {
        const std::vector<HostTensor> outputs = run(trial.golden_case, mutant);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            if (compare(trial.golden_case.outputs[i], outputs[i])) return true;
        }
        return false;
    } catch (const InputError&) {
        return true;  // rejects what golden takes
    }
}

bool has_op(const mutants::BugInfo& bug, OpKind op) {
    return std::find(bug.ops.begin(), bug.ops.end(), op) != bug.ops.end();
}

/// The largest share of a class's cases first; of equal ones the larger count, then by name.
bool tells_more(const ClassCatch& a, const ClassCatch& b) {
    const std::int64_t left = a.caught * b.cases;
    const std::int64_t right = b.caught * a.cases;
    if (left != right) return left > right;
    return a.caught != b.caught ? a.caught > b.caught : a.name < b.name;
}

MutantResult try_mutant(const mutants::BugInfo& bug, const std::vector<Trial>& trials) {
    MutantResult result{bug, 0, 0, 0, {}, {}};
    const auto mutant = mutants::make_mutant_backend(bug.bug);
    std::map<std::string, ClassCatch> classes;
    for (const Trial& trial : trials) {
        if (!has_op(bug, trial.golden_case.op)) continue;
        const bool caught = differs(trial, *mutant);
        ++result.cases;
        for (const std::string& name : trial.classes) {
            ClassCatch& of_class = classes[name];
            of_class.name = name;
            ++of_class.cases;
            of_class.caught += caught ? 1 : 0;
        }
        if (!caught) continue;
        ++result.caught;
        if (!trial.corner) ++result.caught_plain;
        result.caught_by.push_back(trial.place);
    }
    for (const auto& [name, of_class] : classes) {
        if (of_class.caught > 0) result.classes.push_back(of_class);
    }
    std::sort(result.classes.begin(), result.classes.end(), tells_more);
    return result;
}

/// Mutants in turn on each thread; results in the order of the bugs.
class Score {
public:
    Score(const MutationOptions& options, const std::vector<Trial>& trials)
        : options_(options), trials_(trials), results_(mutants::all_bugs().size()) {}

    std::vector<MutantResult> run() {
        std::vector<std::thread> others;
        for (int i = 1; i < options_.threads; ++i) others.emplace_back([this] { work(); });
        work();
        for (std::thread& other : others) other.join();
        if (failure_) std::rethrow_exception(failure_);
        return std::move(results_);
    }

private:
    void work() {
        try {
            for (std::size_t i = next_++; i < results_.size(); i = next_++) {
                results_[i] = try_mutant(mutants::all_bugs()[i], trials_);
                const std::lock_guard<std::mutex> lock(mutex_);
                ++done_;
                if (options_.progress) options_.progress(done_, static_cast<std::int64_t>(results_.size()));
            }
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex_);
            failure_ = std::current_exception();
        }
    }

    const MutationOptions& options_;
    const std::vector<Trial>& trials_;
    std::vector<MutantResult> results_;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;
    std::int64_t done_ = 0;
    std::exception_ptr failure_;
};

}  // namespace

std::int64_t MutationReport::caught() const {
    return std::count_if(results.begin(), results.end(), [](const MutantResult& r) { return r.caught > 0; });
}

std::int64_t MutationReport::caught_without_corner_classes() const {
    return std::count_if(results.begin(), results.end(),
                         [](const MutantResult& r) { return r.bug.repeatable && r.caught_plain > 0; });
}

MutationReport run_mutants(const MutationOptions& options) {
    const std::vector<Trial> trials = make_trials(options);
    MutationReport report{options.level, options.seed, static_cast<std::int64_t>(trials.size()), {}};
    report.results = Score(options, trials).run();
    return report;
}

}  // namespace dfp16
