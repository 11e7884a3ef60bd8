// Downloads over HTTP(S), with libcurl.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/crypto.h"
#include "base/result.h"

namespace bootd::artifacts {

struct Progress {
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;  // 0 = the server did not say
};

// A small text, at most `limit` bytes.
firesteel::Result<std::string> DownloadText(const std::string& url, size_t limit, std::stop_token stop);

// Into the file `path`. What is there already from an interrupted download is kept and the rest asked
// for (Range). `on_progress` is called often, from this thread.
firesteel::Status DownloadFile(const std::string& url, const std::string& path,
                               const std::function<void(const Progress&)>& on_progress, std::stop_token stop);

}  // namespace bootd::artifacts
