// Text read in blocks from anywhere, taken line by line and word by word, with line numbers for messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dfp16 {

class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// At least one byte, at most `size`; 0 at the end. Throws InputError.
    virtual std::size_t read(char* into, std::size_t size) = 0;
};

/// A file, pipe or terminal.
class DescriptorSource : public ByteSource {
public:
    /// `name` is what messages call it.
    DescriptorSource(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
    std::size_t read(char* into, std::size_t size) override;

private:
    int descriptor_;
    std::string name_;
};

/// Takes no more of the source than it must: a line that is complete is given before the next is asked for. Blanks are
/// spaces, tabs and carriage returns.
class TextReader {
public:
    explicit TextReader(ByteSource& source) : source_(source), buffer_(kBuffer) {}

    /// The number, from 1, of the line that the next character is in.
    std::int64_t line() const { return line_; }
    /// Whether nothing is left.
    bool at_end() { return begin_ == end_ && !refill(); }
    /// Whether nothing is left but blanks in this line, or in all.
    bool at_end_of_line();
    /// The next word of this line; empty at its end. Of longer words the first `most` characters and the rest as the
    /// next word: what compares or converts words then finds them wrong.
    std::string word(std::size_t most = 64);
    /// What is left of this line, without blanks around it, but no more than `most` characters; the line is over then.
    std::string rest(std::size_t most);
    /// Ends the line, whatever is left of it. False if its end is missing.
    bool skip_line();
    /// Skips blanks; gives whether there were any.
    bool skip_blanks();

    /// What has been read and not been taken, of any number of lines; never empty unless at_end().
    std::string_view ahead() {
        return at_end() ? std::string_view() : std::string_view(&buffer_[begin_], end_ - begin_);
    }
    /// Takes characters of ahead(), none of which ends a line.
    void take(std::size_t characters) { begin_ += characters; }

private:
    static constexpr std::size_t kBuffer = std::size_t{1} << 18;

    bool refill();

    ByteSource& source_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::int64_t line_ = 1;
};

/// For messages: at most 40 characters of it, in quotes, each that cannot be shown as '?'.
std::string shown(std::string_view text);

}  // namespace dfp16
