// iPXE's program by TFTP. Where iPXE asks for its own program again, the script is sent in its place.
#pragma once

#include "bootd/router/parts.h"

namespace bootd::router {

// Whether the file is an iPXE: a loader that asks for itself again where DHCP says nothing but its name.
bool IsIpxeLoader(std::string_view name);
// The script that leads any machine to its own.
bool IsChainScript(std::string_view name);
core::BytesContent ChainScriptContent(const Parts& parts, std::function<void(bool)> on_end = {});

// `file`: where the asset lies on the disk.
TftpContent SendLoader(const Parts& parts, const tftp::Request& request, const std::string& file);

}  // namespace bootd::router
