#include "vectors/kernel/load.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "reference/interface/operation.h"
#include "sim/types/error.h"

namespace dfp16::kernel {

namespace {

/// The text, cut to fit.
template <std::size_t size>
void put(std::array<char, size>& place, const std::string& text) {
    const std::size_t count = std::min(text.size(), size - 1);
    std::memcpy(place.data(), text.data(), count);
    place[count] = '\0';
}

void require(bool condition, const std::string& message) {
    if (!condition) throw InputError(message);
}

bool known_layout(std::int32_t layout) {
    return layout >= DFP16_PLAIN && layout <= DFP16_VNNI16;
}

CatalogEntry checked(const dfp16_kernel_entry* entry, std::size_t number) {
    const std::string place = fmt::format("entry {} of its table", number);
    require(entry != nullptr, place + " is a null pointer");
    require(entry->struct_size >= sizeof(dfp16_kernel_entry),
            fmt::format("{} has struct_size {}, expected {} or more", place, entry->struct_size,
                        sizeof(dfp16_kernel_entry)));
    require(entry->op != nullptr, place + " has no op");
    require(entry->run != nullptr, fmt::format("{} ({}) has no run function", place, entry->op));
    constexpr std::uint32_t kKnownFlags = DFP16_KERNEL_STRIDED;
    require((entry->flags & ~kKnownFlags) == 0,
            fmt::format("{} ({}) has unknown flags {:#x}, expected a combination of {:#x}", place, entry->op,
                        entry->flags, kKnownFlags));
    op_kind_of(entry->op);  // an unknown one is told
    CatalogEntry checked;
    put(checked.op, entry->op);
    checked.flags = entry->flags;
    std::copy(std::begin(entry->input_layouts), std::end(entry->input_layouts), checked.input_layouts.begin());
    std::copy(std::begin(entry->output_layouts), std::end(entry->output_layouts), checked.output_layouts.begin());
    for (const auto& layouts : {checked.input_layouts, checked.output_layouts}) {
        const auto unknown = std::find_if_not(layouts.begin(), layouts.end(), known_layout);
        if (unknown == layouts.end()) continue;
        throw InputError(fmt::format("{} ({}) has layout {}, expected {} to {}", place, entry->op, *unknown,
                                     DFP16_PLAIN, DFP16_VNNI16));
    }
    return checked;
}

const dfp16_kernel_library& table_of(void* handle) {
    using Export = const dfp16_kernel_library* (*)();
    void* symbol = dlsym(handle, "dfp16_kernels");
    require(symbol != nullptr, "does not export dfp16_kernels()");
    const dfp16_kernel_library* library = reinterpret_cast<Export>(symbol)();
    require(library != nullptr, "dfp16_kernels() gave a null pointer");
    require(library->abi == DFP16_KERNEL_ABI,
            fmt::format("has kernel ABI {}, expected {}", library->abi, DFP16_KERNEL_ABI));
    require(library->struct_size >= sizeof(dfp16_kernel_library),
            fmt::format("its table has struct_size {}, expected {} or more", library->struct_size,
                        sizeof(dfp16_kernel_library)));
    require(library->entries != nullptr && library->entry_count > 0, "its table is empty");
    require(library->entry_count <= kMostEntries,
            fmt::format("its table has {} entries, expected at most {}", library->entry_count, kMostEntries));
    return *library;
}

}  // namespace

const dfp16_kernel_library* load(const std::string& path, Control& control) {
    try {
        void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            const char* why = dlerror();
            throw InputError(why != nullptr ? why : "cannot be loaded");
        }
        const dfp16_kernel_library& library = table_of(handle);
        for (std::size_t i = 0; i < library.entry_count; ++i) control.catalog[i] = checked(library.entries[i], i);
        control.entries = library.entry_count;
        put(control.library_name, library.name != nullptr ? library.name : "");
        return &library;
    } catch (const std::exception& error) {
        put(control.text, error.what());
        return nullptr;
    }
}

}  // namespace dfp16::kernel
