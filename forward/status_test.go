package forward

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestTheExampleCanBeUsedAsItIs(t *testing.T) {
	list, err := ReadTargets([]byte(ExampleFor("fernhill")), func(string) string { return "s3cret" })
	if err != nil || len(list) != 2 || list[0].Workspace != "fernhill" || list[1].Token != "s3cret" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestWhatIsToldOfATargetHoldsNoSecret(t *testing.T) {
	target := target(t, "to: https://siem.example:8088/services/hidden-path?key=hidden-key", "token: hidden-token")
	told := fmt.Sprintf("%+v", target.Tell(Stats{}))
	if strings.Contains(told, "hidden") || !strings.Contains(told, "https://siem.example:8088") || !strings.Contains(told, "with a token") {
		t.Error(told)
	}
}

func TestTheStateSaysWhetherSomebodyMustLook(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for want, s := range map[State]Stats{
		Fresh: {}, Going: {At: at, Position: 5, LastErr: "is over"}, Behind: {At: at, Position: 5, Behind: farBehind + 1}, Standing: {At: at, Position: 5, Behind: farBehind + 1, Trouble: "refused"},
	} {
		if got := (Status{Stats: s}).State(); got != want {
			t.Errorf("%+v: %s, want %s", s, got, want)
		}
	}
}

func TestATestEventArrivesPastTheFilterAndSaysWhatItIs(t *testing.T) {
	var got string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		if strings.HasSuffix(r.URL.Path, "/broken") {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer web.Close()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	must(t, Test(t.Context(), target(t, "to: "+web.URL+"/ocsf", "min_severity: fatal", "sources: [nobody]"), now))
	if !strings.Contains(got, "Test of the forwarding to siem") || !strings.Contains(got, `"class_uid"`) {
		t.Errorf("the receiver got %s", got)
	}
	err := Test(t.Context(), target(t, "to: "+web.URL+"/broken?key=hidden", "token: hidden"), now)
	if err == nil || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("a refusal: %v", err)
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	lines := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		data := make([]byte, 4096)
		n, _ := conn.Read(data)
		lines <- string(data[:n])
		_ = conn.Close()
	}()
	must(t, Test(t.Context(), target(t, "to: tcp://"+listener.Addr().String()), now))
	if line := <-lines; !strings.Contains(line, "holdfast-test") || !strings.Contains(line, "Test of the forwarding to siem") {
		t.Errorf("the receiver got %q", line)
	}
	must(t, listener.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if Test(ctx, target(t, "to: tcp://"+listener.Addr().String()), now) == nil {
		t.Error("nobody listens, and the test succeeds")
	}
}
