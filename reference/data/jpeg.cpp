#include "reference/data/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

// jpeglib.h needs the headers above.
#include <jerror.h>
#include <jpeglib.h>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 27;

/// libjpeg reports through these; an error leaves libjpeg by longjmp, over C frames only.
struct Errors {
    jpeg_error_mgr base;
    std::jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void escape_from(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    errors->base.format_message(info, errors->message);
    std::longjmp(errors->escape, 1);
}

/// Warnings of damaged or missing image data are errors; others tell of oddities around sound data.
bool is_damage(int code) {
    switch (code) {
        case JWRN_ADOBE_XFORM:
        case JWRN_BOGUS_ICC:
        case JWRN_EXTRANEOUS_DATA:
        case JWRN_JFIF_MAJOR: return false;
        default: return true;
    }
}

void take_message(j_common_ptr info, int level) {
    if (level < 0 && is_damage(info->err->msg_code)) escape_from(info);
}

jpeg_error_mgr* prepare(Errors& errors) {
    jpeg_std_error(&errors.base);
    errors.base.error_exit = escape_from;
    errors.base.emit_message = take_message;
    return &errors.base;
}

std::uint8_t product_255(unsigned a, unsigned b) {
    return static_cast<std::uint8_t>((a * b + 127) / 255);
}

struct Decoder {
    jpeg_decompress_struct info{};
    Errors errors{};
    std::vector<std::uint8_t> cmyk;  ///< one row
    Image image;

    Decoder() { info.err = prepare(errors); }
    ~Decoder() { jpeg_destroy_decompress(&info); }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    bool is_cmyk() const { return info.out_color_space == JCS_CMYK; }

    /// Adobe's files hold 255 minus each ink.
    void convert_cmyk_row(std::uint8_t* rgb) const {
        const unsigned flip = info.saw_Adobe_marker ? 0u : 255u;
        for (std::size_t x = 0; x < static_cast<std::size_t>(image.width); ++x) {
            const unsigned black = cmyk[4 * x + 3] ^ flip;
            for (std::size_t c = 0; c < 3; ++c) rgb[3 * x + c] = product_255(cmyk[4 * x + c] ^ flip, black);
        }
    }

    /// False after a libjpeg error. No object with a destructor may live here: longjmp passes them by.
    bool header(std::span<const std::uint8_t> bytes) {
        if (setjmp(errors.escape) != 0) return false;
        jpeg_create_decompress(&info);
        jpeg_mem_src(&info, bytes.data(), bytes.size());
        jpeg_read_header(&info, TRUE);
        const bool four = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
        info.out_color_space = four ? JCS_CMYK : JCS_RGB;
        info.dct_method = JDCT_ISLOW;
        info.do_fancy_upsampling = TRUE;
        info.do_block_smoothing = FALSE;
        return true;
    }

    bool rows() {
        if (setjmp(errors.escape) != 0) return false;
        jpeg_start_decompress(&info);
        while (info.output_scanline < info.output_height) {
            std::uint8_t* rgb =
                image.pixels.data() + std::size_t{info.output_scanline} * static_cast<std::size_t>(image.width) * 3;
            JSAMPROW row = is_cmyk() ? cmyk.data() : rgb;
            jpeg_read_scanlines(&info, &row, 1);
            if (is_cmyk()) convert_cmyk_row(rgb);
        }
        jpeg_finish_decompress(&info);
        return true;
    }
};

struct Encoder {
    jpeg_compress_struct info{};
    Errors errors{};
    unsigned char* bytes = nullptr;
    unsigned long size = 0;

    Encoder() { info.err = prepare(errors); }
    ~Encoder() {
        jpeg_destroy_compress(&info);
        std::free(bytes);
    }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    bool encode(const Image& image, int quality) {
        if (setjmp(errors.escape) != 0) return false;
        jpeg_create_compress(&info);
        jpeg_mem_dest(&info, &bytes, &size);
        info.image_width = static_cast<JDIMENSION>(image.width);
        info.image_height = static_cast<JDIMENSION>(image.height);
        info.input_components = 3;
        info.in_color_space = JCS_RGB;
        jpeg_set_defaults(&info);
        jpeg_set_quality(&info, quality, TRUE);
        info.dct_method = JDCT_ISLOW;
        jpeg_start_compress(&info, TRUE);
        while (info.next_scanline < info.image_height) {
            auto* row = const_cast<std::uint8_t*>(image.pixels.data()) +
                        std::size_t{info.next_scanline} * static_cast<std::size_t>(image.width) * 3;
            jpeg_write_scanlines(&info, &row, 1);
        }
        jpeg_finish_compress(&info);
        return true;
    }
};

}  // namespace

Image decode_jpeg(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) throw InputError("no bytes, expected a JPEG");
    const auto decoder = std::make_unique<Decoder>();
    if (!decoder->header(bytes)) throw InputError(decoder->errors.message);
    Image& image = decoder->image;
    image.width = decoder->info.image_width;
    image.height = decoder->info.image_height;
    if (image.width * image.height > kMostPixels) {
        throw InputError(std::to_string(image.width) + "x" + std::to_string(image.height) +
                         " pixels, expected at most 2^27");
    }
    image.pixels.resize(static_cast<std::size_t>(image.width * image.height * 3));
    if (decoder->is_cmyk()) decoder->cmyk.resize(static_cast<std::size_t>(image.width) * 4);
    if (!decoder->rows()) throw InputError(decoder->errors.message);
    return std::move(image);
}

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
    const auto encoder = std::make_unique<Encoder>();
    if (!encoder->encode(image, quality)) throw InputError(encoder->errors.message);
    return {encoder->bytes, encoder->bytes + encoder->size};
}

}  // namespace dfp16
