// Which part of the Butane config each part of the Ignition config came from, so that a remark on
// the result can be put where the user wrote its cause. Pure.
#pragma once

#include <map>
#include <string>

#include "controller/butane/report.h"

namespace firesteel::butane {

class Translations {
 public:
  void Add(const Path& from, const Path& to) { sources_[to.ToString()] = from; }
  // nullptr = not known.
  const Path* Find(const Path& to) const;
  bool empty() const { return sources_.empty(); }

  // Puts the remarks on an Ignition config where they belong in the Butane config. A place without
  // a known source keeps its path, in Butane's spelling.
  Report MapBack(const Report& report) const;

 private:
  std::map<std::string, Path> sources_;  // by the path in the Ignition config
};

}  // namespace firesteel::butane
