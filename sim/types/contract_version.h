#pragma once

namespace dfp16 {

/// The version of docs/contract.md that this code implements. Golden files carry it.
inline constexpr const char* kContractVersion = "2";

}  // namespace dfp16
