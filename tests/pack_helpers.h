// Small JPEG files for tests of packing.
#pragma once

// jpeglib.h needs these two.
#include <jpeglib.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "reference/data/jpeg.h"
#include "sim/philox.h"

namespace dfp16::test {

using Bytes = std::vector<std::uint8_t>;

/// A gradient under noise, another one for each number.
inline Image image_of(std::int64_t width, std::int64_t height, std::uint32_t number) {
    const RandomStream noise{number, 0, Purpose::golden_case, 0};
    Image image{.width = width, .height = height, .pixels = {}};
    for (std::int64_t i = 0; i < width * height * 3; ++i) {
        const std::int64_t x = i / 3 % width;
        const std::int64_t y = i / 3 / width;
        const std::uint32_t drawn = noise.word(static_cast<std::uint64_t>(i)) >> 26;
        image.pixels.push_back(static_cast<std::uint8_t>((x * 3 + y * 2 + i % 3 * 40 + drawn + number * 17) % 256));
    }
    return image;
}

/// A JPEG of one (grayscale) or four (CMYK, with Adobe's marker) components, all pixels alike.
inline Bytes flat_jpeg(int width, int height, const std::vector<std::uint8_t>& pixel) {
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &bytes, &size);
    info.image_width = static_cast<JDIMENSION>(width);
    info.image_height = static_cast<JDIMENSION>(height);
    info.input_components = static_cast<int>(pixel.size());
    info.in_color_space = pixel.size() == 1 ? JCS_GRAYSCALE : JCS_CMYK;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 100, TRUE);
    jpeg_start_compress(&info, TRUE);
    Bytes row;
    for (int x = 0; x < width; ++x) row.insert(row.end(), pixel.begin(), pixel.end());
    JSAMPROW rows = row.data();
    for (int y = 0; y < height; ++y) jpeg_write_scanlines(&info, &rows, 1);
    jpeg_finish_compress(&info);
    Bytes jpeg(bytes, bytes + size);
    jpeg_destroy_compress(&info);
    std::free(bytes);
    return jpeg;
}

inline void write_file(const std::string& path, const Bytes& bytes) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// `each` images for each of the classes ant, bee and cat, of sizes between 40 and 90.
inline void write_folder(const std::string& directory, int each, std::uint32_t first = 0) {
    std::uint32_t number = first;
    for (const char* name : {"cat", "ant", "bee"}) {
        for (int i = 0; i < each; ++i, ++number) {
            const Image image = image_of(40 + number * 7 % 50, 40 + number * 11 % 50, number);
            write_file(directory + "/" + name + "/" + std::to_string(number) + ".JPEG", encode_jpeg(image, 90));
        }
    }
}

}  // namespace dfp16::test
