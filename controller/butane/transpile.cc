#include "controller/butane/transpile.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/utf8.h"
#include "controller/butane/context_tree.h"
#include "controller/butane/go_text.h"
#include "controller/butane/merge.h"
#include "controller/butane/source_rules.h"
#include "controller/butane/translate.h"
#include "controller/butane/validate.h"
#include "controller/butane/walk.h"
#include "controller/butane/yaml_decode.h"
#include "controller/butane/yaml_node.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

constexpr char kInvalidSource[] = "source config is invalid";

Transpiled Failure(const std::string& error) { return {std::nullopt, {}, error}; }

// What every Butane config says of itself.
Result<Spec> SpecOf(const YamlNode* root) {
  static const Type header{"commonFields",
                           {{"version", "", Kind::kString}, {"variant", "", Kind::kString}}};
  json head = json::object();
  if (root != nullptr) {
    Result<json> decoded = DecodeYaml(*root, header, "config", "config.commonFields");
    if (!decoded.ok())
      return InvalidArgument("Error unmarshaling yaml: " + decoded.error().message);
    head = std::move(*decoded);
  }
  const std::string variant = StringAt(head, "variant");
  if (variant.empty()) return InvalidArgument("error parsing variant; must be specified");
  const auto version = CanonicalSemver(StringAt(head, "version"));
  if (!version) return InvalidArgument("error parsing version; must be a valid semver");
  if (variant == "flatcar" && *version == "1.0.0") return Spec::k33;
  if (variant == "flatcar" && *version == "1.1.0") return Spec::k34;
  return InvalidArgument("No translator exists for variant " + variant + " with version " +
                         *version + "; supported are variant flatcar with version 1.0.0 or 1.1.0");
}

std::vector<Entry> Correlate(const Report& report, const ContextTree& tree) {
  std::vector<Entry> entries;
  for (const Remark& remark : report.remarks()) {
    const Place place = tree.PlaceOf(remark.path);
    entries.push_back(
        {remark.severity, remark.path.ToString(), place.line, place.column, remark.message});
  }
  return entries;
}

// The steps from the decoded config on. Each adds its remarks; a fatal one is the last.
std::string Run(Spec spec, const json& source, Report& report,
                std::optional<std::string>& ignition) {
  if (report.IsFatal()) return kInvalidSource;
  report.Append(ValidateSource(spec, source));
  if (report.IsFatal()) return kInvalidSource;
  report.Append(LocalFiles(spec, source));
  if (report.IsFatal()) return kInvalidSource;
  const Translated translated = Translate(spec, source);
  report.Append(translated.translations.MapBack(ValidateFlatcar(translated.config)));
  if (report.IsFatal()) return kInvalidSource;
  report.Append(translated.translations.MapBack(Duplicates(ConfigType(spec), translated.config)));
  report.Append(translated.translations.MapBack(ValidateIgnition(spec, translated.config)));
  if (report.IsFatal()) return "config generated was invalid";
  // !!binary can put bytes into a text that are no UTF-8.
  ignition = ToText(ToWritten(ConfigType(spec), translated.config));
  return "";
}

Transpiled TranspileRaw(std::string_view butane) {
  if (butane.size() > kMaxConfigBytes) return Failure("the config is larger than 1 MiB");
  const Result<std::unique_ptr<YamlNode>> root = ParseYaml(butane);
  if (!root.ok()) return Failure("Error unmarshaling yaml: yaml: " + root.error().message);
  const Result<Spec> spec = SpecOf(root->get());
  if (!spec.ok()) return Failure(spec.error().message);
  const bool old = *spec == Spec::k33;
  const Result<json> source = DecodeYaml(**root, ConfigType(*spec), old ? "v0_4" : "v0_5",
                                         old ? "v1_0.Config" : "v1_1.Config");
  if (!source.ok()) return Failure(source.error().message);
  const ContextTree tree = TreeOf(**root);
  Report report = UnusedKeys(ConfigType(*spec), *source, Side::kYaml, tree);
  Transpiled result;
  result.error = Run(*spec, *source, report, result.ignition);
  result.entries = Correlate(report, tree);
  return result;
}

}  // namespace

Transpiled Transpile(std::string_view butane) {
  Transpiled result = TranspileRaw(butane);
  // A message may quote what !!binary or an escape put into a value, and that may be any bytes.
  result.error = ValidUtf8(result.error);
  for (Entry& entry : result.entries) {
    entry.path = ValidUtf8(entry.path);
    entry.message = ValidUtf8(entry.message);
  }
  return result;
}

}  // namespace firesteel::butane
