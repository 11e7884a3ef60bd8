// The rules that keep the tree readable, read off the sources: which folder may include which, where the
// heavy libraries may show, how long a file may be. (Debian puts every header in one place, so linking
// alone proves nothing.)
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace firesteel {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = FIRESTEEL_SOURCE_DIR;

// What each layer may include besides itself. A program's main files may include everything of theirs.
const std::map<std::string, std::set<std::string>> kAllowed = {
    {"base", {}},
    {"proto", {"base"}},
    {"bootd/core", {"base", "proto"}},
    {"bootd/render", {"base", "proto", "bootd/core"}},
    {"bootd/tftp", {"base", "proto", "bootd/core"}},
    {"bootd/dhcp", {"base", "proto", "bootd/core"}},
    {"bootd/http", {"base", "proto", "bootd/core"}},
    {"bootd/artifacts", {"base", "proto", "bootd/core"}},
    {"bootd/router", {"base", "proto", "bootd/core", "bootd/render", "bootd/tftp", "bootd/dhcp", "bootd/http",
                    "bootd/artifacts"}},
    {"bootd/rpc", {"base", "proto", "bootd/core", "bootd/artifacts"}},
    {"controller/api", {"base"}},
    {"controller/butane", {"base"}},
    {"controller/plan", {"base", "proto", "controller/api"}},
    {"controller/render", {"base", "controller/api", "controller/butane", "controller/plan"}},
    {"controller/pki", {"base"}},
    {"controller/kube", {"base", "controller/api"}},
    {"controller/runtime", {"base", "controller/api", "controller/kube"}},
    {"controller/boot", {"base", "proto"}},
    {"controller/offline",
     {"base", "bootd/render", "controller/api", "controller/butane", "controller/plan", "controller/render"}},
    {"controller/reconcile",
     {"base", "proto", "controller/api", "controller/butane", "controller/plan", "controller/render", "controller/pki", "controller/kube",
      "controller/runtime", "controller/boot"}},
};

struct Source {
  std::string path;   // relative to the root
  std::string layer;  // the row of kAllowed that its folder belongs to
  std::vector<std::string> lines;
};

// The row of kAllowed for a file: that of its folder, or of a folder above it. A layer may have subfolders, which may
// include each other. A file without a row gets its folder.
std::string LayerOf(const std::string& file) {
  const fs::path folder = fs::path(file).parent_path();
  for (fs::path layer = folder; !layer.empty(); layer = layer.parent_path()) {
    if (kAllowed.count(layer.string()) == 1) return layer.string();
  }
  return folder.string();
}

std::vector<Source> Sources() {
  std::vector<Source> sources;
  for (const char* top : {"base", "proto", "bootd", "controller"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      Source source;
      source.path = fs::relative(entry.path(), kRoot).string();
      source.layer = LayerOf(source.path);
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) source.lines.push_back(line);
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

// The path between quotes of an #include of ours; "" for anything else.
std::string IncludeOf(const std::string& line) {
  if (line.rfind("#include \"", 0) != 0) return "";
  return line.substr(10, line.find('"', 10) - 10);
}

TEST(Structure, LayersIncludeOnlyWhatStandsBelowThem) {
  for (const Source& source : Sources()) {
    const bool main_file = source.layer == "bootd" || source.layer == "controller";
    if (main_file) continue;
    ASSERT_EQ(kAllowed.count(source.layer), 1u) << source.path << ": which layers may " << source.layer << " include?";
    for (const std::string& line : source.lines) {
      const std::string include = IncludeOf(line);
      const std::string layer = LayerOf(include);
      if (layer.empty() || layer == source.layer || layer.rfind("firesteel/", 0) == 0) continue;
      EXPECT_EQ(kAllowed.at(source.layer).count(layer), 1u) << source.path << " includes " << include;
    }
  }
}

TEST(Structure, HeavyLibrariesShowOnlyWhereTheyLive) {
  const struct { const char* include; std::set<std::string> homes; } rules[] = {
      {"<cpprest/", {"controller/kube/watch_stream.cc"}},
      {"<pplx/", {"controller/kube/watch_stream.cc"}},
      {"<grpcpp/", {"bootd/rpc/server.cc", "bootd/rpc/session.h", "bootd/rpc/session.cc", "controller/boot/channel.h", "controller/boot/replica.h", "proto/grpc_status.cc"}},
      {"<curl/", {"bootd/artifacts/download.cc"}},
      {"<boost/", {"controller/kube/http_connection.cc"}},
      {"<openssl/ssl.h", {"bootd/http/tls.cc", "bootd/http/transport.cc"}},
      {"<yaml-cpp/", {"controller/api/manifest.cc", "controller/kube/connection.cc"}},
      {"<yaml.h>", {"controller/butane/yaml_node.cc"}},
      {"<zlib.h>", {"controller/butane/data_url.cc"}},
      {"<prometheus/", {"controller/runtime/metrics.cc"}},
  };
  for (const Source& source : Sources()) {
    for (const std::string& line : source.lines) {
      for (const auto& rule : rules) {
        if (line.find(std::string("#include ") + rule.include) != 0) continue;
        EXPECT_EQ(rule.homes.count(source.path), 1u) << source.path << ": " << line;
      }
    }
  }
}

// nlohmann's dump() throws for a byte that is not UTF-8; ToText() does not.
TEST(Structure, JsonBecomesTextInOnePlace) {
  for (const Source& source : Sources()) {
    if (source.path == "base/json_text.cc") continue;
    for (const std::string& line : source.lines) {
      EXPECT_TRUE(line.find(".dump(") == std::string::npos && line.find("->dump(") == std::string::npos) << source.path << ": " << line;
    }
  }
}

TEST(Structure, DecidingAndRenderingArePure) {
  const std::set<std::string> pure = {"controller/butane", "controller/plan", "controller/render", "bootd/render"};
  for (const Source& source : Sources()) {
    if (pure.count(source.layer) == 0) continue;
    for (const std::string& line : source.lines) {
      for (const char* banned : {"<thread>", "<mutex>", "<fstream>", "<random>", "<filesystem>", "base/file.h", "RandomHex", "::now()", "SystemClock"}) {
        EXPECT_EQ(line.find(banned), std::string::npos) << source.path << ": " << line;
      }
    }
  }
}

TEST(Structure, FilesStayReadable) {
  for (const Source& source : Sources()) EXPECT_LE(source.lines.size(), 400u) << source.path;
}

TEST(Structure, HeadersSayWhatTheyAreForFirst) {
  for (const Source& source : Sources()) {
    if (source.path.size() < 2 || source.path.substr(source.path.size() - 2) != ".h") continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    EXPECT_EQ(source.lines[0].rfind("// ", 0), 0u) << source.path;
  }
}

}  // namespace
}  // namespace firesteel
