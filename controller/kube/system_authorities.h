// The system's authorities, for a server whose own authority is not named.
#pragma once

#include <string>

namespace firesteel::kube {

// The file that OpenSSL would read: $SSL_CERT_FILE, else its default; as it was before it was hidden. Thread-safe.
const std::string& SystemAuthorities();

// Makes OpenSSL's default an empty file from now on, by the environment: to be called before any thread is started, as
// others may read the environment at any time. Only speed depends on it. cpprest loads the default for each connection, 140 certificates
// and more time than a thousand calls take, also where it is to trust another authority only, and has no option not to.
void HideSystemAuthorities();

}  // namespace firesteel::kube
