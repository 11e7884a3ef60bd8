// object-status says what others make of Kubernetes objects: kstatus (Flux, Helm) by its own library, and
// a Lua script of Argo CD (health, discovery of actions, an action) in the interpreter that Argo CD uses.
//
//	object-status SCRIPT.lua < objects.json
//
// Reads a JSON list of objects, prints a list of {"kstatus": "Current", "lua": <what the script returned>}.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type verdict struct {
	Kstatus string `json:"kstatus"`
	Lua     any    `json:"lua"`
}

func main() {
	verdicts, err := judgeAll(os.Args)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(verdicts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "object-status:", err)
		os.Exit(1)
	}
}

func judgeAll(args []string) ([]verdict, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("usage: object-status SCRIPT.lua < objects.json")
	}
	script, err := os.ReadFile(args[1])
	if err != nil {
		return nil, err
	}
	var objects []map[string]any
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		return nil, err
	}
	verdicts := []verdict{}
	for _, object := range objects {
		judged, err := judge(object, string(script))
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, judged)
	}
	return verdicts, nil
}

func judge(object map[string]any, script string) (verdict, error) {
	result, err := status.Compute(&unstructured.Unstructured{Object: integers(object).(map[string]any)})
	if err != nil {
		return verdict{}, err
	}
	returned, err := runLua(object, script)
	return verdict{string(result.Status), returned}, err
}

// integers: the API machinery knows int64 and float64; encoding/json makes float64 of all numbers.
func integers(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, item := range v {
			out[key] = integers(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = integers(item)
		}
		return out
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return value
}

// runLua opens the libraries that Argo CD opens for a script of its ConfigMap, and no other: no string,
// no math.
func runLua(object map[string]any, script string) (any, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	state.SetGlobal("obj", toLua(state, object))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	return fromLua(state.Get(-1)), nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, item := range v {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, item := range v {
			table.Append(toLua(state, item))
		}
		return table
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	}
	return lua.LNil
}

// fromLua makes a list of an empty table, as Argo CD's encoder does.
func fromLua(value lua.LValue) any {
	switch v := value.(type) {
	case *lua.LTable:
		if v.Len() > 0 || v.MaxN() == 0 && isEmpty(v) {
			list := []any{}
			v.ForEach(func(_, item lua.LValue) { list = append(list, fromLua(item)) })
			return list
		}
		object := map[string]any{}
		v.ForEach(func(key, item lua.LValue) { object[key.String()] = fromLua(item) })
		return object
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return float64(v)
	case lua.LBool:
		return bool(v)
	}
	return nil
}

func isEmpty(table *lua.LTable) bool {
	key, _ := table.Next(lua.LNil)
	return key == lua.LNil
}
