#include "bootd/artifacts/signature.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <vector>

#include "base/encoding.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace bootd::artifacts {
namespace {

namespace fs = std::filesystem;
using firesteel::Code;
using firesteel::InvalidArgument;
using firesteel::MakeError;
using firesteel::Result;
using firesteel::Status;

constexpr char kGpgv[] = "/usr/bin/gpgv";
constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kEnd = "-----END PGP PUBLIC KEY BLOCK-----";
constexpr size_t kMaxOutput = 16 * 1024;  // kept of what gpgv prints

// Removed with everything in it.
class TemporaryDir {
 public:
  explicit TemporaryDir(const std::string& parent) : path_(parent + "/gpgv-XXXXXX") {
    made_ = mkdtemp(path_.data()) != nullptr;
  }
  ~TemporaryDir() {
    std::error_code ignored;  // a few kilobytes that stay
    if (made_) fs::remove_all(path_, ignored);
  }
  TemporaryDir(const TemporaryDir&) = delete;
  TemporaryDir& operator=(const TemporaryDir&) = delete;
  bool made() const { return made_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

// The lines between the armor's headers, which end with an empty line, and its checksum.
Result<std::string> DearmorBlock(std::string_view block) {
  std::istringstream lines{std::string(block)};
  std::string base64;
  bool headers = true;
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (headers) {
      headers = !line.empty();
    } else if (!line.empty() && line.front() == '=') {
      break;
    } else {
      base64 += line;
    }
  }
  Result<std::string> keys = firesteel::Base64Decode(base64);
  if (!keys.ok() || keys->empty()) return InvalidArgument("the keyring's ASCII armor cannot be read");
  return keys;
}

struct Output {
  int status = -1;
  std::string text;
};

void ReadAll(int fd, std::string& text) {
  char chunk[4096];
  for (;;) {
    const ssize_t size = read(fd, chunk, sizeof chunk);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    if (text.size() < kMaxOutput) text.append(chunk, static_cast<size_t>(size));
  }
}

Result<pid_t> Spawn(std::vector<std::string> arguments, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;  // our threads have the signals blocked that end us
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  char locale[] = "LC_ALL=C";
  char* const environment[] = {locale, nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, kGpgv, &actions, &attributes, argv.data(), environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return firesteel::Unavailable(std::string("cannot run ") + kGpgv + " (package gpgv): " + std::strerror(error));
  }
  return pid;
}

Result<Output> Run(std::vector<std::string> arguments, const std::stop_token& stop) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return firesteel::Internal("no pipe for gpgv");
  const firesteel::UniqueFd reading(ends[0]);
  firesteel::UniqueFd writing(ends[1]);
  const Result<pid_t> pid = Spawn(std::move(arguments), writing.get());
  writing = firesteel::UniqueFd();  // gpgv has the only one now, so that its end is the end of what is read
  Output output;
  if (pid.ok()) {
    {
      // Ends before waitpid, after which the id could be another process's.
      const std::stop_callback kill_on_stop(stop, [id = *pid] { kill(id, SIGKILL); });
      ReadAll(reading.get(), output.text);
    }
    int status = 0;
    while (waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    output.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  if (!pid.ok()) return pid.error();
  return output;
}

bool HasStatus(const Output& output, const std::string& keyword) {
  return output.text.find("[GNUPG:] " + keyword + " ") != std::string::npos;
}

// What gpgv said to people, in one line.
std::string Words(const Output& output) {
  std::istringstream lines(output.text);
  std::string words;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("gpgv: ", 0) != 0) continue;
    const size_t text = line.find_first_not_of(' ', 6);
    if (text != std::string::npos) words += (words.empty() ? "" : "; ") + line.substr(text);
  }
  return words.empty() ? "gpgv ended with " + std::to_string(output.status) : words;
}

}  // namespace

Result<std::string> DearmorKeys(std::string_view keys) {
  size_t begin = keys.find(kBegin);
  if (begin == std::string_view::npos) return std::string(keys);
  std::string all;
  for (; begin != std::string_view::npos; begin = keys.find(kBegin, begin)) {
    begin += kBegin.size();
    const size_t line = keys.find('\n', begin);
    const size_t end = keys.find(kEnd, begin);
    if (line > end || end == std::string_view::npos) return InvalidArgument("the keyring ends in the middle of a key");
    Result<std::string> block = DearmorBlock(keys.substr(line + 1, end - line - 1));
    if (!block.ok()) return block;
    all += *block;
    begin = end;
  }
  return all;
}

Status VerifySignature(const SignedFile& file, const std::string& work_dir, const std::stop_token& stop) {
  const Result<std::string> keyring = DearmorKeys(file.keyring);
  if (!keyring.ok()) return MakeError(Code::kFailedPrecondition, keyring.error().message);
  const TemporaryDir home(work_dir);
  if (!home.made()) return firesteel::Internal("cannot make a folder in " + work_dir);
  const std::string keys = home.path() + "/keyring.gpg";
  const std::string signature = home.path() + "/signature";
  for (const auto& [path, content] : {std::pair{keys, *keyring}, std::pair{signature, file.signature}}) {
    const Status written = firesteel::WriteFileAtomically(path, content, 0600);
    if (!written.ok()) return written;
  }
  const Result<Output> output =
      Run({kGpgv, "--homedir", home.path(), "--status-fd", "1", "--keyring", keys, signature, file.path}, stop);
  if (!output.ok()) return output.error();
  if (stop.stop_requested()) return firesteel::Unavailable("stopped");
  // gpgv's exit status alone would let a revoked key pass.
  if (HasStatus(*output, "REVKEYSIG")) return MakeError(Code::kFailedPrecondition, "signed by a revoked key");
  if (output->status == 0 && HasStatus(*output, "VALIDSIG")) return {};
  return MakeError(Code::kFailedPrecondition, Words(*output));
}

}  // namespace bootd::artifacts
