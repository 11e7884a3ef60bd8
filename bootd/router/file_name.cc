#include "bootd/router/file_name.h"

#include <algorithm>

namespace bootd::router {
namespace {

// A DHCP option that stands behind a name begins with its code and its length; both may look like letters.
constexpr size_t kOptionHead = 2;
constexpr size_t kMinScheme = 3;  // "C:/" is none
constexpr size_t kMaxScheme = 8;
constexpr size_t kMaxFile = 512;

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ToLower);
  return text;
}

bool IsNameChar(char c) {
  const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("/._+@~:-").find(c) != std::string_view::npos;
}

// "tftp://host/x" → "x", "::x" and "host::x" → "x".
std::string_view WithoutServer(std::string_view path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  if (const size_t scheme = path.find(":/"); scheme != std::string_view::npos && scheme >= kMinScheme && scheme <= kMaxScheme) {
    const size_t host = path.find_first_not_of('/', scheme + 1);
    const size_t end = path.find('/', std::min(host, path.size()));
    return end == std::string_view::npos ? "" : path.substr(end);
  }
  const size_t root = path.rfind("::");
  return root == std::string_view::npos ? path : path.substr(root + 2);
}

// Without empty and "." segments; "" = it leads out of its root.
std::string Collapsed(std::string_view path) {
  std::string collapsed;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    if (segment == "..") return "";
    if (!segment.empty() && segment != ".") collapsed.append(collapsed.empty() ? "" : "/").append(segment);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return collapsed;
}

void Add(std::vector<std::string>& files, const std::string& file) {
  if (file.empty() || file.size() > kMaxFile) return;
  for (const std::string& form : {file, Lower(file)}) {
    const bool known = std::find(files.begin(), files.end(), form) != files.end();
    if (!known) files.push_back(form);
  }
}

}  // namespace

std::vector<std::string> FilesMeantBy(std::string_view name) {
  name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
  std::string path(name);
  std::replace(path.begin(), path.end(), '\\', '/');
  const size_t end = static_cast<size_t>(std::find_if_not(path.begin(), path.end(), IsNameChar) - path.begin());
  const bool has_tail = end < path.size() && path[end] != ' ';
  path.resize(end);
  const std::string file = Collapsed(WithoutServer(path));
  std::vector<std::string> files;
  Add(files, file);
  for (size_t cut = 1; has_tail && cut <= kOptionHead && cut < file.size(); ++cut) {
    Add(files, Collapsed(std::string_view(file).substr(0, file.size() - cut)));
  }
  return files;
}

}  // namespace bootd::router
