package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// profiled is the product with net/http/pprof, on an address of its own. It is laid over the source, as other variants are.
var profiled = variant{name: "undersigned, profiled", file: "cmd/undersigned/profile.go", new: `package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
)

func init() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	runtime.SetMutexProfileFraction(10)
	runtime.SetBlockProfileRate(1_000_000)
	fmt.Fprintln(os.Stderr, "profiles at", listener.Addr())
	go http.Serve(listener, nil)
}
`}

var profilesAt = regexp.MustCompile(`profiles at (\S+)`)

const profiling = 10 // seconds

// profile writes what the program does under the load of each part: processor time, allocations and locks of signing,
// confirming and reading a page, and what an idle site keeps in memory.
func (b *bench) profile(ctx context.Context) error {
	if err := os.MkdirAll(b.profiles, 0o755); err != nil {
		return err
	}
	s, sign, confirm, closing, err := b.confirmable(ctx, profiled)
	if closing != nil {
		defer closing()
	}
	if err != nil {
		return err
	}
	output, err := os.ReadFile(s.out.Name())
	if err != nil {
		return err
	}
	at := profilesAt.FindSubmatch(output)
	if at == nil {
		return errors.New("the program does not say where its profiles are")
	}
	write := func(name, path string) error {
		answer, err := http.Get("http://" + string(at[1]) + "/debug/pprof/" + path)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		file, err := os.Create(filepath.Join(b.profiles, name+".pprof"))
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(file, answer.Body)
		return err
	}
	if err := write("idle-memory", "heap?gc=1"); err != nil {
		return err
	}
	sign.connections, sign.most = callers, 0
	for _, c := range []*contender{posting("sign", "", sign), posting("confirm", "", confirm), getting("page", "", s, petition)} {
		if _, err := c.ask(ctx, time.Second); err != nil {
			return err
		}
		done := make(chan error, 1)
		go func() { _, err := c.ask(ctx, (profiling+1)*time.Second); done <- err }()
		for kind, path := range map[string]string{"cpu": fmt.Sprintf("profile?seconds=%d", profiling), "allocs": "allocs", "mutex": "mutex", "block": "block"} {
			if err := write(c.name+"-"+kind, path); err != nil {
				return err
			}
		}
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}
