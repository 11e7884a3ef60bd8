// The Butane configs that ours and the real butane are compared on.
#pragma once

#include <string>
#include <vector>

namespace firesteel::butane {

struct CorpusCase {
  std::string name;  // "files.bu: path twice (1.1.0)"
  std::string text;
};

// A file of corpus/ holds many: "=== name" starts one. One that names no variant is taken twice,
// once as flatcar 1.0.0 and once as flatcar 1.1.0, with the two header lines put before it.
std::vector<CorpusCase> Corpus();

// `count` configs made from the corpus by a few random edits each; the same ones every time.
std::vector<CorpusCase> Mutants(size_t count, unsigned seed);

}  // namespace firesteel::butane
