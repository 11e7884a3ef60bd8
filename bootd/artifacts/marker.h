// The marker of a verified file: a text beside it that says what it was verified against, so that a restart of bootd
// needs no new download.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "proto/artifact.h"

namespace bootd::artifacts {

// Where an artifact comes from and what it has to be, as a text. Two artifacts with one text are the same file.
std::string ExpectationText(const firesteel::contract::Artifact& artifact);

struct Marker {
  std::string expectation;  // as ExpectationText
  std::string sha512;       // of the verified file

  // The file was downloaded from this URL, whatever it was verified against.
  bool IsFrom(const std::string& url) const { return expectation.rfind(url + "\n", 0) == 0; }
};

// nullopt: there is no marker, or it cannot be read.
std::optional<Marker> ReadMarker(const std::string& path);
firesteel::Status WriteMarker(const std::string& path, const Marker& marker);

}  // namespace bootd::artifacts
