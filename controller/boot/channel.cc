#include "controller/boot/channel.h"

#include <utility>

#include "base/file.h"
#include "proto/limits.h"

namespace firesteel::boot {
namespace {

int Milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

grpc::ChannelArguments Arguments(const GrpcOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a new connection each time: Replica paces them
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Milliseconds(options.hello_timeout));  // for connecting
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(contract::kMaxMessageBytes));
  return arguments;
}

}  // namespace

Result<std::shared_ptr<grpc::Channel>> NewChannel(const std::string& target, const GrpcOptions& options) {
  grpc::SslCredentialsOptions tls;
  const std::pair<const std::string&, std::string&> files[] = {{options.ca_file, tls.pem_root_certs},
                                                               {options.certificate_file, tls.pem_cert_chain},
                                                               {options.key_file, tls.pem_private_key}};
  for (const auto& [path, pem] : files) {
    const Result<std::string> content = ReadFile(path);
    if (!content.ok()) return content.error();
    // gRPC takes an empty text for "whatever the system trusts".
    if (content->empty()) return InvalidArgument(path + " is empty");
    pem = *content;
  }
  return grpc::CreateCustomChannel(target, grpc::SslCredentials(tls), Arguments(options));
}

}  // namespace firesteel::boot
