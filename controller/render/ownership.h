// What a user's layer must leave alone: the files and units that make a machine a node of its cluster.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace firesteel::render {

// Why `layer` must not be laid over `ours`: the path or unit that it takes, and what to do instead. ""
// = it may. Ignition configs as they are written. Ours are
// - the files, links and units of `ours`, but for settings that have no directory of their own to add to
//   (kFree in the source), and all that is in our directories or has our units' prefix;
// - what kubeadm writes: its keys, kubeconfigs, static pods and etcd's data;
// - the whole, which ignition.config.replace and .merge would change where nobody can review it.
// Drop-ins are free: they add to a unit of ours, and show in `systemctl cat`.
std::string Overreach(const nlohmann::json& ours, const nlohmann::json& layer);

}  // namespace firesteel::render
