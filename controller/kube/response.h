// What an HTTP answer of the API server means.
#pragma once

#include <string>

#include "controller/kube/client.h"

namespace firesteel::kube {

struct HttpResponse {
  int status = 0;
  std::string body;
  int retry_after_seconds = 0;  // header Retry-After, 0 = none
};

bool IsSuccess(const HttpResponse& response);  // 2xx
// The object (see ParseJson), or the Error that the server's metav1.Status describes.
Result<nlohmann::json> ReadObject(const HttpResponse& response);
// metadata.resourceVersion of what was written, or the Error.
Result<std::string> ReadVersion(const HttpResponse& response);
Result<ObjectPage> ReadPage(const HttpResponse& response);

// `status` as the server's ERROR watch event or an HTTP status carry it.
Error ErrorFromStatus(int code, const nlohmann::json& status);

}  // namespace firesteel::kube
