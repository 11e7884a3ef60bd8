#include "bootd/http/parser.h"

#include <gtest/gtest.h>

#include <string>

#include "bootd/http/reply_head.h"

namespace bootd::http {
namespace {

ParsedHead Parse(const std::string& bytes, RequestHead& head, size_t max = 1000) { return ParseHead(bytes, max, head); }

TEST(HttpParser, ReadsWhatItUses) {
  RequestHead head;
  static const std::string text =
      "POST /a?b HTTP/1.1\r\nHost: x\r\nCONTENT-length:  5 \r\nAuthorization: Bearer t\r\nRange: bytes=0-1\r\n"
      "If-Range: \"e\"\r\nIf-None-Match: *\r\nIf-Modified-Since: d\r\nExpect: 100-Continue\r\nX-Other: y\r\n\r\n";
  const ParsedHead parsed = Parse(text + "hello", head);
  EXPECT_EQ(parsed.error, 0);
  EXPECT_EQ(parsed.size, text.size());
  EXPECT_EQ(head.method, Method::kPost);
  EXPECT_EQ(head.content_length, 5u);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_TRUE(head.keep_alive);
}

TEST(HttpParser, WaitsForTheWholeHeadButNotForEver) {
  RequestHead head;
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (size_t size = 0; size < text.size(); ++size) {
    const ParsedHead parsed = Parse(text.substr(0, size), head);
    EXPECT_EQ(parsed.size, 0u) << size;
    EXPECT_EQ(parsed.error, 0) << size;
  }
  EXPECT_EQ(Parse(std::string(1000, 'x'), head).error, 431);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(1000, 'x') + "\r\n\r\n", head).error, 431);
}

TEST(HttpParser, RefusesWhatIsNotUnderstoodTheSameEverywhere) {
  const struct { const char* text; int error; } cases[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0},
      {"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 0},
      {"GET / HTTP/1.0\r\n\r\n", 0},
      {"GET http://h:80/p HTTP/1.1\r\nHost: x\r\n\r\n", 0},
      {"GET / HTTP/1.1\r\n\r\n", 400},                                    // no Host
      {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"GET / FTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},                                             // HTTP/0.9
      {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
      {"get / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
      {"G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n", 400},           // a bare LF
      {"GET / HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\n: d\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1,1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411}};
  for (const auto& test : cases) {
    RequestHead head;
    EXPECT_EQ(Parse(test.text, head).error, test.error) << test.text;
  }
}

TEST(HttpParser, TakesTheTargetOfAnAbsoluteForm) {
  RequestHead head;
  const std::string text = "GET HTTP://h:80/p?q HTTP/1.1\r\nHost: x\r\n\r\n";
  Parse(text, head);
  EXPECT_EQ(head.target, "/p?q");
  const std::string bare = "GET http://h HTTP/1.1\r\nHost: x\r\n\r\n";
  Parse(bare, head);
  EXPECT_EQ(head.target, "/");
  const std::string query = "GET http://h?a=/b HTTP/1.1\r\nHost: x\r\n\r\n";
  Parse(query, head);
  EXPECT_EQ(head.target, "/") << "the slash is of the query";
}

TEST(HttpParser, KeepsTheConnectionAsAsked) {
  const struct { const char* text; bool keep; } cases[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: x,  CLOSE ,y\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n", true},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true}};
  for (const auto& test : cases) {
    RequestHead head;
    Parse(test.text, head);
    EXPECT_EQ(head.keep_alive, test.keep) << test.text;
  }
}

TEST(HttpReplyHead, AnswersConditions) {
  const Validators file{100, "\"e\"", "Sun, 06 Nov 1994 08:49:37 GMT"};
  const struct { Conditions conditions; int status; } cases[] = {
      {{}, 200},
      {{.range = "bytes=0-9", .if_range = "", .if_none_match = "", .if_modified_since = ""}, 206},
      {{.range = "bytes=0-9", .if_range = "\"e\"", .if_none_match = "", .if_modified_since = ""}, 206},
      {{.range = "bytes=0-9", .if_range = "\"f\"", .if_none_match = "", .if_modified_since = ""}, 200},
      {{.range = "bytes=100-", .if_range = "", .if_none_match = "", .if_modified_since = ""}, 416},
      {{.range = "", .if_range = "", .if_none_match = "\"d\", \"e\"", .if_modified_since = ""}, 304},
      {{.range = "", .if_range = "", .if_none_match = "\"d\"", .if_modified_since = "Sun, 06 Nov 1994 08:49:37 GMT"}, 200},
      {{.range = "bytes=0-9", .if_range = "", .if_none_match = "*", .if_modified_since = ""}, 304},
      {{.range = "", .if_range = "", .if_none_match = "", .if_modified_since = "Sun, 06 Nov 1994 08:49:37 GMT"}, 304},
      {{.range = "", .if_range = "", .if_none_match = "", .if_modified_since = "Sun, 06 Nov 1994 08:49:38 GMT"}, 200}};
  for (const auto& test : cases) {
    EXPECT_EQ(AnswerFile(test.conditions, file).status, test.status) << test.conditions.range << test.conditions.if_none_match;
  }
  EXPECT_EQ(ContentRangeField({206, {10, 5}}, 100), "Content-Range: bytes 10-14/100\r\n");
  EXPECT_EQ(ContentRangeField({416, {}}, 100), "Content-Range: bytes */100\r\n");
  EXPECT_EQ(HttpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace bootd::http
