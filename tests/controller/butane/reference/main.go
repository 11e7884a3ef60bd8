// Runs the real butane and Ignition on many configs at once, for comparison with ours: reads one JSON
// request from standard input and answers each part of it in order.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	written "github.com/clarketm/json" // butane's own encoder: it leaves empty structs out
	"github.com/coreos/butane/config"
	"github.com/coreos/butane/config/common"
	"github.com/coreos/ignition/v2/config/v3_3"
	"github.com/coreos/ignition/v2/config/v3_4"
	"github.com/coreos/vcontext/report"
)

type request struct {
	Transpile []string    // Butane configs
	Merge     [][2]string // Ignition configs: parent, child
	Validate  []string    // Ignition configs
}

type entry struct {
	Kind    string `json:"kind"`
	Path    string `json:"path"`
	Line    int64  `json:"line"`
	Column  int64  `json:"column"`
	Message string `json:"message"`
}

type answer struct {
	Ignition string  `json:"ignition"` // "" when there is an error
	Entries  []entry `json:"entries"`
	Error    string  `json:"error"`
	Text     string  `json:"text"` // the report as butane prints it
}

func newAnswer(out []byte, r report.Report, err error) answer {
	a := answer{Ignition: string(out), Entries: []entry{}, Text: r.String()}
	for _, e := range r.Entries {
		line, column := e.Marker.Start()
		a.Entries = append(a.Entries, entry{e.Kind.String(), e.Context.String(), line, column, e.Message})
	}
	if err != nil {
		a.Ignition, a.Error = "", err.Error()
	}
	return a
}

// In the newer of the two versions, of which 3.3.0 is the oldest.
func merge(parent, child []byte) ([]byte, error) {
	p33, _, perr := v3_3.ParseCompatibleVersion(parent)
	c33, _, cerr := v3_3.ParseCompatibleVersion(child)
	if perr == nil && cerr == nil {
		return written.Marshal(v3_3.Merge(p33, c33))
	}
	p, _, err := v3_4.ParseCompatibleVersion(parent)
	if err != nil {
		return nil, fmt.Errorf("parent: %w", err)
	}
	c, _, err := v3_4.ParseCompatibleVersion(child)
	if err != nil {
		return nil, fmt.Errorf("child: %w", err)
	}
	return written.Marshal(v3_4.Merge(p, c))
}

func run(in request) map[string][]answer {
	out := map[string][]answer{"transpile": {}, "merge": {}, "validate": {}}
	for _, text := range in.Transpile {
		json, r, err := config.TranslateBytes([]byte(text), common.TranslateBytesOptions{})
		out["transpile"] = append(out["transpile"], newAnswer(json, r, err))
	}
	for _, pair := range in.Merge {
		json, err := merge([]byte(pair[0]), []byte(pair[1]))
		out["merge"] = append(out["merge"], newAnswer(json, report.Report{}, err))
	}
	for _, text := range in.Validate {
		_, r, err := v3_4.ParseCompatibleVersion([]byte(text))
		out["validate"] = append(out["validate"], newAnswer(nil, r, err))
	}
	return out
}

func main() {
	var in request
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fmt.Fprintln(os.Stderr, "butane-reference:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(run(in)); err != nil {
		fmt.Fprintln(os.Stderr, "butane-reference:", err)
		os.Exit(1)
	}
}
