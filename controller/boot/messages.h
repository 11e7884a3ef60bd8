// What the controller says to a bootd replica, as protobuf messages. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "controller/boot/desired_state.h"
#include "firesteel/bootd/v1/bootd.pb.h"
#include "proto/convert.h"

namespace firesteel::boot {

contract::pb::ControllerMessage Hello(const std::string& identity);
contract::pb::ControllerMessage Acknowledgement(uint64_t cursor);
contract::pb::ControllerMessage ToMessage(const Update& update);

}  // namespace firesteel::boot
