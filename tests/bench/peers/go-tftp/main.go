// A read-only TFTP server on github.com/pin/tftp: a peer of the TFTP bench.
package main

import (
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/pin/tftp/v3"
)

// Usage: go-tftp ADDR:PORT DIR
func main() {
	read := func(name string, rf io.ReaderFrom) error {
		file, err := os.Open(filepath.Join(os.Args[2], filepath.Clean("/"+name)))
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = rf.ReadFrom(file)
		return err
	}
	log.Fatal(tftp.NewServer(read, nil).ListenAndServe(os.Args[1]))
}
