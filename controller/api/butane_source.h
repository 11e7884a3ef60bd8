// Where a Butane config comes from, besides a field of the object itself. The schema is crds/*.yaml.
#pragma once

#include <string>

namespace firesteel::api {

// A key of a ConfigMap, or of a Secret, in the object's own namespace.
struct ButaneSource {
  bool secret = false;
  std::string name;
  std::string key;
  bool operator==(const ButaneSource&) const = default;
};

}  // namespace firesteel::api
