// Whether Go's net/url (1.24) takes a URL, and the parts that Ignition's rules look at. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firesteel::butane {

struct GoUrl {
  std::string scheme;  // lower case; "" = relative
  std::string opaque;  // what follows a scheme without '/'
  std::string query;   // raw

  // The values of a query parameter, decoded; those that cannot be are left out.
  std::vector<std::string> Query(std::string_view name) const;
};

std::optional<GoUrl> ParseGoUrl(std::string_view text);

}  // namespace firesteel::butane
