// The storage section.
#include "controller/butane/schema_types.h"

namespace firesteel::butane {
namespace {

// What files, directories and links have in common, with what only one of them has.
Type Node(const char* name, const char* own, std::initializer_list<Field> fields, bool custom) {
  static const Type group{"NodeGroup", {OptInt("id", "id"), OptString("name", "name")}};
  static const Type user{"NodeUser", {OptInt("id", "id"), OptString("name", "name")}};
  Type type{
      name,
      {In("Node", Struct("group", "group", group)), In("Node", OptBool("overwrite", "overwrite")),
       In("Node", Name("path")), In("Node", Struct("user", "user", user))},
      custom};
  for (const Field& field : fields) type.fields.push_back(In(own, field));
  return type;
}

const Type& Disk() {
  static const Type partition{
      "Partition",
      {OptString("guid", "guid"), OptString("label", "label"), Row("number", "number", Kind::kInt),
       OptBool("resize", "resize"), OptBool("should_exist", "shouldExist"),
       OptInt("size_mib", "sizeMiB"), OptInt("start_mib", "startMiB"),
       OptString("type_guid", "typeGuid"), OptBool("wipe_partition_entry", "wipePartitionEntry")}};
  static const Type disk{"Disk",
                         {Name("device"), Structs("partitions", "partitions", partition),
                          OptBool("wipe_table", "wipeTable")}};
  return disk;
}

const Type& Filesystem() {
  static const Type type{
      "Filesystem",
      {Name("device"), OptString("format", "format"), OptString("label", "label"),
       Joined(Strings("mount_options", "mountOptions", "string", "MountOption")),
       Joined(Strings("options", "options", "string", "FilesystemOption")),
       OptString("path", "path"), OptString("uuid", "uuid"),
       OptBool("wipe_filesystem", "wipeFilesystem"), OptBool("with_mount_unit", "")}};
  return type;
}

Type Tang(Spec spec) {
  return For(spec, {"Tang",
                    {OptString("thumbprint", "thumbprint"), Row("url", "url", Kind::kString),
                     Since34(OptString("advertisement", "advertisement"))}});
}

Type Clevis(const Type& tang) {
  static const Type custom{"ClevisCustom",
                           {OptString("config", "config"), OptBool("needs_network", "needsNetwork"),
                            OptString("pin", "pin")}};
  return {"Clevis",
          {Struct("custom", "custom", custom), Structs("tang", "tang", tang),
           OptInt("threshold", "threshold"), OptBool("tpm2", "tpm2")}};
}

Type Luks(Spec spec, const Type& clevis) {
  return For(
      spec, {"Luks",
             {Struct("clevis", "clevis", clevis), OptString("device", "device"),
              Since34(OptBool("discard", "discard")), Struct("key_file", "keyFile", ResourceType()),
              OptString("label", "label"), Name("name"),
              Since34(Strings("open_options", "openOptions", "string", "OpenOption")),
              Joined(Strings("options", "options", spec == Spec::k33 ? "LuksOption" : "string",
                             "LuksOption")),
              OptString("uuid", "uuid"), OptBool("wipe_volume", "wipeVolume")}});
}

Type Raid(Spec spec) {
  return {
      "Raid",
      {Strings("devices", "devices", "Device", "Device"), OptString("level", "level"), Name("name"),
       Joined(Strings("options", "options", spec == Spec::k33 ? "RaidOption" : "string",
                      "RaidOption")),
       OptInt("spares", "spares")}};
}

struct Tables {
  explicit Tables(Spec spec)
      : tang(Tang(spec)),
        clevis(Clevis(tang)),
        luks(Luks(spec, clevis)),
        raid(Raid(spec)),
        directory(Node("Directory", "DirectoryEmbedded1", {OptInt("mode", "mode")}, true)),
        file(Node("File", "FileEmbedded1",
                  {Joined(Structs("append", "append", ResourceType())),
                   Struct("contents", "contents", ResourceType()), OptInt("mode", "mode")},
                  true)),
        link(Node("Link", "LinkEmbedded1", {OptBool("hard", "hard"), OptString("target", "target")},
                  true)),
        tree{"Tree", {Row("local", "", Kind::kString), OptString("path", "")}},
        storage{
            "Storage",
            {KeySpace("Node", Structs("directories", "directories", directory)),
             Structs("disks", "disks", Disk()), KeySpace("Node", Structs("files", "files", file)),
             Structs("filesystems", "filesystems", Filesystem()),
             KeySpace("Node", Structs("links", "links", link)), Structs("luks", "luks", luks),
             Structs("raid", "raid", raid), Structs("trees", "", tree)}} {}
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  const Type tang, clevis, luks, raid, directory, file, link, tree, storage;
};

}  // namespace

const Type& ResourceType() {
  static const Type header{"HTTPHeader", {Name("name"), OptString("value", "value")}};
  static const Type verification{"Verification", {OptString("hash", "hash")}};
  static const Type resource = [] {
    Field headers = Structs("http_headers", "httpHeaders", header);
    headers.list_name = "HTTPHeaders";
    return Type{"Resource",
                {OptString("compression", "compression"), headers, OptString("source", "source"),
                 OptString("inline", ""), OptString("local", ""),
                 Struct("verification", "verification", verification)},
                true};
  }();
  return resource;
}

const Type& StorageType(Spec spec) {
  static const Tables old(Spec::k33);
  static const Tables current(Spec::k34);
  return spec == Spec::k33 ? old.storage : current.storage;
}

}  // namespace firesteel::butane
