// A crash inside HDF5 is one line about the file that it worked on; any other stays what it was.
#include "reference/files/hdf5_crash.h"

#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <string>

namespace dfp16 {
namespace {

class Hdf5CrashDeathTest : public testing::Test {
protected:
    const std::string path_ = "some dir/a.h5";
};

TEST_F(Hdf5CrashDeathTest, WhileReadingIsOneLineAndStatus2) {
    for (const int number : {SIGSEGV, SIGBUS}) {
        EXPECT_EXIT(
            {
                hdf5::explain_crashes();
                const hdf5::Reading reading(path_);
                raise(number);
            },
            testing::ExitedWithCode(2),
            "^dfp16: some dir/a.h5: damaged HDF5 file, on which the HDF5 library crashed; expected an intact one\n$");
    }
}

TEST_F(Hdf5CrashDeathTest, ReadingMayNest) {
    EXPECT_EXIT(
        {
            hdf5::explain_crashes();
            const hdf5::Reading reading(path_);
            {
                const std::string other = "b.h5";
                const hdf5::Reading inner(other);
            }
            raise(SIGSEGV);
        },
        testing::ExitedWithCode(2), "some dir/a.h5: damaged");
}

TEST_F(Hdf5CrashDeathTest, ElsewhereItStaysACrash) {
    EXPECT_EXIT(
        {
            signal(SIGSEGV, SIG_DFL);  // not the sanitizer's
            hdf5::explain_crashes();
            std::optional<hdf5::Reading> reading(path_);
            reading.reset();
            raise(SIGSEGV);
            raise(SIGSEGV);  // the handler lets a fault happen again; raised, it has to be raised again
        },
        testing::KilledBySignal(SIGSEGV), "^$");
}

}  // namespace
}  // namespace dfp16
