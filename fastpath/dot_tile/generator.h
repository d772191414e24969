// Dot tiles as machine code (Xbyak).
#pragma once

#include <memory>

#include "fastpath/dot_tile/dot_tile.h"

namespace dfp16::fast {

/// Owns the code.
class GeneratedDotTile {
public:
    virtual ~GeneratedDotTile() = default;
    virtual DotTile entry() const = 0;
};

/// Whether the ISA has instructions for it; compiled code serves the others.
bool can_generate(const DotTileShape& shape);
std::unique_ptr<GeneratedDotTile> generate_dot_tile(const DotTileShape& shape);

}  // namespace dfp16::fast
