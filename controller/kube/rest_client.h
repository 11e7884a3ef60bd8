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

// Asked before every call: an Error ends the call with it, and nothing is sent.
using CallGate = std::function<Status()>;

// Thread-safe. Never throws. No call takes longer than `timeout`, except Watch, and the lookup of a host name.
std::unique_ptr<Client> NewRestClient(ConnectionConfig config, CallObserver observer = {},
                                      std::chrono::milliseconds timeout = std::chrono::seconds(30), CallGate gate = {});

}  // namespace firesteel::kube
