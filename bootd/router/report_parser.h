// A node's progress report as it comes in: JSON from the network.
#pragma once

#include <string>

#include "base/result.h"
#include "proto/boot_event.h"

namespace bootd::router {

// {"bootID","step","state","message","log"}; the log is cut to its last 8 KiB, the message to 1 KiB.
firesteel::Result<firesteel::contract::Report> ParseReport(const std::string& body);

}  // namespace bootd::router
