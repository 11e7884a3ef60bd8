// The Kubernetes API over HTTP.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "controller/kube/client.h"
#include "controller/kube/connection.h"

namespace firesteel::kube {

// Called after every call; status 0 = no answer.
struct CallEnd {
  std::string method;
  int status = 0;
  std::chrono::milliseconds took{0};
};
using CallObserver = std::function<void(const CallEnd&)>;

// Thread-safe. Never throws; no call takes longer than `timeout` but Watch.
std::unique_ptr<Client> NewRestClient(ConnectionConfig config, CallObserver observer = {},
                                      std::chrono::seconds timeout = std::chrono::seconds(30));

}  // namespace firesteel::kube
