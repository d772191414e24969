// Tensors in HDF5: however a file cuts, filters or leaves out its chunks, what is read is what HDF5 itself would read.
#include "vectors/hdf5_tensor.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "reference/compare.h"
#include "tests/vectors_helpers.h"
#include "vectors/tensor_data.h"

namespace dfp16 {
namespace {

using test::TemporaryDirectory;

/// How a foreign writer may keep a dataset.
struct Form {
    std::vector<hsize_t> chunk;
    std::vector<H5Z_filter_t> filters = {H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE};
    hid_t type = H5T_STD_I16LE;
};

class Hdf5Tensor : public testing::TestWithParam<Form> {
protected:
    Hdf5Tensor() {
        hdf5::silence();
        tensor_ = mantissa_tensor(Fill::bell, operand_.shape, 3, {}, 0);
    }

    /// A dataset in that form; `fill` writes it, or parts of it.
    HostTensor read_after(const Form& form, const std::function<void(hid_t dataset)>& fill) {
        write(form, fill);
        const hdf5::Handle file = hdf5::open_file(path_);
        return hdf5::inflate_tensor(hdf5::fetch_tensor(file, operand_, "a.h5"));
    }

    void write(const Form& form, const std::function<void(hid_t dataset)>& fill) {
        const hdf5::Handle file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "file");
        const hdf5::Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "list");
        H5Pset_chunk(creation, 4, form.chunk.data());
        for (const H5Z_filter_t filter : form.filters) {
            if (filter == H5Z_FILTER_SHUFFLE) H5Pset_shuffle(creation);
            if (filter == H5Z_FILTER_DEFLATE) H5Pset_deflate(creation, 6);
            if (filter == H5Z_FILTER_FLETCHER32) H5Pset_fletcher32(creation);
        }
        const hsize_t sizes[] = {3, 5, 7, 11};
        const hdf5::Handle space(H5Screate_simple(4, sizes, nullptr), H5Sclose, "space");
        const hdf5::Handle dataset(H5Dcreate2(file, "x", form.type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                                   H5Dclose, "x");
        hdf5::write_integer(dataset, "exponent", tensor_.exponent.value);
        fill(dataset);
    }

    void write_all(hid_t dataset) const {
        ASSERT_GE(H5Dwrite(dataset, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor_.mantissas().data()), 0);
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("a.h5");
    Operand operand_{"x", "n,c,h,w", ElementType::mantissa, Shape{3, 5, 7, 11}, true};
    HostTensor tensor_;
};

TEST_P(Hdf5Tensor, IsReadWhateverItsForm) {
    const HostTensor read = read_after(GetParam(), [&](hid_t dataset) { write_all(dataset); });
    EXPECT_FALSE(compare(tensor_, read));
    EXPECT_EQ(read.exponent, tensor_.exponent);
}

INSTANTIATE_TEST_SUITE_P(Forms, Hdf5Tensor,
                         testing::Values(Form{{3, 5, 7, 11}}, Form{{1, 5, 7, 11}}, Form{{2, 5, 7, 11}},
                                         Form{{2, 2, 2, 2}}, Form{{3, 2, 7, 11}}, Form{{1, 1, 1, 1}},
                                         Form{{3, 5, 4, 8}}, Form{{2, 5, 7, 11}, {}},
                                         Form{{2, 5, 7, 11}, {H5Z_FILTER_DEFLATE}},
                                         Form{{2, 5, 7, 11}, {H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE}},
                                         Form{{2, 5, 7, 11}, {H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32}},
                                         Form{{2, 3, 7, 11}, {H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE}, H5T_STD_I16BE}));

const Form kWhole = {{3, 5, 7, 11}};
constexpr std::size_t kBytes = 3 * 5 * 7 * 11 * 2;

/// One chunk as it is to be in the file, and which filters it did not go through.
std::function<void(hid_t)> raw_chunk(std::uint32_t left_out, std::vector<unsigned char> bytes) {
    return [=](hid_t dataset) {
        const hsize_t begin[] = {0, 0, 0, 0};
        ASSERT_GE(H5Dwrite_chunk(dataset, H5P_DEFAULT, left_out, begin, bytes.size(), bytes.data()), 0);
    };
}

TEST_F(Hdf5Tensor, AChunkMayLeaveOutFilters) {
    std::vector<unsigned char> bytes(kBytes);
    std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(0));
    const HostTensor plain = read_after(kWhole, raw_chunk(3, bytes));
    const HostTensor shuffled = read_after(kWhole, raw_chunk(2, bytes));
    for (std::size_t i = 0; i < kBytes / 2; ++i) {
        const auto at = static_cast<std::int64_t>(i);
        ASSERT_EQ(plain.bits(at), bytes[2 * i] | bytes[2 * i + 1] << 8);
        ASSERT_EQ(shuffled.bits(at), bytes[i] | bytes[kBytes / 2 + i] << 8);
    }
}

TEST_F(Hdf5Tensor, ChunksNeverWrittenAreZeros) {
    const Form form = {{1, 5, 7, 11}};
    std::vector<unsigned char> ones(kBytes / 3, 1);
    const HostTensor read = read_after(form, raw_chunk(3, ones));  // of the first of three chunks
    EXPECT_EQ(read.bits(0), 0x0101u);
    EXPECT_EQ(read.bits(5 * 7 * 11 - 1), 0x0101u);
    EXPECT_EQ(read.bits(5 * 7 * 11), 0u);
}

TEST_F(Hdf5Tensor, DamagedChunksAreTold) {
    const std::vector<unsigned char> noise(500, 0xa5);
    EXPECT_EQ(test::error_of([&] { read_after(kWhole, raw_chunk(0, noise)); }),
              "a.h5/x: damaged data (a chunk does not inflate to its 2310 bytes)");
    EXPECT_EQ(test::error_of([&] { read_after(kWhole, raw_chunk(3, noise)); }),
              "a.h5/x: damaged data (a chunk has 500 bytes, expected 2310)");
    EXPECT_EQ(test::error_of([&] { read_after(kWhole, raw_chunk(2, std::vector<unsigned char>(kBytes + 1))); }),
              "a.h5/x: damaged data (a chunk has 2311 bytes, expected 2310)");
}

}  // namespace
}  // namespace dfp16
