#include "bootd/router/loaders.h"

#include "base/log.h"
#include "bootd/render/ipxe.h"

namespace bootd::router {

bool IsIpxeLoader(std::string_view name) {
  const std::string_view file = name.substr(name.rfind('/') + 1);
  return file == "undionly.kpxe" || file == "ipxe.pxe" || file == "ipxe.efi" || file == "snponly.efi" ||
         file == "ipxe-arm64.efi" || file == "snp-arm64.efi";
}

bool IsChainScript(std::string_view name) { return name == "boot.ipxe" || name == "autoexec.ipxe"; }

core::BytesContent ChainScriptContent(const Parts& parts, std::function<void(bool)> on_end) {
  return {render::ChainScript(parts.http_base_url), "text/plain", std::move(on_end)};
}

TftpContent SendLoader(const Parts& parts, const tftp::Request& request, const std::string& file) {
  using Answer = core::LoaderAnswer;
  const Answer answer = parts.chain.Ask(request.client_ip, request.options, parts.clock.Monotonic());
  const auto on_end = [&parts, client = request.client_ip, name = request.file_name, answer](bool complete) {
    if (!complete) return;
    parts.chain.Downloaded(client, answer, parts.clock.Monotonic());
    const char* as = answer == Answer::kScript ? "script" : "loader";
    firesteel::LogInfo("tftp sent", {{"client", client}, {"file", name}, {"as", as}});
  };
  if (answer == Answer::kLoader) return core::FileContent{file, on_end};
  return ChainScriptContent(parts, on_end);
}

}  // namespace bootd::router
