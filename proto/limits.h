// Bounds of what the two daemons tell each other. The sender cuts free text and refuses the rest; the
// receiver trusts nobody and checks again.
#pragma once

#include <cstddef>

namespace firesteel::contract {

inline constexpr size_t kMaxMessageBytes = 16u << 20;  // one message on the stream
// Where a sender starts another message: one BootEntry at its largest still fits after this. What is in a message is
// in memory three times while it is taken.
inline constexpr size_t kChunkBytes = 256u << 10;
inline constexpr size_t kMaxSnapshotBytes = 512u << 20;  // all messages of one snapshot together

inline constexpr size_t kMaxStage2Bytes = 4u << 20;
inline constexpr size_t kMaxIdBytes = 512;     // "namespace/name": 63 + 1 + 253
inline constexpr size_t kMaxBootIdBytes = 128;
inline constexpr size_t kMaxTokenBytes = 512;
inline constexpr size_t kMaxInitrds = 16;
inline constexpr size_t kMaxKernelArguments = 128;
inline constexpr size_t kMaxKernelArgumentBytes = 2048;  // Linux: COMMAND_LINE_SIZE on x86 and arm64
inline constexpr size_t kMaxUrlBytes = 2048;
inline constexpr size_t kMaxKeyringBytes = 256u << 10;

inline constexpr size_t kMaxTextBytes = 1024;  // hold_reason, detail, message
inline constexpr size_t kMaxErrorBytes = 4096;
inline constexpr size_t kMaxStepBytes = 64;
inline constexpr size_t kMaxLogTailBytes = 8192;

}  // namespace firesteel::contract
