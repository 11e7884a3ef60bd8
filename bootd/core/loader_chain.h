// Breaks the chain-load loop. Where DHCP says nothing but next-server and filename, iPXE, once loaded, asks for its
// own program again. It then needs the script in its place. Firmware that got the script would run text as a program.
//
// The rule: a request may get the script only if it is worded as iPXE words its requests, and only if a whole loader
// went to the same address within two minutes before. All other requests get the loader. What can go wrong is harmless:
// - Firmware that is itself an iPXE (QEMU's, many NICs') may get the script at once; it runs scripts.
// - iPXE may get the loader once more (NAT, an iPXE that words its requests otherwise): it asks again. If that never
//   ends, DHCP has to name the script for the user class "iPXE", or the loader has to look for autoexec.ipxe.
//
// The address, the port and the wish for the file's size tell nothing: NAT hides the first two, all firmware has the third.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bootd::core {

// Whether the options of a TFTP request, as sent ("blksize=1432,tsize=0"), are those of iPXE. iPXE has had these
// two, in this order, since 2010. Firmware asks otherwise: EDK2 for 1468 bytes and a window, Intel's and other BIOS
// ROMs for 1456 or 1408 bytes with tsize first, U-Boot for a timeout, GRUB for 1024 bytes.
bool IsWordedByIpxe(std::string_view tftp_options);

enum class LoaderAnswer { kLoader, kScript };

// Pure. `loaders_before`: whole loaders that went to the same address and were not followed by a script yet.
LoaderAnswer AnswerLoaderRequest(bool worded_by_ipxe, uint32_t loaders_before);

// Counts the loaders of each address. Thread-safe; remembers at most 10,000 addresses.
class LoaderChain {
 public:
  LoaderAnswer Ask(const std::string& address, std::string_view tftp_options, firesteel::MonotonicTime now);
  // A download ended. Only a complete one counts: UEFI first asks for the size and aborts.
  void Downloaded(const std::string& address, LoaderAnswer what, firesteel::MonotonicTime now);
  // The only machine at this address is past its loader: its next request for one begins a new boot.
  void BootedOn(const std::string& address);

 private:
  struct Loaders {
    uint32_t count = 0;
    firesteel::MonotonicTime last;  // when the last of them was complete
  };
  void MakeRoom(firesteel::MonotonicTime now);  // only with mutex_ held

  std::mutex mutex_;
  std::map<std::string, Loaders> loaders_;  // guarded by mutex_
};

}  // namespace bootd::core
