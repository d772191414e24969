#include "reference/data/data_digest.h"

#include "reference/data/packed_images.h"
#include "reference/files/hasher.h"

namespace dfp16 {

std::string digest_of(const DataSource& data) {
    Hasher hasher;
    for (const Dataset* set : {&data.train, &data.test}) {
        for (const std::int64_t size : {set->count, set->channels, set->height, set->width, set->classes}) {
            hasher.number(size);
        }
        hasher.bytes(set->normalization.data(), set->normalization.size() * sizeof set->normalization[0]);
        hasher.bytes(set->pixels.data(), set->pixels.size());
        if (set->packed) hasher.bytes(set->packed->index().digests.data(), set->packed->index().digests.size());
        hasher.bytes(set->labels.data(), set->labels.size() * sizeof set->labels[0]);
    }
    return hasher.hex();
}

}  // namespace dfp16
