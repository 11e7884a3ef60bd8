// Waiting that a stop ends.
#pragma once

#include <chrono>
#include <stop_token>

namespace firesteel::runtime {

void SleepUnlessStopped(std::stop_token stop, std::chrono::milliseconds time);
void WaitForStop(std::stop_token stop);

}  // namespace firesteel::runtime
