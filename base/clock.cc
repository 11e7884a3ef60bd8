#include "base/clock.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace firesteel {
namespace {

class RealClock : public Clock {
 public:
  WallTime Now() const override { return std::chrono::system_clock::now(); }
  MonotonicTime Monotonic() const override { return std::chrono::steady_clock::now(); }
};

void AppendDigits(std::string& text, int64_t number, int count) {
  for (int64_t unit = count == 4 ? 1000 : 10; unit > 0; unit /= 10) text += static_cast<char>('0' + number / unit % 10);
}

// Not by strftime and strptime, which look up time zone and locale: a status has a dozen times.
std::string SecondsPart(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::string text;
  text.reserve(32);
  AppendDigits(text, static_cast<int>(date.year()), 4);
  AppendDigits(text += '-', static_cast<unsigned>(date.month()), 2);
  AppendDigits(text += '-', static_cast<unsigned>(date.day()), 2);
  AppendDigits(text += 'T', clock.hours().count(), 2);
  AppendDigits(text += ':', clock.minutes().count(), 2);
  AppendDigits(text += ':', clock.seconds().count(), 2);
  return text;
}

constexpr size_t kSecondsSize = 19;

// "2026-11-21T04:35:23", whatever follows.
std::optional<WallTime> ReadSeconds(std::string_view text) {
  if (text.size() < kSecondsSize || text[4] != '-' || text[7] != '-' || text[10] != 'T') return std::nullopt;
  if (text[13] != ':' || text[16] != ':') return std::nullopt;
  std::array<unsigned, 6> numbers{};
  size_t at = 0;
  for (unsigned& number : numbers) {
    const char* const end = text.data() + at + (at == 0 ? 4 : 2);
    if (std::from_chars(text.data() + at, end, number).ptr != end) return std::nullopt;
    at += at == 0 ? 5 : 3;
  }
  const auto [year, month, day, hour, minute, second] = numbers;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

std::string FormatTime(WallTime time) { return SecondsPart(time) + "Z"; }

std::string FormatMicroTime(WallTime time) {
  const auto since = time - std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(micros));
  return SecondsPart(time) + fraction;
}

Result<WallTime> ParseTime(std::string_view text) {
  const std::optional<WallTime> seconds = ReadSeconds(text);
  if (!seconds) return InvalidArgument("'" + std::string(text) + "' is not an RFC 3339 time");
  std::string_view rest = text.substr(kSecondsSize);
  int micros = 0;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    for (int scale = 100000; !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; scale /= 10, rest.remove_prefix(1)) {
      micros += (rest[0] - '0') * scale;
    }
  }
  if (rest != "Z") return InvalidArgument("'" + std::string(text) + "' is not in UTC (…Z)");
  return *seconds + std::chrono::microseconds(micros);
}

}  // namespace firesteel
