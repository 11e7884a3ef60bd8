#include "base/log.h"

#include <atomic>
#include <cstdio>
#include <mutex>

#include "base/clock.h"

namespace firesteel {
namespace {

std::atomic<LogFormat> g_format{LogFormat::kText};
std::atomic<LogLevel> g_minimum{LogLevel::kInfo};

const char* LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

void AppendEscaped(std::string& out, unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (c < 0x20 || c == 0x7f) {
    out += "\\u00";
    out += kHex[c >> 4];
    out += kHex[c & 15];
  } else {
    out += c < 0x80 ? static_cast<char>(c) : '?';
  }
}

bool NeedsQuotes(std::string_view value) {
  if (value.empty()) return true;
  for (unsigned char c : value) {
    if (c <= ' ' || c == '"' || c == '=' || c >= 0x7f) return true;
  }
  return false;
}

std::string TextLine(LogLevel level, std::string_view message, LogFields fields) {
  std::string line = FormatMicroTime(SystemClock().Now());
  line.append(" ").append(LevelName(level)).append(" ").append(message);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    line += NeedsQuotes(field.value) ? QuoteForLog(field.value) : field.value;
  }
  return line;
}

std::string JsonLine(LogLevel level, std::string_view message, LogFields fields) {
  std::string line = "{\"ts\":\"" + FormatMicroTime(SystemClock().Now()) + "\",\"level\":\"" +
                     LevelName(level) + "\",\"msg\":" + QuoteForLog(message);
  for (const LogField& field : fields) {
    line.append(",").append(QuoteForLog(field.key)).append(":").append(QuoteForLog(field.value));
  }
  return line + "}";
}

}  // namespace

void ConfigureLog(LogFormat format, LogLevel minimum) {
  g_format = format;
  g_minimum = minimum;
}

std::string QuoteForLog(std::string_view value) {
  std::string out = "\"";
  for (char c : value) AppendEscaped(out, static_cast<unsigned char>(c));
  return out + "\"";
}

void Log(LogLevel level, std::string_view message, LogFields fields) {
  if (level < g_minimum.load()) return;
  std::string line = g_format.load() == LogFormat::kJson ? JsonLine(level, message, fields)
                                                         : TextLine(level, message, fields);
  line += '\n';
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace firesteel
