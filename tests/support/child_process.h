// A program that a test started: its output goes to a file, and it is ended with the test.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace firesteel::test {

class ChildProcess {
 public:
  // `arguments[0]` is the program's path. Output is appended to the file `log`.
  ChildProcess(std::vector<std::string> arguments, std::string log);
  ~ChildProcess() { Kill(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Start();      // (again) with the same arguments
  void Kill();       // SIGKILL; waits until it is gone
  int Terminate();   // SIGTERM; waits; its exit status
  bool Running();    // false = it has ended by itself, or was ended
  pid_t pid() const { return pid_; }  // -1 = was ended
  const std::string& log() const { return log_; }
  std::string Output() const;

 private:
  int End(int signal);

  const std::vector<std::string> arguments_;
  const std::string log_;
  pid_t pid_ = -1;
};

// Runs a shell command to its end; its exit status, and what it printed.
struct Finished {
  int status = -1;
  std::string printed;
};
Finished RunShell(const std::string& command);

// A port that was free a moment ago, for programs that cannot say which one port 0 gave them, or that
// must have the same one after a restart.
int FreePort();

// Polls until `condition` holds; false after `seconds`, which only a failing test waits for.
bool Eventually(const std::function<bool()>& condition, int seconds = 60);

}  // namespace firesteel::test
