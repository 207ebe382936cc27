package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The whole program, killed while it serves: a browser waits and is answered.
func TestServeKeepOutlivesAKillAndStopsProperly(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	keeper := exec.Command(os.Args[0])
	keeper.Args = []string{"holdfast", "serve", "--keep", "--no-browser", "--data", t.TempDir(), "--listen", at}
	keeper.Env = append(os.Environ(), "HOLDFAST_DATA=", "HOLDFAST_SERVER=", "HOLDFAST_DATABASE=", "NOTIFY_SOCKET=")
	var out strings.Builder
	keeper.Stdout, keeper.Stderr = &out, &out
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = keeper.Process.Kill() }()
	well := func() error {
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/healthz", nil)
		if err != nil {
			return err
		}
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	for deadline := time.Now().Add(30 * time.Second); well() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come up")
		}
	}
	before := childOf(t, keeper.Process.Pid)
	time.Sleep(300 * time.Millisecond) // ready is said a moment after it listens
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	if err := well(); err != nil { // at once: nobody is there yet
		t.Errorf("who came while it was away was not answered: %v", err)
	}
	if now := childOf(t, keeper.Process.Pid); now == before {
		t.Error("it was not killed")
	}
	if err := keeper.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Wait(); err != nil {
		t.Errorf("it did not stop properly: %v\n%s", err, out.String())
	}
	if well() == nil {
		t.Error("somebody still serves")
	}
}

// childOf is the only child of a process.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(text), ") ")
		if f := strings.Fields(after); len(f) > 1 && f[1] == fmt.Sprint(pid) {
			n, _ := strconv.Atoi(e.Name())
			return n
		}
	}
	t.Fatalf("process %d has no child", pid)
	return 0
}
