// systemd's unit files, as butane's library (go-systemd v22) reads and names them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace firesteel::butane {

struct UnitText {
  std::string problem;       // "" = it can be read
  bool has_install = false;  // an option in [Install]
};
UnitText ReadUnit(std::string_view text);

// systemd-escape --path: "/var/lib/my-data" → "var-lib-my\x2ddata".
std::string EscapeUnitPath(std::string_view path);

}  // namespace firesteel::butane
