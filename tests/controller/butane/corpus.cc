#include "tests/controller/butane/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace firesteel::butane {
namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

Lines Split(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string Join(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void Add(const std::string& name, const std::string& text, std::vector<CorpusCase>& cases) {
  if (name.empty()) return;
  const bool whole = name.rfind("header.bu", 0) == 0 || text.find("variant:") != std::string::npos;
  if (whole) return cases.push_back({name, text});
  for (const std::string version : {"1.0.0", "1.1.0"}) {
    cases.push_back(
        {name + " (" + version + ")", "variant: flatcar\nversion: " + version + "\n" + text});
  }
}

// A word from anywhere in the corpus, to put where it does not belong.
const std::string& AnyLine(const std::vector<CorpusCase>& cases, std::mt19937& random,
                           Lines& buffer) {
  do {
    buffer = Split(cases[random() % cases.size()].text);
  } while (buffer.empty());
  return buffer[random() % buffer.size()];
}

bool IsAscii(const std::string& line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void Edit(const std::vector<CorpusCase>& cases, std::mt19937& random, Lines& lines) {
  static const Lines kWords = {"null", "~",   "[]",     "{}",      "x",    "0",       "-1", "true",
                               "\"\"", "[a]", "{a: b}", "/a/../b", "&a 1", "!!str 7", "*a"};
  if (lines.size() < 3) return;
  const size_t at = 2 + random() % (lines.size() - 2);  // the header stays
  std::string& line = lines[at];
  Lines buffer;
  const size_t colon = line.rfind(": ");
  switch (random() % 7) {
    case 0: lines.erase(lines.begin() + static_cast<long>(at)); break;
    case 1: lines.insert(lines.begin() + static_cast<long>(at), std::string(line)); break;
    case 2:
      lines.insert(lines.begin() + static_cast<long>(at), AnyLine(cases, random, buffer));
      break;
    case 3:
      if (colon != std::string::npos)
        line = line.substr(0, colon + 2) + kWords[random() % kWords.size()];
      break;
    case 4:
      if (IsAscii(line) && !line.empty()) line.erase(random() % line.size(), 1);
      break;
    case 5:
      if (IsAscii(line))
        line.insert(random() % (line.size() + 1), kWords[random() % kWords.size()]);
      break;
    case 6: std::swap(line, lines[2 + random() % (lines.size() - 2)]); break;
    default: break;
  }
}

}  // namespace

std::vector<CorpusCase> Corpus() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(FIRESTEEL_SOURCE_DIR) / "tests/controller/butane/corpus")) {
    if (entry.path().extension() == ".bu") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<CorpusCase> cases;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    std::string name;
    std::string text;
    for (std::string line; std::getline(in, line);) {
      if (line.rfind("=== ", 0) != 0) {
        text += line + "\n";
        continue;
      }
      Add(name, text, cases);
      name = file.filename().string() + ": " + line.substr(4);
      text.clear();
    }
    Add(name, text, cases);
  }
  return cases;
}

std::vector<CorpusCase> Mutants(size_t count, unsigned seed) {
  const std::vector<CorpusCase> cases = Corpus();
  std::mt19937 random(seed);
  std::vector<CorpusCase> mutants;
  for (size_t i = 0; i < count; ++i) {
    const CorpusCase& parent = cases[random() % cases.size()];
    Lines lines = Split(parent.text);
    for (auto edits = 1 + random() % 3; edits > 0; --edits) Edit(cases, random, lines);
    mutants.push_back({"mutant " + std::to_string(i) + " of " + parent.name, Join(lines)});
  }
  return mutants;
}

}  // namespace firesteel::butane
