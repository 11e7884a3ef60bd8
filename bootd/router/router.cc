#include "bootd/router/router.h"

#include "bootd/router/file_name.h"
#include "bootd/router/loaders.h"
#include "bootd/router/replies.h"

namespace bootd::router {

using http::Reply;
using http::Request;
using http::TextReply;

namespace {

Reply OnlyGet(const std::string& what) {
  Reply reply = TextReply(405, what);
  reply.headers.emplace_back("Allow", "GET, HEAD");
  return reply;
}

}  // namespace

Reply Router::HandleHttp(const Request& request) {
  if (const auto mac = After(request.path, "/report/")) return reports_.Take(request, *mac);
  if (request.method == http::Method::kPost) return OnlyGet("POST is only for /report/<mac>");
  Reply reply = TextReply(404, "nothing is served here");
  for (const std::string& file : FilesMeantBy(request.path)) {
    const std::string path = "/" + file;
    Request meant = request;
    meant.path = path;
    reply = Get(meant);
    if (reply.status != 404) break;
  }
  return reply;
}

Reply Router::Get(const Request& request) {
  const std::string_view path = request.path;
  if (parts_.mirror != nullptr) {
    if (std::optional<Reply> reply = LoaderReply(request)) return *std::move(reply);
  }
  if (const auto asset = After(path, "/assets/")) {
    const std::optional<std::string> file = parts_.assets.Find(std::string(*asset));
    return file ? FileReply(*file) : TextReply(404, "no such asset");
  }
  if (parts_.mirror == nullptr) return TextReply(404, "this bootd only serves /assets/");
  if (const auto mac = After(path, "/ipxe/")) return scripts_.Script(request, *mac);
  if (const auto rest = After(path, "/ignition/")) {
    const size_t slash = rest->find('/');
    if (slash == std::string_view::npos) return ignition_.Stage1(request, *rest);
    if (rest->substr(slash) == "/stage2") return ignition_.Stage2(request, rest->substr(0, slash));
  }
  if (const auto name = After(path, "/artifacts/")) return artifacts_.Find(request, *name);
  return TextReply(404, "nothing is served here");
}

// A loader looks for its configuration beside itself: in /assets/ too.
std::optional<Reply> Router::LoaderReply(const Request& request) {
  const std::string name(After(request.path, "/assets/").value_or(request.path.substr(1)));
  if (IsChainScript(name)) return BytesReply(ChainScriptContent(parts_).bytes, "text/plain");
  std::optional<LoaderFile> file = FindLoaderFile(name, request, /*by_tftp=*/false);
  if (!file) return std::nullopt;
  if (auto* content = std::get_if<core::FileContent>(&*file)) return FileReply(content->path);
  if (auto* text = std::get_if<core::BytesContent>(&*file)) return BytesReply(std::move(text->bytes), "text/plain");
  return TextReply(404, "no such file");
}

std::optional<LoaderFile> Router::FindLoaderFile(const std::string& path, const Request& request, bool by_tftp) {
  const std::optional<BootFile> file = ParseBootFile(path);
  if (!file) return std::nullopt;
  if (const auto* pi = std::get_if<RaspberryPiFile>(&*file)) return pis_.Firmware(*pi, request);
  if (const auto* config = std::get_if<MachineConfig>(&*file)) return configs_.OfMachine(*config, request, by_tftp);
  if (parts_.assets.Find(path)) return std::nullopt;  // the operator's own
  return std::holds_alternative<AnyMachineGrubConfig>(*file) ? configs_.OfAnyGrub() : configs_.OfAnyPxelinux();
}

TftpContent Router::HandleTftp(const tftp::Request& request) {
  for (const std::string& file : FilesMeantBy(request.file_name)) {
    if (std::optional<TftpContent> content = TftpFile(request, file)) return *std::move(content);
  }
  return machines_.NoSuchTftpFile(request.client_ip, request.file_name);
}

std::optional<TftpContent> Router::TftpFile(const tftp::Request& request, const std::string& file) {
  // In a URL, which some firmware sends as the name, the files of --assets-dir are in a folder.
  const std::string name(After(file, "assets/").value_or(file));
  Request from;
  from.client_ip = request.client_ip;
  from.path = name;
  if (parts_.mirror != nullptr) {
    if (IsChainScript(name)) return ChainScriptContent(parts_);
    if (const auto artifact = After(name, "artifacts/")) {
      Reply reply = artifacts_.Find(from, *artifact);
      auto* content = std::get_if<core::FileContent>(&reply.content);
      return content != nullptr ? std::optional<TftpContent>(*content) : std::nullopt;
    }
    if (std::optional<LoaderFile> loader_file = FindLoaderFile(name, from, /*by_tftp=*/true)) {
      if (std::holds_alternative<NoSuchFile>(*loader_file)) return machines_.NoSuchTftpFile(from.client_ip, name);
      if (auto* content = std::get_if<core::FileContent>(&*loader_file)) return *content;
      return std::get<core::BytesContent>(*loader_file);
    }
  }
  const std::optional<std::string> asset = parts_.assets.Find(name);
  if (!asset) return std::nullopt;
  if (parts_.mirror == nullptr || !IsIpxeLoader(name)) return core::FileContent{*asset, {}};
  return SendLoader(parts_, request, *asset);
}

}  // namespace bootd::router
