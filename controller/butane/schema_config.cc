// All sections but storage.
#include "controller/butane/schema_types.h"

namespace firesteel::butane {
namespace {

const Type& IgnitionSection() {
  static const Type config{
      "IgnitionConfig",
      {Structs("merge", "merge", ResourceType()), Struct("replace", "replace", ResourceType())}};
  static const Type proxy{
      "Proxy",
      {OptString("http_proxy", "httpProxy"), OptString("https_proxy", "httpsProxy"),
       Strings("no_proxy", "noProxy", "string", "NoProxyItem")}};
  static const Type tls{
      "TLS", {Structs("certificate_authorities", "certificateAuthorities", ResourceType())}};
  static const Type security{"Security", {Struct("tls", "tls", tls)}};
  static const Type timeouts{
      "Timeouts",
      {OptInt("http_response_headers", "httpResponseHeaders"), OptInt("http_total", "httpTotal")}};
  static const Type ignition{
      "Ignition",
      {Struct("config", "config", config), Struct("proxy", "proxy", proxy),
       Struct("security", "security", security), Struct("timeouts", "timeouts", timeouts),
       Row("", "version", Kind::kString)},
      true};
  return ignition;
}

const Type& KernelArguments() {
  static const Type type{"KernelArguments",
                         {KeySpace("KernelArgument", Strings("should_exist", "shouldExist",
                                                             "KernelArgument", "KernelArgument")),
                          KeySpace("KernelArgument", Strings("should_not_exist", "shouldNotExist",
                                                             "KernelArgument", "KernelArgument"))}};
  return type;
}

Type User(Spec spec) {
  return For(
      spec,
      {"PasswdUser",
       {OptString("gecos", "gecos"), Strings("groups", "groups", "Group", "Group"),
        OptString("home_dir", "homeDir"), Name("name"), OptBool("no_create_home", "noCreateHome"),
        OptBool("no_log_init", "noLogInit"), OptBool("no_user_group", "noUserGroup"),
        OptString("password_hash", "passwordHash"), OptString("primary_group", "primaryGroup"),
        OptBool("should_exist", "shouldExist"),
        Strings("ssh_authorized_keys", "sshAuthorizedKeys", "SSHAuthorizedKey", "SSHAuthorizedKey"),
        Since34(Strings("ssh_authorized_keys_local", "", "string", "string")),
        OptString("shell", "shell"), OptBool("system", "system"), OptInt("uid", "uid")},
       spec == Spec::k34});
}

Type Passwd(const Type& user) {
  static const Type group{
      "PasswdGroup",
      {OptInt("gid", "gid"), Name("name"), OptString("password_hash", "passwordHash"),
       OptBool("should_exist", "shouldExist"), OptBool("system", "system")}};
  return {"Passwd", {Structs("groups", "groups", group), Structs("users", "users", user)}};
}

Type Dropin(Spec spec) {
  return For(spec, {"Dropin",
                    {OptString("contents", "contents"), Since34(OptString("contents_local", "")),
                     Name("name")},
                    spec == Spec::k34});
}

Type Unit(Spec spec, const Type& dropin) {
  return For(spec, {"Unit",
                    {OptString("contents", "contents"), Since34(OptString("contents_local", "")),
                     Structs("dropins", "dropins", dropin), OptBool("enabled", "enabled"),
                     OptBool("mask", "mask"), Name("name")},
                    spec == Spec::k34});
}

// One spec's tables. They point at one another, so they stay where they are made.
struct Tables {
  explicit Tables(Spec spec)
      : user(User(spec)),
        passwd(Passwd(user)),
        dropin(Dropin(spec)),
        unit(Unit(spec, dropin)),
        systemd{"Systemd", {Structs("units", "units", unit)}},
        config{"Config",
               {Row("version", "", Kind::kString), Row("variant", "", Kind::kString),
                Struct("ignition", "ignition", IgnitionSection()),
                Struct("kernel_arguments", "kernelArguments", KernelArguments()),
                Struct("passwd", "passwd", passwd), Struct("storage", "storage", StorageType(spec)),
                Struct("systemd", "systemd", systemd)}} {}
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  const Type user, passwd, dropin, unit, systemd, config;
};

}  // namespace

const Type& ConfigType(Spec spec) {
  static const Tables old(Spec::k33);
  static const Tables current(Spec::k34);
  return spec == Spec::k33 ? old.config : current.config;
}

}  // namespace firesteel::butane
