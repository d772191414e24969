#include "reference/schedule.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr int kPowerMost = 16;

template <typename Number>
bool parse(const std::string& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

/// What is between the separators; one empty text for an empty one.
std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (std::size_t end = 0; end != std::string::npos; start = end + 1) {
        end = text.find(separator, start);
        parts.push_back(text.substr(start, end - start));
    }
    return parts;
}

bool is_gamma(const std::string& text, float& gamma) {
    return parse(text, gamma) && gamma > 0.0f && gamma <= 1.0f;
}

bool are_milestones(const std::string& text, std::vector<std::int64_t>& milestones) {
    for (const std::string& part : split(text, ',')) {
        const std::int64_t last = milestones.empty() ? 0 : milestones.back();
        std::int64_t value = 0;
        if (!parse(part, value) || value <= last) return false;
        milestones.push_back(value);
    }
    return true;
}

/// Cut short once multiplying changes nothing any more.
float dropped(float rate, float gamma, std::int64_t drops) {
    for (std::int64_t i = 0; i < drops; ++i) {
        const float next = rate * gamma;
        if (next == rate) break;
        rate = next;
    }
    return rate;
}

float poly(float rate, int power, float left) {
    if (power == 0) return rate * std::sqrt(left);
    float factor = left;
    for (int i = 1; i < power; ++i) factor = factor * left;
    return rate * factor;
}

/// rate * sin^2(pi/2 * left / total), which is rate * (1 + cos(pi * done / total)) / 2 without its cancellation.
float cosine(float rate, std::int64_t left, std::int64_t total) {
    const double a = static_cast<double>(left) / static_cast<double>(total) * 0x1.921fb54442d18p0;
    const double z = a * a;
    double p = 1.0 / 51090942171709440000.0;  // 1/21!
    for (const double c :
         {-1.0 / 121645100408832000.0, 1.0 / 355687428096000.0, -1.0 / 1307674368000.0, 1.0 / 6227020800.0,
          -1.0 / 39916800.0, 1.0 / 362880.0, -1.0 / 5040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0}) {
        p = std::fma(p, z, c);
    }
    const double s = p * a;
    return static_cast<float>(static_cast<double>(rate) * (s * s));
}

}  // namespace

Schedule schedule_of(const std::string& text) {
    const std::vector<std::string> parts = split(text, ':');
    const std::string& name = parts[0];
    Schedule schedule;
    bool good = false;
    if (parts.size() == 1) {
        good = name == "constant" || name == "linear" || name == "cosine";
        schedule.kind = name == "constant" ? Schedule::Kind::constant
                        : name == "cosine" ? Schedule::Kind::cosine
                                           : Schedule::Kind::linear;
    } else if (name == "step" && parts.size() == 3) {
        schedule.kind = Schedule::Kind::step;
        good = is_gamma(parts[1], schedule.gamma) && parse(parts[2], schedule.every) && schedule.every > 0;
    } else if (name == "multistep" && parts.size() == 3) {
        schedule.kind = Schedule::Kind::multistep;
        good = is_gamma(parts[1], schedule.gamma) && are_milestones(parts[2], schedule.milestones);
    } else if (name == "poly" && parts.size() == 2) {
        schedule.kind = Schedule::Kind::poly;
        const bool root = parts[1] == "0.5";
        good = root || (parse(parts[1], schedule.power) && schedule.power >= 1 && schedule.power <= kPowerMost);
        if (root) schedule.power = 0;
    }
    if (good) return schedule;
    throw InputError(
        fmt::format("--lr-schedule '{}', expected constant, linear, cosine, step:GAMMA:EVERY, "
                    "multistep:GAMMA:M1[,M2...] (GAMMA above 0, at most 1; steps ascending) or poly:POWER "
                    "(0.5, or 1 to {})",
                    text, kPowerMost));
}

std::string name_of(const Schedule& schedule) {
    switch (schedule.kind) {
        case Schedule::Kind::constant: return "constant";
        case Schedule::Kind::linear: return "linear";
        case Schedule::Kind::step: return fmt::format("step:{}:{}", schedule.gamma, schedule.every);
        case Schedule::Kind::multistep:
            return fmt::format("multistep:{}:{}", schedule.gamma, fmt::join(schedule.milestones, ","));
        case Schedule::Kind::poly: return schedule.power == 0 ? "poly:0.5" : fmt::format("poly:{}", schedule.power);
        case Schedule::Kind::cosine: return "cosine";
    }
    return "?";
}

float learning_rate_of(const Schedule& schedule, float rate, std::int64_t step, std::int64_t steps) {
    const std::int64_t warmup = schedule.warmup;
    if (step < warmup) return rate * (static_cast<float>(step + 1) / static_cast<float>(warmup));
    const std::int64_t total = steps - warmup;
    const std::int64_t done = step - warmup;
    const float left = 1.0f - static_cast<float>(done) / static_cast<float>(total);
    switch (schedule.kind) {
        case Schedule::Kind::constant: break;
        case Schedule::Kind::linear: return rate * left;
        case Schedule::Kind::step: return dropped(rate, schedule.gamma, step / schedule.every);
        case Schedule::Kind::multistep: {
            std::int64_t drops = 0;
            for (const std::int64_t milestone : schedule.milestones) drops += milestone <= step ? 1 : 0;
            return dropped(rate, schedule.gamma, drops);
        }
        case Schedule::Kind::poly: return poly(rate, schedule.power, left);
        case Schedule::Kind::cosine: return cosine(rate, total - done, total);
    }
    return rate;
}

}  // namespace dfp16
