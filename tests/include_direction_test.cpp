// Includes point one way: sim <- reference <- vectors <- tools; fastpath sees the op interface and nothing of the
// golden arithmetic; the second oracle sees nothing but itself.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// Files whose path begins with `package` may reach, directly or not, only files whose path begins with one of `may`.
struct Rule {
    std::string package;
    std::vector<std::string> may;
};

/// The first that fits a file counts.
const std::vector<Rule> kRules = {
    {"sim/", {"sim/"}},
    {"reference/interface/", {"sim/types/", "sim/philox.h", "reference/interface/"}},
    {"reference/", {"sim/", "reference/"}},
    {"vectors/", {"sim/", "reference/", "vectors/"}},
    {"fastpath/", {"sim/types/", "sim/philox.h", "reference/interface/", "fastpath/"}},
    {"tools/", {"sim/", "reference/", "vectors/", "fastpath/", "tools/"}},
    {"tests/oracle/", {"tests/oracle/"}},
    {"tests/", {""}},
};

bool begins_with_any(const std::string& path, const std::vector<std::string>& prefixes) {
    for (const std::string& prefix : prefixes) {
        if (path.starts_with(prefix)) return true;
    }
    return false;
}

/// Paths from the root -> what each includes of the tree, also as paths from the root. Both forms of #include count; a
/// quoted one that names no file stays as it is written, so that no rule allows it.
using Includes = std::map<std::string, std::set<std::string>>;

std::set<std::string> includes_of(const fs::path& root, const fs::path& file) {
    static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::set<std::string> found;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        std::smatch match;
        if (!std::regex_search(line, match, pattern)) continue;
        const fs::path beside = (file.parent_path() / match[2].str()).lexically_normal();
        if (fs::is_regular_file(root / match[2].str())) {
            found.insert(fs::path(match[2].str()).lexically_normal().generic_string());
        } else if (match[1] == "\"" && fs::is_regular_file(beside)) {
            found.insert(beside.lexically_relative(root).generic_string());
        } else if (match[1] == "\"") {
            found.insert("not found: " + match[2].str());
        }
    }
    return found;
}

Includes scan(const fs::path& root) {
    Includes includes;
    for (const std::string package : {"sim", "reference", "vectors", "fastpath", "tools", "tests"}) {
        if (!fs::exists(root / package)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / package)) {
            const std::string extension = entry.path().extension().string();
            if (!entry.is_regular_file() || (extension != ".h" && extension != ".cpp" && extension != ".inc")) continue;
            includes[entry.path().lexically_relative(root).generic_string()] = includes_of(root, entry.path());
        }
    }
    return includes;
}

/// One line for each file that one may not reach: the way that leads there.
void follow(const Includes& includes, const Rule& rule, const std::string& file, const std::string& way,
            std::set<std::string>& seen, std::vector<std::string>& violations) {
    const auto found = includes.find(file);
    if (found == includes.end()) return;
    for (const std::string& target : found->second) {
        if (!seen.insert(target).second) continue;
        const std::string longer = way + " -> " + target;
        if (!begins_with_any(target, rule.may) || target.starts_with("not found")) violations.push_back(longer);
        follow(includes, rule, target, longer, seen, violations);
    }
}

std::vector<std::string> violations_in(const fs::path& root) {
    const Includes includes = scan(root);
    std::vector<std::string> violations;
    for (const auto& [file, targets] : includes) {
        for (const Rule& rule : kRules) {
            if (!file.starts_with(rule.package)) continue;
            std::set<std::string> seen;
            follow(includes, rule, file, file, seen, violations);
            break;
        }
    }
    return violations;
}

TEST(IncludeDirection, HoldsInTheSourceTree) {
    const fs::path root = DFP16_SOURCE_DIR;
    EXPECT_GT(scan(root).size(), 60u) << "too few files found under " << root;
    for (const std::string& violation : violations_in(root)) ADD_FAILURE() << violation;
}

/// A tree of made-up sources, removed at the end.
class PlantedInclude : public testing::Test {
protected:
    PlantedInclude() : root_(fs::temp_directory_path() / ("dfp16_include_" + std::to_string(::getpid()))) {
        write("sim/types/a.h", "");
        write("sim/philox.h", "");
        write("sim/round.h", "#include \"sim/types/a.h\"\n");
        write("reference/interface/graph.h", "#include \"sim/types/a.h\"\n#include <vector>\n");
        write("reference/golden.cpp", "#include \"sim/round.h\"\n#include \"reference/interface/graph.h\"\n");
        write("fastpath/fast.cpp", "#include \"sim/philox.h\"\n#include \"reference/interface/graph.h\"\n");
        write("tools/main.cpp", "#include \"fastpath/fast.h\"\n#include \"vectors/suite.h\"\n");
        write("fastpath/fast.h", "#include \"reference/interface/graph.h\"\n");
        write("vectors/suite.h", "");
        write("tests/oracle/exact.h", "");
        write("tests/some_test.cpp", "#include \"tests/oracle/exact.h\"\n#include \"sim/round.h\"\n");
    }
    ~PlantedInclude() override { fs::remove_all(root_); }

    void write(const std::string& file, const std::string& text) {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text;
    }
    std::vector<std::string> violations() const { return violations_in(root_); }
    const fs::path& root() const { return root_; }

private:
    fs::path root_;
};

using Lines = std::vector<std::string>;

TEST_F(PlantedInclude, CleanTree) {
    EXPECT_EQ(violations(), Lines{});
}

TEST_F(PlantedInclude, Direct) {
    write("sim/round.h", "# include <reference/interface/graph.h>\n");
    EXPECT_EQ(violations(), Lines{"sim/round.h -> reference/interface/graph.h"});
}

TEST_F(PlantedInclude, Transitive) {
    write("reference/interface/graph.h", "#include \"sim/round.h\"\n");
    EXPECT_EQ(violations(), (Lines{"fastpath/fast.cpp -> reference/interface/graph.h -> sim/round.h",
                                   "fastpath/fast.h -> reference/interface/graph.h -> sim/round.h",
                                   "reference/interface/graph.h -> sim/round.h"}));
}

TEST_F(PlantedInclude, GoldenInFastpath) {
    write("fastpath/fast.cpp", "#include \"reference/golden.cpp\"\n");
    EXPECT_EQ(violations(), (Lines{"fastpath/fast.cpp -> reference/golden.cpp",
                                   "fastpath/fast.cpp -> reference/golden.cpp -> sim/round.h"}));
}

TEST_F(PlantedInclude, RelativePath) {
    write("sim/types/a.h", "#include \"../../tools/main.cpp\"\n");
    const Lines found = violations();
    EXPECT_NE(std::find(found.begin(), found.end(), "sim/types/a.h -> tools/main.cpp"), found.end());
}

TEST_F(PlantedInclude, OracleIncludesSim) {
    write("tests/oracle/exact.h", "#include \"sim/types/a.h\"\n");
    EXPECT_EQ(violations(), Lines{"tests/oracle/exact.h -> sim/types/a.h"});
}

TEST_F(PlantedInclude, ToolsIncludeTests) {
    write("tools/main.cpp", "#include \"tests/oracle/exact.h\"\n");
    EXPECT_EQ(violations(), Lines{"tools/main.cpp -> tests/oracle/exact.h"});
}

TEST_F(PlantedInclude, NoSuchFile) {
    write("vectors/suite.h", "#include \"sim/rounding.h\"\n");
    EXPECT_EQ(violations(), (Lines{"tools/main.cpp -> vectors/suite.h -> not found: sim/rounding.h",
                                   "vectors/suite.h -> not found: sim/rounding.h"}));
}

}  // namespace
