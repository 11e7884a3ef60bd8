#include "bootd/artifacts/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>

#include "base/unique_fd.h"

namespace bootd::artifacts {
namespace {

using firesteel::Code;
using firesteel::MakeError;
using firesteel::Result;
using firesteel::Status;

constexpr curl_off_t kMaxFile = 16LL << 30;

struct Transfer {
  CURL* curl = nullptr;
  int fd = -1;             // or
  std::string* text = nullptr;
  size_t limit = 0;
  uint64_t resumed = 0;    // bytes that were there before
  int write_errno = 0;
  bool too_large = false;
  const std::function<void(const Progress&)>* on_progress = nullptr;
  std::stop_token stop;
};

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using CurlPtr = std::unique_ptr<CURL, CurlDeleter>;

size_t WriteText(Transfer& transfer, const char* data, size_t size) {
  transfer.too_large = transfer.text->size() + size > transfer.limit;
  if (transfer.too_large) return 0;
  transfer.text->append(data, size);
  return size;
}

size_t WriteFile(Transfer& transfer, const char* data, size_t size) {
  // A server that ignores Range answers 200 with the whole file: start over.
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.resumed > 0 && status == 200) {
    transfer.resumed = 0;
    if (ftruncate(transfer.fd, 0) != 0 || lseek(transfer.fd, 0, SEEK_SET) != 0) return 0;
  }
  for (size_t done = 0; done < size;) {
    const ssize_t n = write(transfer.fd, data + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      transfer.write_errno = errno;
      return 0;
    }
    done += static_cast<size_t>(n);
  }
  return size;
}

// No exception may pass through libcurl, which is C: each becomes the answer that ends the transfer.
size_t OnData(char* data, size_t one, size_t size, void* user) {
  try {
    auto& transfer = *static_cast<Transfer*>(user);
    return transfer.text != nullptr ? WriteText(transfer, data, one * size) : WriteFile(transfer, data, one * size);
  } catch (const std::exception&) {
    return 0;
  }
}

int OnProgress(void* user, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<Transfer*>(user);
  try {
    if (transfer.on_progress != nullptr) {
      (*transfer.on_progress)({transfer.resumed + static_cast<uint64_t>(now),
                               total == 0 ? 0 : transfer.resumed + static_cast<uint64_t>(total)});
    }
  } catch (const std::exception&) {
    return 1;
  }
  return transfer.stop.stop_requested() ? 1 : 0;
}

CurlPtr NewCurl(const std::string& url, Transfer& transfer) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  CurlPtr curl(curl_easy_init());
  transfer.curl = curl.get();
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 15L);
  // A stalled server: less than 1 kB/s for a minute.
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1024L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXFILESIZE_LARGE, kMaxFile);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "bootd/" FIRESTEEL_VERSION);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, OnData);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  return curl;
}

Status Perform(CURL* curl, const std::string& url, const Transfer& transfer) {
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  if (code == CURLE_OK) return {};
  if (transfer.write_errno != 0) {
    const bool full = transfer.write_errno == ENOSPC || transfer.write_errno == EDQUOT;
    return MakeError(Code::kResourceExhausted, std::string("cannot store it: ") + std::strerror(transfer.write_errno) +
                                                   (full ? ": make room in --data-dir" : ""));
  }
  if (transfer.too_large) return firesteel::InvalidArgument(url + " is larger than expected");
  return firesteel::Unavailable(detail[0] != '\0' ? detail : curl_easy_strerror(code));
}

}  // namespace

Result<std::string> DownloadText(const std::string& url, size_t limit, std::stop_token stop) {
  std::string text;
  Transfer transfer;
  transfer.text = &text;
  transfer.limit = limit;
  transfer.stop = std::move(stop);
  const CurlPtr curl = NewCurl(url, transfer);
  const Status done = Perform(curl.get(), url, transfer);
  if (!done.ok()) return done.error();
  return text;
}

Status DownloadFile(const std::string& url, const std::string& path,
                    const std::function<void(const Progress&)>& on_progress, std::stop_token stop) {
  Transfer transfer;
  const firesteel::UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  transfer.fd = fd.get();
  if (transfer.fd < 0) return firesteel::Internal("cannot create " + path + ": " + std::strerror(errno));
  struct stat info{};
  fstat(transfer.fd, &info);
  transfer.resumed = static_cast<uint64_t>(info.st_size);
  transfer.on_progress = &on_progress;
  transfer.stop = std::move(stop);
  const CurlPtr curl = NewCurl(url, transfer);
  curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(info.st_size));
  Status done = Perform(curl.get(), url, transfer);
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  // 416: what is there is the whole file, or not of this file; the checksum will tell.
  if (status == 416) done = Status();
  if (done.ok() && fsync(transfer.fd) != 0) done = firesteel::Internal("cannot store " + path);
  return done;
}

}  // namespace bootd::artifacts
