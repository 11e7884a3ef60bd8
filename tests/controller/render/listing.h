// An Ignition configuration as a person reads it.
#pragma once

#include <map>
#include <string>

namespace firesteel::render {

struct NodeFile {
  int mode = 0;
  std::string content;  // "" for a file that Ignition downloads
  std::string source;   // its URL and digest; "" for an inline file
};

// storage.files by path, decoded.
std::map<std::string, NodeFile> FilesOf(const std::string& ignition);

// systemd.units' contents by name, and their drop-ins' by "<unit>.d/<name>".
std::map<std::string, std::string> UnitsOf(const std::string& ignition);

// Every file, unit and user; the text of controller/render/node/* is given by its name there.
std::string Listing(const std::string& ignition);

}  // namespace firesteel::render
