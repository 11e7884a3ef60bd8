module firesteel.dev/bench/go-http

go 1.21
