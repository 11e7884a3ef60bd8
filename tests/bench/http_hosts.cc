// A controller that only declares hosts, to fill a bootd for measurements.
//   bench_http_hosts certs DIR                     writes ca.crt, server.crt, server.key, client.crt, client.key
//   bench_http_hosts declare DIR TARGET HOSTS BOOTING STAGE2_BYTES
// The MAC of host N is 52:54:00:N (3 bytes); the first BOOTING of them have an Ignition. Stays connected,
// and takes bootd's events, until standard input ends.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "controller/boot/grpc_client.h"
#include "controller/pki/certificates.h"

namespace {

using namespace firesteel;  // NOLINT: a tool of one file

void Write(const std::string& path, const std::string& content) {
  if (!WriteFileAtomically(path, content, 0600).ok()) std::exit(1);
}

int WriteCertificates(const std::string& dir) {
  const WallTime now = SystemClock().Now();
  const pki::KeyPair ca = *pki::GenerateCa("bench authority", now);
  Write(dir + "/ca.crt", ca.certificate);
  const pki::KeyPair server = *pki::IssueLeaf(ca, {.common_name = "bootd", .organization = "", .server_names = {"127.0.0.1"}}, now);
  Write(dir + "/server.crt", server.certificate);
  Write(dir + "/server.key", server.key);
  const pki::KeyPair client = *pki::IssueLeaf(ca, {.common_name = "bench", .organization = "", .server_names = {}}, now);
  Write(dir + "/client.crt", client.certificate);
  Write(dir + "/client.key", client.key);
  return 0;
}

contract::BootEntry Host(int number, bool booting, size_t stage2_bytes) {
  char mac[18];
  std::snprintf(mac, sizeof mac, "52:54:00:%02x:%02x:%02x", number >> 16 & 255, number >> 8 & 255, number & 255);
  contract::BootEntry entry;
  entry.id = "default/host-" + std::to_string(number);
  entry.mac = *MacAddress::Parse(mac);
  entry.boot_id = "boot-" + std::to_string(number);
  entry.intent = contract::BootIntent::kNetboot;
  entry.kernel = "flatcar/4230.2.3/amd64-usr/flatcar_production_pxe.vmlinuz";
  entry.initrds = {"flatcar/4230.2.3/amd64-usr/flatcar_production_pxe_image.cpio.gz"};
  entry.kernel_arguments = {"console=tty0", "console=ttyS0,115200n8", "rd.emergency=reboot", "panic=60"};
  if (!booting) return entry;
  std::string stage2 = "{\"ignition\":{\"version\":\"3.3.0\"},\"padding\":\"" + RandomHex(16);
  stage2.resize(stage2_bytes - 2, 'x');
  stage2 += "\"}";
  entry.ignition = contract::Ignition{stage2, Sha512Hex(stage2), RandomHex(32), "report-" + std::to_string(number),
                                      SystemClock().Now() + std::chrono::hours(1), false};
  return entry;
}

int Declare(const std::string& dir, const std::string& target, const char* const* numbers) {
  const int hosts = std::atoi(numbers[0]);
  const int booting = std::atoi(numbers[1]);
  boot::Client* acknowledge = nullptr;
  boot::Listener listener;
  listener.on_event = [&](const std::string& from, const contract::BootEvent& event) {
    if (acknowledge != nullptr) acknowledge->Acknowledge(from, event.cursor);
  };
  listener.on_endpoint_changed = [](const boot::Endpoint&) {};
  listener.on_artifact_changed = [](const std::string&, const contract::ArtifactStatus&) {};
  const std::unique_ptr<boot::Client> client =
      boot::NewGrpcClient({.targets = {target},
                           .identity = "bench",
                           .ca_file = dir + "/ca.crt",
                           .certificate_file = dir + "/client.crt",
                           .key_file = dir + "/client.key"},
                          listener);
  acknowledge = client.get();
  for (int i = 0; i < hosts; ++i) {
    const Status declared = client->DeclareEntry(target, Host(i, i < booting, static_cast<size_t>(std::atoi(numbers[2]))));
    if (!declared.ok()) std::cerr << declared.error().message << "\n";
  }
  client->MarkSynced(target);
  for (std::string line; std::getline(std::cin, line);) continue;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 2 ? argv[1] : "";
  if (command == "certs") return WriteCertificates(argv[2]);
  if (command == "declare" && argc == 7) return Declare(argv[2], argv[3], argv + 4);
  return 2;
}
