// Which image files a set is packed from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dfp16 {

struct ListedImage {
    std::string path;  ///< where the file is
    std::string name;  ///< what the packed file calls it: relative to the directory
    std::int32_t label = 0;
};

struct ImageList {
    std::vector<ListedImage> images;
    std::vector<std::string> classes;
};

/// CLASS/NAME files of a directory: labels are the places of the class directories in byte order of their names, images
/// in byte order of class, then name. Hidden files and files outside class directories are not taken. `classes`, if not
/// empty, says the classes instead: a directory of another name is an error. Throws InputError.
ImageList list_directory(const std::string& directory, const std::vector<std::string>& classes);

/// The images of a list file, one a line: path, tab or blank, label (a whole number from 0). Paths are relative to
/// `directory`, or to the list's own place if that is empty. Classes are 0 to the largest label, named by their
/// numbers; `classes`, if not empty, says them instead: a label beyond them is an error. Throws InputError, which names
/// the line.
ImageList read_list(const std::string& list, const std::string& directory, const std::vector<std::string>& classes);

}  // namespace dfp16
