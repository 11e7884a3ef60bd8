// Detached OpenPGP signatures (RFC 4880), verified by gpgv(1): it trusts exactly the keys that it is
// given, needs no agent and no home folder.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bootd::artifacts {

// The binary form of public keys: gpgv reads no other. ASCII armor (RFC 4880 §6.2) may hold several blocks,
// so that an old and a new key can stand one below the other; anything else is taken to be binary already.
firesteel::Result<std::string> DearmorKeys(std::string_view keys);

struct SignedFile {
  std::string path;
  std::string signature;  // binary or armored
  std::string keyring;    // public keys, binary or armored
};

// Blocks while gpgv reads the file. kFailedPrecondition: not signed by one of the keys, or by one that is
// revoked; the message has gpgv's words. A key that has expired since it signed is good: releases outlive
// the keys that signed them. Other codes: it could not be found out; a stop request kills gpgv. `work_dir` takes
// temporary files.
firesteel::Status VerifySignature(const SignedFile& file, const std::string& work_dir, const std::stop_token& stop = {});

}  // namespace bootd::artifacts
