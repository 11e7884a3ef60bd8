// Result<T>: a value or an Error (g++ 12 has no std::expected). Status: success or an Error.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"

namespace firesteel {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}       // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}   // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only after ok(): asking a failed Result for its value is a programming error.
  const T& value() const& { assert(ok()); return *std::get_if<0>(&state_); }
  T& value() & { assert(ok()); return *std::get_if<0>(&state_); }
  T&& value() && { assert(ok()); return std::move(*std::get_if<0>(&state_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  // Only after !ok().
  const Error& error() const { assert(!ok()); return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT: implicit

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const { assert(!ok_); return error_; }

 private:
  Error error_;
  bool ok_ = true;
};

using Status = Result<void>;

inline Error MakeError(Code code, std::string message) { return Error{code, std::move(message), 0}; }
inline Error InvalidArgument(std::string m) { return MakeError(Code::kInvalidArgument, std::move(m)); }
inline Error NotFound(std::string m) { return MakeError(Code::kNotFound, std::move(m)); }
inline Error Unavailable(std::string m) { return MakeError(Code::kUnavailable, std::move(m)); }
inline Error Internal(std::string m) { return MakeError(Code::kInternal, std::move(m)); }

}  // namespace firesteel
