// Files that are not what they should be: each is one InputError that says what, where, and what was expected.
#include <gtest/gtest.h>
#include <hdf5.h>

#include <array>

#include "reference/compare.h"
#include "tests/vectors_helpers.h"
#include "vectors/params_json.h"

namespace dfp16 {
namespace {

using test::TemporaryDirectory;

/// A good file of three cases, and a way to spoil a copy of it through HDF5.
class Damage : public testing::Test {
protected:
    Damage() {
        hdf5::silence();
        test::write_file(path_, {test::case_of("gemm", 4), wrap_case(), test::case_of("dfp", 10)});
    }

    static Case wrap_case() {
        Case made = test::case_of("gemm", 12);
        std::get<GemmParams>(made.params).accumulation.policy = Policy::wrap;
        const auto golden = make_golden_backend(1);
        made.outputs = run(made, *golden);
        return made;
    }

    void edit(const std::function<void(hid_t file)>& change) {
        const hdf5::Handle file(H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "open");
        change(file);
    }

    std::string error() {
        return test::error_of([&] { test::read_file(path_); });
    }
    /// The error must be one line, begin with the file and hold each text.
    void expect_error(const std::vector<std::string>& texts) {
        const std::string message = error();
        EXPECT_EQ(message.find(path_), 0u) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        for (const std::string& text : texts)
            EXPECT_NE(message.find(text), std::string::npos) << message << "\nlacks: " << text;
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("a.h5");
};

hdf5::Handle group(hid_t file, const char* name) {
    return {H5Gopen2(file, name, H5P_DEFAULT), H5Gclose, name};
}

hdf5::Handle dataset(hid_t file, const char* name) {
    return {H5Dopen2(file, name, H5P_DEFAULT), H5Dclose, name};
}

/// Puts another dataset in the place of one; its elements are never written.
void replace(hid_t file, const char* name, hid_t type, std::vector<hsize_t> sizes, std::vector<hsize_t> chunk = {}) {
    ASSERT_GE(H5Ldelete(file, name, H5P_DEFAULT), 0);
    const hdf5::Handle space(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose,
                             "space");
    const hdf5::Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "list");
    if (!chunk.empty()) H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    const hdf5::Handle made(H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose, name);
    hdf5::write_integer(made, "exponent", 0);
}

void replace_string(hid_t object, const char* name, const std::string& value) {
    ASSERT_GE(H5Adelete(object, name), 0);
    hdf5::write_string(object, name, value);
}

TEST_F(Damage, TheGoodFileIsGood) {
    EXPECT_EQ(test::read_file(path_).size(), 3u);
}

TEST_F(Damage, MissingFile) {
    path_ = directory_.file("none.h5");
    EXPECT_EQ(error(), "cannot read " + path_ + ": No such file or directory");
}

TEST_F(Damage, ADirectory) {
    EXPECT_EQ(test::error_of([&] { GoldenReader reader(directory_.path()); }),
              "cannot read " + directory_.path() + ": not a regular file");
}

TEST_F(Damage, NotHdf5) {
    for (const std::string& content : {std::string(), std::string("hello"), std::string(5000, '\0')}) {
        test::write_bytes(path_, content);
        expect_error({"not an HDF5 file"});
    }
}

TEST_F(Damage, TruncatedAnywhere) {
    const std::string bytes = test::bytes_of(path_);
    for (std::size_t length = 0; length < bytes.size(); length += length < 2000 ? 1 : 97) {
        test::write_bytes(path_, bytes.substr(0, length));
        expect_error({});
    }
    test::write_bytes(path_, bytes.substr(0, bytes.size() - 1));
    expect_error({"truncated or damaged HDF5 file"});
}

TEST_F(Damage, AFlippedBitAnywhereIsFoundOrHarmless) {
    const std::string bytes = test::bytes_of(path_);
    const std::vector<Case> good = test::read_file(path_);
    std::size_t found = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 5) {
        std::string spoiled = bytes;
        spoiled[i] = static_cast<char>(spoiled[i] ^ (1 << (i * 3 % 8)));
        test::write_bytes(path_, spoiled);
        try {
            const std::vector<Case> read = test::read_file(path_);
            ASSERT_EQ(read.size(), good.size()) << "byte " << i;
            for (std::size_t c = 0; c < good.size(); ++c) {
                ASSERT_EQ(read[c].name, good[c].name) << "byte " << i;
                for (std::size_t t = 0; t < good[c].inputs.size(); ++t)
                    ASSERT_FALSE(compare(read[c].inputs[t], good[c].inputs[t]));
                for (std::size_t t = 0; t < good[c].outputs.size(); ++t)
                    ASSERT_FALSE(compare(read[c].outputs[t], good[c].outputs[t]));
            }
        } catch (const InputError&) {
            ++found;
        }
    }
    EXPECT_GT(found, bytes.size() / 5 / 2) << "of " << bytes.size() / 5;
}

TEST_F(Damage, ForeignHdf5) {
    { const hdf5::Handle file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "create"); }
    expect_error({"attribute 'schema' is missing"});
}

TEST_F(Damage, UnknownSchema) {
    edit([](hid_t file) {
        H5Adelete(file, "schema");
        hdf5::write_integer(file, "schema", 2);
    });
    expect_error({"'schema' is 2, expected 1"});
}

TEST_F(Damage, SchemaOfAnotherType) {
    edit([](hid_t file) { replace_string(file, "schema", "1"); });
    expect_error({"'schema' is a string, expected one integer"});
}

TEST_F(Damage, UnknownContract) {
    edit([](hid_t file) { replace_string(file, "contract", "7"); });
    expect_error({"contract version is '7', expected '2'"});
}

TEST_F(Damage, ContractOfAnotherType) {
    edit([](hid_t file) {
        H5Adelete(file, "contract");
        hdf5::write_integer(file, "contract", 1);
    });
    expect_error({"'contract' is int64, expected one string"});
}

TEST_F(Damage, MissingRootAttributes) {
    for (const char* name : {"suite", "level", "seed", "generator"}) {
        test::write_file(path_, {test::case_of("gemm", 4)});
        edit([&](hid_t file) { H5Adelete(file, name); });
        expect_error({"attribute '" + std::string(name) + "' is missing"});
    }
}

TEST_F(Damage, MissingCasesGroup) {
    edit([](hid_t file) { H5Ldelete(file, "cases", H5P_DEFAULT); });
    expect_error({"group 'cases' is missing"});
}

TEST_F(Damage, AGapInTheNumbers) {
    edit([](hid_t file) { H5Ldelete(file, "/cases/000001", H5P_DEFAULT); });
    expect_error({"'/cases/000002', expected '/cases/000001'"});
}

TEST_F(Damage, UnknownOperation) {
    edit([](hid_t file) { replace_string(group(file, "/cases/000000"), "op", "winograd"); });
    expect_error({"case 000000", "unknown operation 'winograd'"});
}

TEST_F(Damage, MissingCaseAttributes) {
    for (const char* name : {"op", "name", "params", "digest"}) {
        test::write_file(path_, {test::case_of("gemm", 4)});
        edit([&](hid_t file) { H5Adelete(group(file, "/cases/000000"), name); });
        expect_error({"case 000000", "attribute '" + std::string(name) + "' is missing"});
    }
}

TEST_F(Damage, BadParams) {
    const std::pair<const char*, const char*> bad[] = {
        {"", "not a JSON object"},
        {"[1,2]", "not a JSON object"},
        {"{", "not a JSON object"},
        {"{}", "'M' is missing"},
        {R"({"M":0,"N":1,"K":1,"policy":"exact"})", "'M' is 0, expected an integer from 1"},
        {R"({"M":"3","N":1,"K":1,"policy":"exact"})", "'M' is \"3\", expected an integer"},
        {R"({"M":1.5,"N":1,"K":1,"policy":"exact"})", "expected an integer"},
        {R"({"M":4000000000,"N":1,"K":1,"policy":"exact"})", "expected an integer"},
        {R"({"M":2000000000,"N":2000000000,"K":1,"policy":"exact"})", "2^40"},
        {R"({"M":1,"N":1,"K":1,"policy":"fast"})", "unknown policy 'fast', known: exact, chain, wrap, saturate, fma"},
        {R"({"M":1,"N":1,"K":1,"policy":"chain"})", "'chain' is missing"},
        {R"({"M":1,"N":1,"K":1,"policy":"chain","chain":0})", "'chain' is 0"},
    };
    for (const auto& [params, message] : bad) {
        edit([&, text = params](hid_t file) { replace_string(group(file, "/cases/000000"), "params", text); });
        expect_error({"case 000000", message});
    }
}

TEST_F(Damage, BadConvParams) {
    Case conv = test::case_of("conv", 0);
    test::write_file(path_, {conv});
    const std::string rest = R"("policy":"exact","stride":[1,1],"pad":[0,0],"R":3,"S":3,"N":1,"H":5,"W":5,)";
    const std::pair<const char*, const char*> bad[] = {
        {R"("C":4,"K":4,"P":3,"Q":3,"groups":3})", "groups = 3 do not divide C = 4 and K = 4"},
        {R"("C":4,"K":4,"P":4,"Q":3,"groups":1})", "P = 4, expected 3"},
        {R"("C":4,"K":4,"P":3,"Q":0,"groups":1})", "'Q' is 0"},
    };
    for (const auto& [end, message] : bad) {
        edit(
            [&, text = "{" + rest + end](hid_t file) { replace_string(group(file, "/cases/000000"), "params", text); });
        expect_error({"case 000000", message});
    }
}

struct BadLayer {
    const char* suite;
    OpKind op;
    std::vector<std::pair<const char*, const char*>> edits;  ///< a part of params and what takes its place; a message
    const char* message;
};

/// The first case of the operation with an edited `params`.
TEST_F(Damage, BadLayerParams) {
    const BadLayer bad[] = {
        {"pool",
         OpKind::max_pool_forward,
         {{R"("size":"floor")", R"("size":"round")"}},
         "unknown size 'round', known: floor, ceil"},
        {"pool", OpKind::max_pool_forward, {{R"("size":"floor")", R"("size":2)"}}, "'size' is 2, expected a string"},
        {"pool", OpKind::max_pool_forward, {{R"("H":6)", R"("H":7)"}, {R"("P":3)", R"("P":4)"}}, "P = 4, expected 3"},
        {"pool",
         OpKind::average_pool_forward,
         {{R"("size":"floor")", R"("size":"ceil")"}, {R"("H":6)", R"("H":7)"}},
         "P = 3, expected 4"},
        {"pool",
         OpKind::max_pool_forward,
         {{R"("pad":[0,0])", R"("pad":[2,0])"}, {R"("P":3)", R"("P":5)"}},
         "pad = [2,0], expected less than the kernel"},
        {"pool", OpKind::max_pool_forward, {{R"("R":2)", R"("R":8)"}}, "kernel of 8 does not fit H = 6 with pad 0"},
        {"lrn", OpKind::lrn_forward, {{R"("size":5)", R"("size":4)"}}, "size = 4, expected an odd number"},
        {"lrn", OpKind::lrn_forward, {{R"("size":5)", R"("size":0)"}}, "'size' is 0, expected an integer from 1"},
        {"lrn", OpKind::lrn_forward, {{R"("size":5)", R"("size":65537)"}}, "size = 65537, expected an odd number"},
        {"lrn", OpKind::lrn_forward, {{R"("k":1E0)", R"("k":0)"}}, "k = 0.000000, expected more than 0"},
        {"lrn", OpKind::lrn_forward, {{R"("k":1E0)", R"("k":"1")"}}, R"('k' is "1", expected a finite number)"},
        {"lrn", OpKind::lrn_backward, {{R"("alpha":)", R"("alpha":-)"}}, "expected at least 0"},
        {"lrn", OpKind::lrn_backward, {{R"("shape":[1,1,1,1])", R"("shape":[1])"}}, "shape = 1, expected (N, channels"},
        {"dropout",
         OpKind::dropout_forward,
         {{R"("rate":5E-1)", R"("rate":1)"}},
         "rate = 1.000000, expected 0 or more"},
        {"dropout", OpKind::dropout_forward, {{R"("rate":5E-1)", R"("rate":-0.5)"}}, "rate = -0.500000, expected 0"},
        {"dropout", OpKind::dropout_backward, {{R"("rate")", R"("ratio")"}}, "'rate' is missing"},
        {"dropout", OpKind::dropout_backward, {{R"("seed":1)", R"("seed":-1)"}}, "'seed' is -1, expected an integer"},
        {"dropout", OpKind::dropout_backward, {{R"("tensor":)", R"("tensor":9999999)"}}, "expected an integer from 0"},
        {"concat", OpKind::concat_forward, {{R"("channels":[1])", R"("channels":[])"}}, "an array of 1 to 65535"},
        {"concat", OpKind::concat_forward, {{R"("channels":[1])", R"("channels":[0,1])"}}, "'channels' is 0, expected"},
        {"concat",
         OpKind::concat_forward,
         {{R"("channels":[1])", R"("channels":[1,1])"}},
         "channels of all parts are 2, expected C = 1 of shape = 1x1x1x1"},
        {"concat",
         OpKind::concat_forward,
         {{R"("rounding":"nearest-even")", R"("rounding":"up")"}},
         "unknown rounding"},
        {"concat",
         OpKind::concat_backward,
         {{R"("shape":[1,1,1,1])", R"("shape":[1,1])"}},
         "shape = 1x1, expected (N, C, H, W)"},
        {"softmax",
         OpKind::softmax_backward,
         {{R"("weight":1E0)", R"("weight":"1")"}},
         "'weight' is \"1\", expected a finite"},
        {"softmax", OpKind::softmax_backward, {{R"("shape":[1,1])", R"("shape":[1])"}}, "shape = 1, expected (N, K)"},
        {"gemm",
         OpKind::gemm,
         {{R"("policy":"exact")", R"("policy":"fma")"}},
         "inputs/a: type is int16, expected fp32"},
    };
    for (const BadLayer& layer : bad) {
        const Suite suite = make_suite(layer.suite, 1);
        std::size_t number = 0;
        while (suite.make(number, 1).op != layer.op) ++number;
        const Case good = test::case_of(layer.suite, number);
        test::write_file(path_, {good});
        std::string params = params_to_json(good);
        for (const auto& [part, other] : layer.edits) {
            const std::size_t at = params.find(part);
            ASSERT_NE(at, std::string::npos) << part << " in " << params;
            params.replace(at, std::string(part).size(), other);
        }
        edit([&](hid_t file) { replace_string(group(file, "/cases/000000"), "params", params); });
        expect_error({"case 000000", layer.message});
    }
}

TEST_F(Damage, PartsOfAConcat) {
    const Suite suite = make_suite("concat", 1);
    std::size_t number = 0;
    while (suite.make(number, 1).inputs.size() != 12) ++number;
    const Case good = test::case_of("concat", number);
    const auto spoil = [&](const std::function<void(hid_t)>& change, const char* message) {
        test::write_file(path_, {good});
        edit(change);
        expect_error({"case 000000", message});
    };
    spoil([](hid_t file) { H5Ldelete(file, "/cases/000000/inputs/x11", H5P_DEFAULT); },
          "11 datasets in 'inputs', expected 12");
    spoil(
        [](hid_t file) {
            H5Lmove(file, "/cases/000000/inputs/x10", file, "/cases/000000/inputs/x12", H5P_DEFAULT, H5P_DEFAULT);
        },
        "dataset 'x10' is missing");
    spoil([](hid_t file) { H5Adelete(dataset(file, "/cases/000000/inputs/x3"), "exponent"); },
          "inputs/x3: attribute 'exponent' is missing");
}

TEST_F(Damage, MissingDataset) {
    edit([](hid_t file) { H5Ldelete(file, "/cases/000000/inputs/b", H5P_DEFAULT); });
    expect_error({"case 000000", "1 datasets in 'inputs', expected 2"});
}

TEST_F(Damage, RenamedDataset) {
    edit([](hid_t file) {
        H5Lmove(file, "/cases/000000/inputs/b", file, "/cases/000000/inputs/w", H5P_DEFAULT, H5P_DEFAULT);
    });
    expect_error({"case 000000", "dataset 'b' is missing"});
}

TEST_F(Damage, AGroupInPlaceOfADataset) {
    edit([](hid_t file) {
        H5Ldelete(file, "/cases/000000/inputs/b", H5P_DEFAULT);
        hdf5::create_group(group(file, "/cases/000000/inputs"), "b");
    });
    expect_error({"case 000000", "inputs/b: cannot read the dataset"});
}

TEST_F(Damage, ALinkToAnotherFile) {
    edit([](hid_t file) {
        H5Ldelete(file, "/cases/000000/inputs/b", H5P_DEFAULT);
        H5Lcreate_external("other.h5", "/b", file, "/cases/000000/inputs/b", H5P_DEFAULT, H5P_DEFAULT);
    });
    expect_error({"case 000000", "dataset 'b' is missing"});
}

TEST_F(Damage, WrongTypes) {
    const Shape shape = test::read_file(path_)[0].inputs[0].shape;
    const std::vector<hsize_t> sizes = {static_cast<hsize_t>(shape[0]), static_cast<hsize_t>(shape[1])};
    const std::pair<hid_t, const char*> bad[] = {{H5T_STD_I32LE, "int32, expected int16"},
                                                 {H5T_STD_U16LE, "uint16, expected int16"},
                                                 {H5T_IEEE_F32LE, "fp32, expected int16"},
                                                 {H5T_STD_I8LE, "int8, expected int16"}};
    for (const auto& [type, message] : bad) {
        edit([&, t = type](hid_t file) { replace(file, "/cases/000000/inputs/a", t, sizes); });
        expect_error({"case 000000", "inputs/a: type is", message});
    }
}

TEST_F(Damage, WrongOutputType) {
    const Shape shape = test::read_file(path_)[0].outputs[0].shape;
    const std::vector<hsize_t> sizes = {static_cast<hsize_t>(shape[0]), static_cast<hsize_t>(shape[1])};
    edit([&](hid_t file) { replace(file, "/cases/000000/outputs/c", H5T_IEEE_F64LE, sizes); });
    expect_error({"case 000000", "outputs/c: type is fp64, expected fp32"});
}

TEST_F(Damage, WrongShapes) {
    const Shape shape = test::read_file(path_)[0].inputs[0].shape;
    const auto M = static_cast<hsize_t>(shape[0]);
    const auto K = static_cast<hsize_t>(shape[1]);
    for (const std::vector<hsize_t>& sizes :
         {std::vector<hsize_t>{M}, {M, K + 1}, {M * K}, {M, K, 1}, {1 << 30, 1 << 30}}) {
        edit([&](hid_t file) { replace(file, "/cases/000000/inputs/a", H5T_STD_I16LE, sizes); });
        expect_error({"case 000000", "inputs/a: shape is", "expected " + shape.text()});
    }
}

TEST_F(Damage, AScalarDataset) {
    edit([](hid_t file) {
        H5Ldelete(file, "/cases/000000/inputs/a", H5P_DEFAULT);
        const hdf5::Handle space(H5Screate(H5S_SCALAR), H5Sclose, "space");
        const hdf5::Handle made(
            H5Dcreate2(file, "/cases/000000/inputs/a", H5T_STD_I16LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
            H5Dclose, "a");
    });
    expect_error({"case 000000", "inputs/a: shape is no dimensions"});
}

TEST_F(Damage, HugeShapesAreNotAllocated) {
    // The header and the dataset agree on 2 TiB, of which not a byte is stored.
    edit([](hid_t file) {
        replace_string(group(file, "/cases/000000"), "params", R"({"M":1048576,"N":1,"K":1048576,"policy":"exact"})");
        replace(file, "/cases/000000/inputs/a", H5T_STD_I16LE, {1 << 20, 1 << 20}, {1 << 10, 1 << 10});
    });
    expect_error({"case 000000", "inputs/a: 0 bytes stored, expected the data of 2199023255552 bytes"});
}

/// In the older file format, without checksums, a dataset may claim any size that nobody stored.
TEST_F(Damage, MoreThanTheFileHas) {
    const std::string old = directory_.file("old.h5");
    edit([&](hid_t file) {
        replace_string(group(file, "/cases/000000"), "params", R"({"M":1048576,"N":1,"K":1048576,"policy":"exact"})");
        const hdf5::Handle copy(H5Fcreate(old.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, old);
        ASSERT_GE(H5Ocopy(file, "cases", copy, "cases", H5P_DEFAULT, H5P_DEFAULT), 0);
        for (const char* name : {"schema", "level", "seed"}) hdf5::write_integer(copy, name, 1);
        for (const char* name : {"suite", "generator"}) hdf5::write_string(copy, name, "test");
        hdf5::write_string(copy, "contract", kContractVersion);
        replace(copy, "/cases/000000/inputs/a", H5T_STD_I16LE, {1 << 20, 1 << 20});
    });
    const std::string nowhere(8, '\xFF');
    const std::string size("\0\0\0\0\0\2\0\0", 8);  // 2^41
    std::string bytes = test::bytes_of(old);
    const std::size_t at = bytes.find("\3\1" + nowhere + size);  // version 3 of the layout: contiguous, where, how much
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at + 2, 8, std::string("\0\1\0\0\0\0\0\0", 8));
    test::write_bytes(path_, bytes);
    expect_error({"case 000000", "inputs/a: damaged: 2199023255552 bytes stored, expected at most the "});
}

TEST_F(Damage, MissingExponent) {
    edit([](hid_t file) { H5Adelete(dataset(file, "/cases/000000/inputs/a"), "exponent"); });
    expect_error({"case 000000", "inputs/a: attribute 'exponent' is missing"});
}

TEST_F(Damage, ExponentsOutOfRange) {
    for (const std::int64_t exponent : {-127, 128, 1 << 20}) {
        edit([&](hid_t file) {
            const hdf5::Handle a = dataset(file, "/cases/000000/inputs/a");
            H5Adelete(a, "exponent");
            hdf5::write_integer(a, "exponent", exponent);
        });
        expect_error({"inputs/a", "'exponent' is " + std::to_string(exponent) + ", expected -126 to 127"});
    }
}

TEST_F(Damage, ExponentsOfProductsHaveTwiceTheRange) {
    edit([](hid_t file) {
        const hdf5::Handle c = dataset(file, "/cases/000001/outputs/c");
        H5Adelete(c, "exponent");
        hdf5::write_integer(c, "exponent", 255);
    });
    expect_error({"case 000001", "outputs/c", "'exponent' is 255, expected -252 to 254"});
}

TEST_F(Damage, ExponentOfAnotherType) {
    edit([](hid_t file) { replace_string(dataset(file, "/cases/000000/inputs/a"), "exponent", "3"); });
    expect_error({"inputs/a", "'exponent' is a string, expected one integer"});
}

TEST_F(Damage, AWrongDigest) {
    edit([](hid_t file) { replace_string(group(file, "/cases/000002"), "digest", "0123"); });
    expect_error({"case 000002", "damaged: digest is ", "expected 0123"});
}

TEST_F(Damage, AChangedName) {
    edit([](hid_t file) { replace_string(group(file, "/cases/000000"), "name", "another"); });
    expect_error({"case 000000", "damaged: digest is "});
}

TEST_F(Damage, AChangedElement) {
    edit([](hid_t file) {
        const hdf5::Handle c = dataset(file, "/cases/000001/outputs/c");
        std::vector<std::int32_t> values(test::case_of("gemm", 12).outputs[0].shape.elements());
        ASSERT_GE(H5Dread(c, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
        values[0] ^= 1;
        ASSERT_GE(H5Dwrite(c, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
    });
    expect_error({"case 000001", "damaged: digest is "});
}

TEST_F(Damage, AChangedExponent) {
    edit([](hid_t file) {
        const hdf5::Handle a = dataset(file, "/cases/000000/inputs/a");
        H5Adelete(a, "exponent");
        hdf5::write_integer(a, "exponent", 5);
    });
    expect_error({"case 000000", "damaged: digest is "});
}

TEST_F(Damage, AShardThatIsNone) {
    for (const char* text : {"", "0/2", "3/2", "1/2 ", "1"}) {
        edit([&](hid_t file) {
            H5Adelete(file, "shard");
            hdf5::write_string(file, "shard", text);
        });
        expect_error({std::string("shard '") + text + "', expected I/N"});
    }
}

TEST_F(Damage, ACaseBeyondTheLast) {
    const GoldenReader reader(path_);
    EXPECT_EQ(test::error_of([&] { reader.read(3); }), path_ + ": case 3 does not exist, the file has 3 cases");
}

/// What h5py writes: variable-length strings, other integer types, big-endian data, contiguous datasets.
TEST_F(Damage, OtherWritersFormsAreRead) {
    const std::vector<Case> good = test::read_file(path_);
    edit([&](hid_t file) {
        const hdf5::Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "type");
        H5Tset_size(type, H5T_VARIABLE);
        H5Tset_cset(type, H5T_CSET_UTF8);
        const hdf5::Handle space(H5Screate(H5S_SCALAR), H5Sclose, "space");
        const hdf5::Handle first = group(file, "/cases/000000");
        H5Adelete(first, "name");
        const hdf5::Handle name(H5Acreate2(first, "name", type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, "name");
        const char* text = good[0].name.c_str();
        ASSERT_GE(H5Awrite(name, type, &text), 0);

        const HostTensor& a = good[0].inputs[0];
        replace(file, "/cases/000000/inputs/a", H5T_STD_I16BE,
                {static_cast<hsize_t>(a.shape[0]), static_cast<hsize_t>(a.shape[1])});
        const hdf5::Handle data = dataset(file, "/cases/000000/inputs/a");
        ASSERT_GE(H5Dwrite(data, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, a.mantissas().data()), 0);
        H5Adelete(data, "exponent");
        const hdf5::Handle exponent(H5Acreate2(data, "exponent", H5T_STD_I8BE, space, H5P_DEFAULT, H5P_DEFAULT),
                                    H5Aclose, "exponent");
        ASSERT_GE(H5Awrite(exponent, H5T_NATIVE_INT, &a.exponent.value), 0);
    });
    const std::vector<Case> read = test::read_file(path_);
    EXPECT_EQ(read[0].name, good[0].name);
    EXPECT_FALSE(compare(good[0].inputs[0], read[0].inputs[0]));
}

}  // namespace
}  // namespace dfp16
