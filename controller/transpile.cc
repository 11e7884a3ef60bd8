#include "controller/transpile.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_text.h"
#include "controller/butane/transpile.h"

namespace firesteel {
namespace {

int Fail(const std::string& message) {
  std::cerr << message << "\n";
  return 1;
}

Result<std::string> Read(const std::string& file) {
  if (file != "-") return ReadFile(file);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

int Write(const std::string& text, const std::string& file) {
  if (file.empty()) {
    std::cout << text << "\n" << std::flush;
    return std::cout ? 0 : Fail("failed to write to standard output");
  }
  std::ofstream out(file, std::ios::trunc);
  out << text << "\n" << std::flush;
  return out ? 0 : Fail("failed to write to " + file);
}

}  // namespace

int RunTranspile(const TranspileOptions& options) {
  const Result<std::string> text = Read(options.file);
  if (!text.ok()) return Fail(text.error().message);
  const butane::Transpiled result = butane::Transpile(*text);
  for (const butane::Entry& entry : result.entries) std::cerr << ToString(entry) << "\n";
  if (!result.ignition) return Fail("Error translating config: " + result.error);
  if (options.strict && !result.entries.empty()) {
    return Fail("Config produced warnings and --strict was specified");
  }
  const bool pretty = options.pretty;
  return Write(pretty ? ToText(nlohmann::json::parse(*result.ignition), 2) : *result.ignition,
               options.output);
}

}  // namespace firesteel
