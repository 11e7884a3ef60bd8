// The Kubernetes API, and HttpClient, over cpprestsdk, whose only home this is: it is in maintenance
// mode, and slow to compile.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "controller/kube/client.h"
#include "controller/kube/connection.h"

namespace firesteel::kube {

// Called after every call, for metrics; status 0 = no answer.
using RequestObserver = std::function<void(const std::string& method, int status)>;

// Thread-safe. Never throws; no call takes longer than 30 s but Watch.
std::unique_ptr<Client> NewRestClient(ConnectionConfig config, RequestObserver observer = {});

}  // namespace firesteel::kube
