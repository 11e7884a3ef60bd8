package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The entries' way to the server: one connection, a JSON line an entry. Cheaper than gRPC with TLS, which
// Firesteel uses.
type feed struct {
	address string
	mutex   sync.Mutex
	out     net.Conn
}

func newFeed(address string) *feed { return &feed{address: address} }

func (f *feed) send(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.out == nil {
		if f.out, err = net.DialTimeout("tcp", f.address, time.Second); err != nil {
			return err
		}
	}
	if _, err = f.out.Write(append(line, '\n')); err != nil {
		f.out = nil
	}
	return err
}

// The server: what was fed last, as an iPXE script.
type table struct {
	mutex   sync.RWMutex
	entries map[string]entry
}

func (t *table) read(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			return
		}
		t.mutex.Lock()
		t.entries[strings.ReplaceAll(e.MAC, ":", "-")] = e
		t.mutex.Unlock()
	}
}

func (t *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mac := strings.TrimPrefix(r.URL.Path, "/ipxe/")
	t.mutex.RLock()
	e, known := t.entries[mac]
	t.mutex.RUnlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	base := "http://" + r.Host
	script := fmt.Sprintf("#!ipxe\necho boots %s\nkernel %s/artifacts/%s initrd=%s flatcar.first_boot=1 ignition.config.url=%s/ignition/%s %s || goto failed\n"+
		"initrd %s/artifacts/%s || goto failed\nboot || goto failed\n:failed\necho A download failed; trying again in 10 seconds.\nsleep 10\n"+
		"chain --replace --autofree %s/ipxe/%s || reboot\n",
		e.ID, base, e.Kernel, e.Initrd, base, mac, strings.Join(e.Arguments, " "), base, e.Initrd, base, mac)
	w.Header().Set("Content-Length", fmt.Sprint(len(script)))
	_, _ = w.Write([]byte(script))
}

func serve(address, feedAddress string) error {
	t := &table{entries: map[string]entry{}}
	listener, err := net.Listen("tcp", feedAddress)
	if err != nil {
		return err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go t.read(connection)
		}
	}()
	return http.ListenAndServe(address, t)
}
