#include "controller/api/packed_host.h"

#include <algorithm>
#include <concepts>
#include <limits>
#include <type_traits>

namespace firesteel::api {
namespace {

constexpr size_t kMaxWords = std::numeric_limits<uint8_t>::max();
constexpr size_t kMaxWordBytes = 200;

// A text that Words may know.
template <typename Text>
struct Common {
  Text& text;
};
template <typename Text>
Common(Text&) -> Common<Text>;

template <typename T, typename U>
concept Is = std::same_as<std::remove_const_t<T>, U>;
template <typename T>
concept Scalar = std::integral<T> || std::is_enum_v<T>;

// The fields of each struct, for both directions. A binding has a name for every field: one that is added does not
// compile until it is packed too.
void Fields(Is<Vlan> auto& vlan, auto& each) {
  auto& [id, link] = vlan;
  each(id, link);
}
void Fields(Is<Bond> auto& bond, auto& each) {
  auto& [mode, interfaces] = bond;
  each(mode, interfaces);
}
void Fields(Is<NetworkInterface> auto& interface, auto& each) {
  auto& [name, mac_address, addresses, gateway, nameservers, mtu, vlan, bond] = interface;
  each(name, mac_address, addresses, gateway, nameservers, mtu, vlan, bond);
}
void Fields(Is<Taint> auto& taint, auto& each) {
  auto& [key, value, effect] = taint;
  each(key, value, effect);
}
void Fields(Is<ButaneSource> auto& source, auto& each) {
  auto& [secret, name, key] = source;
  each(secret, name, key);
}
void Fields(Is<RootDeviceHints> auto& hints, auto& each) {
  auto& [device_name, hctl, model, vendor, serial_number, wwn, min_size, rotational] = hints;
  each(device_name, hctl, model, vendor, serial_number, wwn, min_size, rotational);
}
void Fields(Is<Condition> auto& condition, auto& each) {
  auto& [type, status, reason, message, generation, time] = condition;
  each(Common{type}, status, Common{reason}, Common{message}, generation, time);
}
void Fields(Is<ObjectMeta> auto& metadata, auto& each) {
  auto& [name, ns, uid, version, generation, created, deleted, finalizers, labels, annotations] = metadata;
  each(name, ns, uid, version, generation, created, deleted, finalizers, labels, annotations);
}
void Fields(Is<BareMetalHostSpec> auto& spec, auto& each) {
  auto& [cluster, role, mac, architecture, hostname, interfaces, node_addresses, labels, taints, butane_from, butane,
         static_initrd, installation, hints, disk_conflicts, reinstall, deletion_policy, paused] = spec;
  each(cluster, role, mac, architecture, hostname, interfaces, node_addresses, labels, taints, butane_from, butane,
       static_initrd, installation, hints, disk_conflicts, reinstall, deletion_policy, paused);
}
void Fields(Is<RemovalStatus> auto& removal, auto& each) {
  auto& [since, draining] = removal;
  each(since, draining);
}
void Fields(Is<BareMetalHostStatus> auto& status, auto& each) {
  auto& [generation, conditions, state, boot_id, attempts, booted, seen, ignition_boot_id, installed_boot_id, reinstall,
         step, step_state, step_message, node_name, ip, lost_data, held, removal] = status;
  each(generation, conditions, state, boot_id, attempts, booted, seen, ignition_boot_id, installed_boot_id, reinstall,
       step, step_state, step_message, node_name, ip, lost_data, held, removal);
}
void Fields(Is<BareMetalHost> auto& host, auto& each) {
  auto& [metadata, spec, status] = host;
  each(metadata, spec, status);
}

class Packer {
 public:
  explicit Packer(Words& words) : words_(words) { out_.reserve(1000); }
  std::string bytes() const { return std::string(std::string_view(out_)); }  // without what was reserved
  void operator()(const auto&... values) { (Put(values), ...); }

 private:
  // Seven bits a byte, the lowest first; the eighth says that more follow.
  void PutNumber(uint64_t number) {
    for (; number >= 0x80; number >>= 7) out_ += static_cast<char>(number | 0x80);
    out_ += static_cast<char>(number);
  }
  void Put(Scalar auto value) { PutNumber(static_cast<uint64_t>(value)); }
  void Put(const std::string& text) {
    PutNumber(text.size());
    if (!text.empty()) out_ += text;
  }
  template <typename Text>
  void Put(const Common<Text>& common) {
    const uint8_t number = words_.Number(common.text);
    Put(number);
    if (number == 0) Put(common.text);
  }
  void Put(const MacAddress& mac) { out_.append(mac.bytes().begin(), mac.bytes().end()); }
  void Put(WallTime time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    (*this)(second.time_since_epoch().count(), (time - second).count());
  }
  template <typename T>
  void Put(const std::optional<T>& value) {
    Put(value.has_value());
    if (value) Put(*value);
  }
  template <typename T>
  void Put(const std::vector<T>& values) {
    PutNumber(values.size());
    for (const T& value : values) Put(value);
  }
  void Put(const std::map<std::string, std::string>& map) {
    PutNumber(map.size());
    for (const auto& [key, value] : map) (*this)(Common{key}, value);
  }
  template <typename T>
    requires std::is_aggregate_v<T>
  void Put(const T& object) {
    Fields(object, *this);
  }

  Words& words_;
  std::string out_;
};

class Unpacker {
 public:
  Unpacker(std::string_view bytes, const Words& words) : next_(bytes.data()), words_(words) {}
  void operator()(auto&&... values) { (Take(values), ...); }
  std::string_view TakeText() { return Next(TakeNumber()); }

 private:
  uint64_t TakeNumber() {
    uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*next_++);
      number |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return number;
    }
  }
  std::string_view Next(size_t size) { return {std::exchange(next_, next_ + size), size}; }
  template <Scalar T>
  void Take(T& value) {
    value = static_cast<T>(TakeNumber());
  }
  void Take(std::string& text) {
    const std::string_view taken = TakeText();
    if (taken.empty()) return text.clear();  // most are
    text = taken;
  }
  void Take(Common<std::string>& common) {
    uint8_t number = 0;
    Take(number);
    if (number == 0) return Take(common.text);
    common.text = words_.Text(number);
  }
  void Take(MacAddress& mac) { mac = *MacAddress::FromBytes(Next(mac.bytes().size())); }
  void Take(WallTime& time) {
    int64_t seconds = 0;
    int64_t rest = 0;
    (*this)(seconds, rest);
    time = WallTime(std::chrono::seconds(seconds)) + WallTime::duration(rest);
  }
  template <typename T>
  void Take(std::optional<T>& value) {
    bool present = false;
    Take(present);
    if (!present) return value.reset();
    Take(value ? *value : value.emplace());
  }
  template <typename T>
  void Take(std::vector<T>& values) {
    values.resize(TakeNumber());
    for (T& value : values) Take(value);
  }
  void Take(std::map<std::string, std::string>& map) {
    map.clear();
    for (uint64_t left = TakeNumber(); left > 0; --left) {
      std::pair<std::string, std::string> entry;
      (*this)(Common{entry.first}, entry.second);
      map.insert(map.end(), std::move(entry));
    }
  }
  template <typename T>
    requires std::is_aggregate_v<T>
  void Take(T& object) {
    Fields(object, *this);
  }

  const char* next_;
  const Words& words_;
};

}  // namespace

uint8_t Words::Number(const std::string& text) {
  if (const auto it = numbers_.find(text); it != numbers_.end()) return it->second;
  const bool own = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c >= '0' && c <= '9'; });
  if (own || text.size() > kMaxWordBytes || texts_.size() == kMaxWords) return 0;
  const auto number = static_cast<uint8_t>(texts_.size() + 1);
  texts_.push_back(&numbers_.emplace(text, number).first->first);
  return number;
}

std::string PackHost(const BareMetalHost& host, Words& words) {
  Packer packer(words);
  packer(host);
  return packer.bytes();
}

BareMetalHost UnpackHost(std::string_view packed, const Words& words) {
  BareMetalHost host;
  UnpackHost(packed, words, host);
  return host;
}

void UnpackHost(std::string_view packed, const Words& words, BareMetalHost& host) { Unpacker(packed, words)(host); }

std::pair<std::string_view, std::string_view> NameAndNamespace(std::string_view packed) {
  static const Words none;
  Unpacker unpacker(packed, none);
  const std::string_view name = unpacker.TakeText();
  return {name, unpacker.TakeText()};
}

}  // namespace firesteel::api
