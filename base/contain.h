// Keeps what one bad object makes our code throw from ending the thread that works for all objects.
#pragma once

#include <exception>

#include "base/result.h"

namespace firesteel {

// Runs `work`. What it throws is returned as an Error (kInternal): a fault of ours, never expected.
template <typename Work>
Status Contain(const Work& work) {
  try {
    work();
    return {};
  } catch (const std::exception& thrown) {
    return Internal(std::string("the program threw: ") + thrown.what());
  } catch (...) {
    return Internal("the program threw something that is no std::exception");
  }
}

}  // namespace firesteel
