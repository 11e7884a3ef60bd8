#include "bootd/privileges.h"

#include <sys/capability.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace bootd {
namespace {

using firesteel::Status;

struct FreeCap {
  void operator()(cap_t caps) const { cap_free(caps); }
};
using Caps = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCap>;

Status Failed(const char* what) {
  return firesteel::Unavailable(std::string("cannot drop privileges: ") + what + ": " + std::strerror(errno));
}

// Only what a program is executed with would come from here, and no_new_privs ends that too: a process
// that may not drop it need not.
void DropBoundingSet() {
  for (cap_value_t cap = 0; cap < cap_max_bits(); ++cap) cap_drop_bound(cap);
}

}  // namespace

void RaiseLowPortRight() {
  const Caps caps(cap_get_proc());
  const cap_value_t right = CAP_NET_BIND_SERVICE;
  if (caps && cap_set_flag(caps.get(), CAP_EFFECTIVE, 1, &right, CAP_SET) == 0) cap_set_proc(caps.get());
}

Status DropPrivileges() {
  DropBoundingSet();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Failed("no_new_privs");
  const Caps none(cap_init());
  if (!none || cap_set_proc(none.get()) != 0) return Failed("capset");  // ambient ones go with the permitted
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Failed("dumpable");
  return {};
}

}  // namespace bootd
