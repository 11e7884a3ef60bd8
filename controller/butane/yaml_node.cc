#include "controller/butane/yaml_node.h"

#include <yaml.h>

#include <map>

namespace firesteel::butane {
namespace {

constexpr std::string_view kLongTag = "tag:yaml.org,2002:";

std::string Text(const yaml_char_t* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

std::string ShortTag(const yaml_char_t* tag) {
  const std::string text = Text(tag);
  if (text == "!") return "";  // go-yaml resolves it like an untagged one
  return text.rfind(kLongTag, 0) == 0 ? "!!" + text.substr(kLongTag.size()) : text;
}

// Turns libyaml's events into nodes. A failure is kept and ends every loop.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    yaml_parser_initialize(&parser_);
    const char* bytes = text.empty() ? "" : text.data();  // libyaml ends the process for a null pointer
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes), text.size());
  }
  ~Reader() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<std::unique_ptr<YamlNode>> Document() {
    Next();  // the stream's start
    Next();
    std::unique_ptr<YamlNode> root;
    if (event_.type == YAML_DOCUMENT_START_EVENT) {
      Next();
      root = Node(0);
      Next();  // the document's end: what stands before it must be sound
      // go-yaml ignores what follows, and so do we; but a stray '%' ends a document only for
      // libyaml.
      if (error_.empty() && event_.start_mark.index < text_.size() &&
          text_[event_.start_mark.index] == '%')
        Next();
    }
    if (!error_.empty()) return InvalidArgument(error_);
    return root;
  }

 private:
  void Next() {
    if (!error_.empty()) return;
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) == 0) Fail();
  }

  // go-yaml's rule for the line it names.
  void Fail() {
    event_.type = YAML_NO_EVENT;
    size_t line =
        parser_.context_mark.line != 0 ? parser_.context_mark.line : parser_.problem_mark.line;
    if (line != 0 && parser_.error == YAML_SCANNER_ERROR) ++line;
    const std::string problem =
        parser_.problem == nullptr ? "unknown problem parsing YAML content" : parser_.problem;
    error_ = (line == 0 ? "" : "line " + std::to_string(line) + ": ") + problem;
  }

  std::unique_ptr<YamlNode> NewNode(NodeKind kind) const {
    auto node = std::make_unique<YamlNode>();
    node->kind = kind;
    node->line = static_cast<int>(event_.start_mark.line) + 1;
    node->column = static_cast<int>(event_.start_mark.column) + 1;
    return node;
  }

  void Anchor(const yaml_char_t* anchor, const YamlNode* node) {
    if (anchor != nullptr) anchors_[Text(anchor)] = node;
  }

  // The node whose first event is the current one; leaves its last event current.
  std::unique_ptr<YamlNode> Node(int depth) {
    if (!error_.empty()) return nullptr;
    if (depth > kMaxDepth) {
      error_ = "line " + std::to_string(event_.start_mark.line + 1) + ": nested deeper than " +
               std::to_string(kMaxDepth) + " levels";
      return nullptr;
    }
    switch (event_.type) {  // NOLINT: the events that can start a node
      case YAML_ALIAS_EVENT: return Alias();
      case YAML_SCALAR_EVENT: return Scalar();
      case YAML_SEQUENCE_START_EVENT: return Collection(NodeKind::kSequence, depth);
      case YAML_MAPPING_START_EVENT: return Collection(NodeKind::kMapping, depth);
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_START_EVENT:
      case YAML_DOCUMENT_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: break;
    }
    error_ = "unknown problem parsing YAML content";
    return nullptr;
  }

  std::unique_ptr<YamlNode> Alias() {
    auto node = NewNode(NodeKind::kAlias);
    node->value = Text(event_.data.alias.anchor);
    const auto found = anchors_.find(node->value);
    if (found == anchors_.end()) {
      error_ = "unknown anchor '" + node->value + "' referenced";
    } else {
      node->target = found->second;
    }
    return node;
  }

  std::unique_ptr<YamlNode> Scalar() {
    auto node = NewNode(NodeKind::kScalar);
    const auto& scalar = event_.data.scalar;
    node->tag = ShortTag(scalar.tag);
    node->value.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node->quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
    Anchor(scalar.anchor, node.get());
    return node;
  }

  std::unique_ptr<YamlNode> Collection(NodeKind kind, int depth) {
    auto node = NewNode(kind);
    const bool is_map = kind == NodeKind::kMapping;
    node->tag = ShortTag(is_map ? event_.data.mapping_start.tag : event_.data.sequence_start.tag);
    Anchor(is_map ? event_.data.mapping_start.anchor : event_.data.sequence_start.anchor,
           node.get());
    const yaml_event_type_t end = is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    for (Next(); error_.empty() && event_.type != end; Next())
      node->children.push_back(Node(depth + 1));
    return node;
  }

  const std::string_view text_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  std::map<std::string, const YamlNode*> anchors_;
  std::string error_;
};

}  // namespace

Result<std::unique_ptr<YamlNode>> ParseYaml(std::string_view text) {
  return Reader(text).Document();
}

}  // namespace firesteel::butane
