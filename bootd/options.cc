#include "bootd/options.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>

namespace bootd {
namespace {

using firesteel::ListenAddress;
using firesteel::LogFormat;
using firesteel::LogLevel;
using firesteel::Result;

constexpr uint16_t kPxePort = 4011;

void AddListen(CLI::App& app, const char* flag, std::optional<ListenAddress>& target, const char* help) {
  app.add_option_function<std::string>(
         flag,
         [flag, &target](const std::string& text) {
           const Result<ListenAddress> address = firesteel::ParseListenAddress(text);
           if (!address.ok()) throw CLI::ValidationError(flag, address.error().message);
           target = *address;
         },
         help)
      ->type_name("ADDR:PORT");
}

// What cannot work together, named by flag; "" = all is well.
std::string Problem(const Options& o) {
  if (!o.http && !o.https && !o.tftp) return "nothing to serve: give --http-listen, --https-listen or --tftp-listen";
  const bool tls = !o.tls_cert.empty() && !o.tls_key.empty();
  if (o.https && !tls) return "--https-listen needs --tls-cert and --tls-key";
  if (o.pxe && !o.dhcp) return "--pxe-listen is proxyDHCP's: give --dhcp-listen too";
  if (o.dhcp && (!o.grpc || !o.tftp)) return "--dhcp-listen needs --grpc-listen, to know the machines, and --tftp-listen";
  if (!o.grpc) return o.assets_dir.empty() ? "without --grpc-listen there is only --assets-dir to serve: give it" : "";
  if (!tls || o.tls_ca.empty()) return "--grpc-listen needs --tls-cert, --tls-key and --tls-ca";
  if (o.data_dir.empty()) return "--grpc-listen needs --data-dir for what it mirrors";
  if (!o.http || !o.https) return "--grpc-listen needs --http-listen and --https-listen: machines boot over them";
  if (o.advertise_address.empty()) return "--grpc-listen needs --advertise-address, as machines reach this bootd";
  return "";
}

}  // namespace

ParsedOptions ParseOptions(int argc, char** argv) {
  Options o;
  CLI::App app{"bootd serves TFTP, HTTP and HTTPS to machines that boot from the network. A Firesteel controller "
               "tells it over gRPC what to serve; without --grpc-listen it is a plain file server for --assets-dir."};
  AddListen(app, "--http-listen", o.http, "HTTP for machines; port 0 picks one and logs it");
  AddListen(app, "--https-listen", o.https, "HTTPS for machines (secrets, reports)");
  AddListen(app, "--tftp-listen", o.tftp, "TFTP (UDP) for machines");
  AddListen(app, "--dhcp-listen", o.dhcp,
            "proxyDHCP (UDP, usually 0.0.0.0:67): beside the network's DHCP server, tells known machines what to boot, "
            "never an address. 0.0.0.0 = on all interfaces, an address = on the one that has it");
  AddListen(app, "--pxe-listen", o.pxe, "proxyDHCP's second port; left out: --dhcp-listen's address, port 4011");
  AddListen(app, "--grpc-listen", o.grpc, "gRPC with mutual TLS for the controller");
  AddListen(app, "--health-listen", o.health, "plain HTTP: /healthz /readyz /metrics");
  app.add_option("--assets-dir", o.assets_dir, "files served at /assets/<path> and, by TFTP, <path>")
      ->check(CLI::ExistingDirectory);
  app.add_option("--loader-bios", o.loaders.bios, "what proxyDHCP names to BIOS machines: a file of --assets-dir")
      ->capture_default_str();
  app.add_option("--loader-uefi-amd64", o.loaders.efi_amd64, "the same for UEFI x86-64, by PXE and by HTTP Boot")
      ->capture_default_str();
  app.add_option("--loader-uefi-arm64", o.loaders.efi_arm64, "the same for UEFI arm64; an iPXE or a GRUB")
      ->capture_default_str();
  app.add_option("--data-dir", o.data_dir, "where mirrored artifacts are kept");
  app.add_option("--advertise-address", o.advertise_address, "this bootd's address in the URLs that machines get");
  app.add_option("--tls-cert", o.tls_cert, "PEM certificate chain for HTTPS and gRPC")->check(CLI::ExistingFile);
  app.add_option("--tls-key", o.tls_key, "its PEM key")->check(CLI::ExistingFile);
  app.add_option("--tls-ca", o.tls_ca, "PEM authority of controllers; pinned by machines")->check(CLI::ExistingFile);
  app.add_flag("--tftp-single-port", o.tftp_single_port, "answer TFTP from the listening port (NAT, load balancers)");
  app.add_option("--log-format", o.log_format, "text or json")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, LogFormat>{{"text", LogFormat::kText}, {"json", LogFormat::kJson}}));
  app.add_option("--log-level", o.log_level, "debug, info, warning or error")
      ->transform(CLI::CheckedTransformer(std::map<std::string, LogLevel>{{"debug", LogLevel::kDebug},
                                                                          {"info", LogLevel::kInfo},
                                                                          {"warning", LogLevel::kWarning},
                                                                          {"error", LogLevel::kError}}));
  app.set_version_flag("--version", "bootd " FIRESTEEL_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, app.exit(e)};
  }
  const std::string problem = Problem(o);
  if (o.dhcp && !o.pxe) o.pxe = ListenAddress{o.dhcp->host, kPxePort};
  if (problem.empty()) return {std::move(o), 0};
  std::cerr << "bootd: " << problem << " (see --help)\n";
  return {std::nullopt, 2};
}

}  // namespace bootd
