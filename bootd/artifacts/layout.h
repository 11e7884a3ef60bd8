// Where the mirror keeps its files below its folder:
//   files/<name>            a verified artifact, as machines get it
//   verified/<hash of name> the marker: what that file was verified against
//   partial/<hash>          a download that has not ended; the hash covers name, URL and expectation
//   work/                   short-lived files of a verification
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "proto/artifact.h"

namespace bootd::artifacts {

// Thread-safe. No member throws a filesystem error: a file that cannot be deleted stays, and costs disk.
class Layout {
 public:
  explicit Layout(std::string dir) : dir_(std::move(dir)) {}

  // Makes the folders that are missing, and empties work/.
  firesteel::Status Create() const;

  std::string FileOf(const std::string& name) const { return dir_ + "/files/" + name; }
  std::string MarkerOf(const std::string& name) const;
  std::string PartialOf(const firesteel::contract::Artifact& artifact) const;
  std::string work_dir() const { return dir_ + "/work"; }

  // Moves a verified partial file to its place, and marks it. The marker of the file that was there before is deleted
  // first: it says nothing about the new file.
  firesteel::Status Publish(const firesteel::contract::Artifact& artifact, const std::string& sha512) const;
  // Writes the marker of the file that is in place.
  firesteel::Status Mark(const firesteel::contract::Artifact& artifact, const std::string& sha512) const;

  // Deletes an artifact's file and marker, and folders that are empty then.
  void Remove(const std::string& name) const;
  void RemovePartial(const firesteel::contract::Artifact& artifact) const;

  // Deletes every file that belongs to none of the artifacts.
  void Sweep(const std::vector<firesteel::contract::Artifact>& keep) const;

 private:
  const std::string dir_;
  mutable std::mutex tree_mutex_;  // nothing is deleted, as an empty folder say, while a file is put in place
};

// The size of a file; 0 if there is none.
uint64_t FileSize(const std::string& path);

}  // namespace bootd::artifacts
