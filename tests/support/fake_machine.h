// Plays a machine that boots from the network: makes the requests that iPXE, Ignition and the node's
// reporter make, and nothing else. Fake: no firmware, kernel or Ignition runs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace firesteel::test {

struct HttpAnswer {
  int status = 0;  // 0 = no answer
  std::string body;
};

class FakeMachine {
 public:
  // `boot_url`: bootd's, http://host:port.
  FakeMachine(std::string boot_url, std::string mac);

  HttpAnswer Script() const;     // what iPXE asks for
  bool Known() const;    // bootd has an entry for it
  bool Unknown() const;  // bootd has none, and lets it go on with its disk
  bool Boots() const;            // whether that names what to boot
  HttpAnswer FetchKernel() const;  // the first artifact its script names
  HttpAnswer Stage1() const;
  // Follows stage 1 as Ignition does: its bearer token, its CA. Its stage 2's checksum is verified:
  // status -1 where it differs.
  HttpAnswer Stage2(const HttpAnswer& stage1) const;
  // With the token and boot id of stage 2.
  HttpAnswer Report(const HttpAnswer& stage2, const std::string& step, const std::string& state,
                    const std::string& message = "") const;

  // Content of a file that an Ignition config writes; "" = it writes none there.
  static std::string FileIn(const std::string& ignition, const std::string& path);

 private:
  const std::string boot_url_;
  const std::string name_;  // the MAC address with hyphens
};

// Firmware, iPXE and Ignition: waits until the machine has its stage 2, which it returns.
HttpAnswer NetBoot(const FakeMachine& machine);

HttpAnswer HttpGet(const std::string& url, const std::string& bearer = "", const std::string& ca_pem = "");
HttpAnswer HttpPost(const std::string& url, const std::string& bearer, const std::string& ca_pem, const std::string& body);

}  // namespace firesteel::test
