#include "bootd/artifacts/fetch.h"

#include <exception>
#include <filesystem>

#include "bootd/artifacts/marker.h"
#include "bootd/artifacts/verify.h"

namespace bootd::artifacts {
namespace {

using firesteel::Code;
using firesteel::Result;
using firesteel::Status;
using firesteel::contract::Artifact;
using OnProgress = std::function<void(const Progress&)>;

bool IsFile(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

// The file is in place from an earlier run or an earlier expectation: its SHA-512. kNotFound: it must be downloaded.
Result<std::string> FindInPlace(const Artifact& artifact, const Layout& layout, const std::stop_token& stop) {
  const std::optional<Marker> marker = ReadMarker(layout.MarkerOf(artifact.name));
  const std::string path = layout.FileOf(artifact.name);
  if (!marker || !IsFile(path)) return firesteel::NotFound("not in place");
  if (marker->expectation == ExpectationText(artifact)) return marker->sha512;
  const bool pinned = std::holds_alternative<firesteel::contract::ExpectedSha256>(artifact.expected) ||
                      std::holds_alternative<firesteel::contract::ExpectedSha512>(artifact.expected);
  if (!pinned && !marker->IsFrom(artifact.url)) return firesteel::NotFound("the file in place is another one");
  // Another keyring or digest for the same URL, or a checksum that holds for any URL: the file may be good by that, too.
  const Result<std::string> sha512 = VerifyFile(artifact, path, layout.work_dir(), stop);
  if (!sha512.ok() && sha512.error().code == Code::kFailedPrecondition) return firesteel::NotFound("not good any more");
  if (!sha512.ok()) return sha512;
  const Status marked = layout.Mark(artifact, *sha512);
  if (!marked.ok()) return marked.error();
  return sha512;
}

Result<std::string> Download(const Artifact& artifact, const Layout& layout, const OnProgress& on_progress, const std::stop_token& stop) {
  const std::string partial = layout.PartialOf(artifact);
  const bool resumed = FileSize(partial) > 0;
  const Status downloaded = DownloadFile(artifact.url, partial, on_progress, stop);
  if (!downloaded.ok()) return downloaded.error();
  Result<std::string> sha512 = VerifyFile(artifact, partial, layout.work_dir(), stop);
  if (!sha512.ok() && sha512.error().code == Code::kFailedPrecondition) {
    layout.RemovePartial(artifact);
    // The two parts may be of two releases: only a file that came in one piece is surely the wrong one.
    if (resumed) return firesteel::Unavailable(sha512.error().message + "; downloading it anew");
  }
  if (!sha512.ok()) return sha512;
  const Status published = layout.Publish(artifact, *sha512);
  if (!published.ok()) return published.error();
  return sha512;
}

Result<Fetched> FindOrDownload(const Artifact& artifact, const Layout& layout, const OnProgress& on_progress, const std::stop_token& stop) {
  Result<std::string> sha512 = FindInPlace(artifact, layout, stop);
  if (!sha512.ok() && sha512.error().code == Code::kNotFound) sha512 = Download(artifact, layout, on_progress, stop);
  if (!sha512.ok()) return sha512.error();
  return Fetched{*sha512, FileSize(layout.FileOf(artifact.name))};
}

}  // namespace

Result<Fetched> Fetch(const Artifact& artifact, const Layout& layout, const OnProgress& on_progress, const std::stop_token& stop) {
  try {
    return FindOrDownload(artifact, layout, on_progress, stop);
  } catch (const std::exception& error) {
    return firesteel::Internal(std::string("cannot fetch it: ") + error.what());
  }
}

}  // namespace bootd::artifacts
