// A Butane config into the Ignition config it stands for. Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "controller/butane/schema.h"
#include "controller/butane/translations.h"

namespace firesteel::butane {

struct Translated {
  nlohmann::json config;  // in normal form
  Translations translations;
};

// `source`: a Butane config in normal form that ValidateSource found nothing fatal in.
Translated Translate(Spec spec, const nlohmann::json& source);

}  // namespace firesteel::butane
