// Which file a machine means by a name. Firmware sends names with bytes behind them (it takes a DHCP option for a C
// string), with doubled or leading slashes, backslashes, capitals, or as a whole URL. Pure; for TFTP and HTTP alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bootd::router {

// The files that `name` may stand for, the likeliest first, none twice. Each is a safe relative path: no empty, "." or
// ".." segment, and only characters that names of ours have. Empty = the name stands for no file.
//   "//grubx64.efi"                  grubx64.efi          (shim's second stage)
//   "\EFI\BOOT\BOOTX64.EFI"          EFI/BOOT/BOOTX64.EFI, then efi/boot/bootx64.efi
//   "undionly.kpxe\xff"              undionly.kpxe, then undionly.kpx, undionly.kp
//   "tftp://10.0.0.1/snponly.efi"    snponly.efi
//   "::artifacts/vmlinuz"            artifacts/vmlinuz    (pxelinux' notation, which U-Boot sends as it is)
std::vector<std::string> FilesMeantBy(std::string_view name);

}  // namespace bootd::router
