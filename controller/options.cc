#include "controller/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>

namespace firesteel {
namespace {

std::string DefaultIdentity() {
  char host[256] = "firesteel";
  gethostname(host, sizeof host - 1);
  return std::string(host) + "_" + std::to_string(getpid());
}

void AddController(CLI::App& app, Options& o) {
  CLI::App* c = app.add_subcommand("controller", "run the operator");
  c->add_option("--kubeconfig", o.kubeconfig, "of the management cluster; default: this pod's ServiceAccount")
      ->check(CLI::ExistingFile);
  c->add_option("--namespace", o.ns, "watch only this namespace; default: all");
  c->add_option("--bootd", o.bootd, "host:port of a bootd's gRPC; repeat for several")->required();
  c->add_option("--bootd-ca", o.bootd_ca, "PEM authority of bootd's certificate")->required()->check(CLI::ExistingFile);
  c->add_option("--bootd-cert", o.bootd_cert, "PEM client certificate for bootd")->required()->check(CLI::ExistingFile);
  c->add_option("--bootd-key", o.bootd_key, "its PEM key")->required()->check(CLI::ExistingFile);
  c->add_option_function<std::string>(
       "--health-listen",
       [&o](const std::string& text) {
         const Result<ListenAddress> address = ParseListenAddress(text);
         if (!address.ok()) throw CLI::ValidationError("--health-listen", address.error().message);
         o.health = *address;
       },
       "plain HTTP: /healthz /readyz /metrics; default 0.0.0.0:8081")
      ->type_name("ADDR:PORT");
  c->add_option("--lease-namespace", o.lease_namespace, "where the leader-election Lease is")->capture_default_str();
  c->add_option("--lease-name", o.lease_name, "its name")->capture_default_str();
  c->add_option("--identity", o.identity, "who we are in the Lease; default: host name and process id");
  c->add_option("--log-format", o.log_format, "text or json")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, LogFormat>{{"text", LogFormat::kText}, {"json", LogFormat::kJson}}));
  c->add_option("--log-level", o.log_level, "debug, info, warning or error")
      ->transform(CLI::CheckedTransformer(std::map<std::string, LogLevel>{{"debug", LogLevel::kDebug},
                                                                          {"info", LogLevel::kInfo},
                                                                          {"warning", LogLevel::kWarning},
                                                                          {"error", LogLevel::kError}}));
  c->callback([&o] { o.command = Command::kController; });
}

void AddOffline(CLI::App& app, Options& o) {
  CLI::App* render = app.add_subcommand("render", "print what each host of these manifests would be given");
  render->add_option("FILES", o.render.files, "YAML manifests")->required()->check(CLI::ExistingFile);
  render->add_option("--decoded", o.render.decoded, "write to <namespace>/<host> in this new folder, with all files unpacked")
      ->type_name("FOLDER");
  render->add_flag("--show-secrets", o.render.show_secrets, "with what butaneFrom takes from Secrets in FILES");
  render->callback([&o] { o.command = Command::kRender; });
  CLI::App* validate = app.add_subcommand("validate", "check manifests without an API server");
  validate->add_option("FILES", o.files, "YAML manifests")->required()->check(CLI::ExistingFile);
  validate->callback([&o] { o.command = Command::kValidate; });
  CLI::App* transpile = app.add_subcommand("transpile", "turn a Butane config into Ignition, as butane does");
  transpile->add_option("FILE", o.transpile.file, "Butane config, flatcar 1.0.0 or 1.1.0; default: standard input");
  transpile->add_option("-o,--output", o.transpile.output, "write to this file; default: standard output");
  transpile->add_flag("-s,--strict", o.transpile.strict, "fail on any warning");
  transpile->add_flag("-p,--pretty", o.transpile.pretty, "indent the JSON");
  transpile->callback([&o] { o.command = Command::kTranspile; });
  app.add_subcommand("version", "print the version")->callback([&o] { o.command = Command::kVersion; });
}

}  // namespace

ParsedOptions ParseOptions(int argc, char** argv) {
  Options o;
  o.identity = DefaultIdentity();
  CLI::App app{"firesteel turns bare machines into Kubernetes clusters."};
  app.require_subcommand(1);
  AddController(app, o);
  AddOffline(app, o);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, app.exit(e)};
  }
  return {std::move(o), 0};
}

}  // namespace firesteel
