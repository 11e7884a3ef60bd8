// declare-hosts BOOTD CA CERT KEY ARTIFACT-URL SHA256 MAC=netboot|hold|local…
// A controller in small, for tests of bootd alone: declares one artifact and these hosts, which boot it as
// their kernel, and prints every event of bootd's as a line until it is ended.
#include <csignal>
#include <cstdio>
#include <mutex>

#include "base/clock.h"
#include "controller/boot/grpc_client.h"

namespace {

using namespace firesteel;            // NOLINT: a program of one file
using namespace firesteel::contract;  // NOLINT

constexpr char kKernel[] = "test/vmlinuz";

std::string KindName(EventKind kind) {
  switch (kind) {
    case EventKind::kLoader: return "loader";
    case EventKind::kScript: return "script";
    case EventKind::kKernel: return "kernel";
    case EventKind::kInitrd: return "initrd";
    case EventKind::kIgnitionWaiting: return "ignition-waiting";
    case EventKind::kIgnitionStage1: return "ignition-stage1";
    case EventKind::kIgnitionDelivered: return "ignition-delivered";
    case EventKind::kIgnitionRefused: return "ignition-refused";
    case EventKind::kIgnitionBroken: return "ignition-broken";
    case EventKind::kReport: return "report";
    case EventKind::kHeld: return "held";
    case EventKind::kUnknownMac: return "unknown-mac";
    case EventKind::kOffer: return "offer";
  }
  return "?";
}

void Print(const BootEvent& event) {
  std::printf("event %s %s %s\n", event.mac ? event.mac->ToString().c_str() : "-", KindName(event.kind).c_str(),
              event.detail.c_str());
  std::fflush(stdout);
}

Result<BootEntry> EntryOf(const std::string& argument) {
  const size_t equals = argument.find('=');
  const Result<MacAddress> mac = MacAddress::Parse(argument.substr(0, equals));
  if (!mac.ok()) return mac.error();
  const std::string intent = equals == std::string::npos ? "" : argument.substr(equals + 1);
  BootEntry entry;
  entry.id = "default/" + mac->ToHyphens();
  entry.mac = *mac;
  entry.boot_id = "boot-" + mac->ToHyphens();
  entry.intent = intent == "netboot" ? BootIntent::kNetboot : intent == "local" ? BootIntent::kLocal : BootIntent::kHold;
  entry.hold_reason = "the test says so";
  if (entry.intent == BootIntent::kNetboot) entry.kernel = kKernel;
  return entry;
}

Status Declare(boot::Client& client, const std::string& target, char** arguments) {
  const Status artifact = client.DeclareArtifacts("test", {{kKernel, arguments[0], ExpectedSha256{arguments[1]}}});
  if (!artifact.ok()) return artifact;
  for (char** host = arguments + 2; *host != nullptr; ++host) {
    const Result<BootEntry> entry = EntryOf(*host);
    if (!entry.ok()) return entry.error();
    const Status declared = client.DeclareEntry(target, *entry);
    if (!declared.ok()) return declared;
  }
  client.MarkSynced(target);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) {
    std::fprintf(stderr, "usage: declare-hosts BOOTD CA CERT KEY ARTIFACT-URL SHA256 MAC=netboot|hold|local...\n");
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const std::string target = argv[1];
  std::unique_ptr<boot::Client> client;
  std::mutex mutex;  // the listener may be called before `client` is set
  std::unique_lock starting(mutex);
  boot::Listener listener;
  listener.on_event = [](const std::string&, const BootEvent& event) { Print(event); };
  listener.on_artifact_changed = [](const std::string&, const ArtifactStatus& status) {
    std::printf("artifact %s %s\n", status.name.c_str(), status.state == ArtifactState::kReady ? "ready" : status.error.c_str());
    std::fflush(stdout);
  };
  listener.on_endpoint_changed = [&](const boot::Endpoint& endpoint) {
    std::lock_guard lock(mutex);
    std::printf("bootd %s %s\n", endpoint.connected ? "connected" : "away", endpoint.refused.c_str());
    std::fflush(stdout);
    const Status declared = Declare(*client, target, argv + 5);
    if (!declared.ok()) std::printf("error %s\n", declared.error().message.c_str());
  };
  boot::GrpcOptions options;
  options.targets = {target};
  options.identity = "declare-hosts";
  options.ca_file = argv[2];
  options.certificate_file = argv[3];
  options.key_file = argv[4];
  client = boot::NewGrpcClient(options, listener);
  starting.unlock();
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
