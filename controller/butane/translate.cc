#include "controller/butane/translate.h"

#include "controller/butane/data_url.h"
#include "controller/butane/mount_units.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

class Translator {
 public:
  // Returns whether a part of the result was mapped to its source.
  bool Struct(const Type& type, const json& from, const Path& source, const Path& target,
              json& to) {
    bool mapped = false;
    for (const Field& field : type.fields) {
      if (field.yaml[0] == '\0' || field.json[0] == '\0') continue;
      const json* value = FindField(from, field.yaml);
      mapped = One(field, value, source / field.yaml, {target / field.json, to}) || mapped;
    }
    if (std::string(type.name) == "Resource") mapped = Inline(from, source, target, to) || mapped;
    if (type.custom ? mapped : !from.empty()) translations_.Add(source, target);
    return mapped || (!type.custom && !from.empty());
  }

  Translations& translations() { return translations_; }

 private:
  struct Into {
    Path path;
    json& object;
  };

  bool One(const Field& field, const json* value, const Path& source, const Into& into) {
    const bool plain = field.kind == Kind::kString || field.kind == Kind::kInt;
    if (field.kind == Kind::kStruct) {
      json inner = json::object();
      const bool mapped =
          Struct(*field.type, value == nullptr ? json::object() : *value, source, into.path, inner);
      Store(field, field.json, std::move(inner), into.object);
      return mapped;
    }
    if (value == nullptr && !plain) return false;
    translations_.Add(source, into.path);
    if (value == nullptr) return true;
    into.object[field.json] =
        field.kind == Kind::kStructs ? List(field, *value, source, into.path) : *value;
    for (size_t i = 0; field.kind == Kind::kStrings && i < value->size(); ++i)
      translations_.Add(source / i, into.path / i);
    return true;
  }

  json List(const Field& field, const json& from, const Path& source, const Path& target) {
    json list = json::array();
    for (size_t i = 0; i < from.size(); ++i) {
      json item = json::object();
      Struct(*field.type, from[i], source / i, target / i, item);
      list.push_back(std::move(item));
    }
    return list;
  }

  bool Inline(const json& from, const Path& source, const Path& target, json& to) {
    const json* content = FindField(from, "inline");
    if (content == nullptr) return false;
    // Contents that the user says are compressed already are left as they are.
    const bool own_choice = StringAt(from, "compression").empty();
    const DataUrl url = MakeDataUrl(content->get_ref<const std::string&>(), own_choice);
    to["source"] = url.source;
    translations_.Add(source / "inline", target / "source");
    if (!own_choice) return true;
    // Also when empty: the config must not inherit another's compression when they are merged.
    to["compression"] = url.compressed ? "gzip" : "";
    translations_.Add(source / "inline", target / "compression");
    return true;
  }

  Translations translations_;
};

}  // namespace

Translated Translate(Spec spec, const json& source) {
  Translator translator;
  Translated result{json::object(), {}};
  translator.Struct(ConfigType(spec), source, Path(), Path(), result.config);
  result.config["ignition"]["version"] = IgnitionVersion(spec);
  result.translations = std::move(translator.translations());
  result.translations.Add(Path() / "version", Path() / "ignition" / "version");
  result.translations.Add(Path() / "ignition", Path() / "ignition");
  AddMountUnits(spec, ObjectAt(source, "storage"), result.config, result.translations);
  return result;
}

}  // namespace firesteel::butane
