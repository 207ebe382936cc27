package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"holdfast/engine/decoy"
	"holdfast/testkit"
)

// standing runs a command that listens, waits until it does, and returns where. The
// function that it returns waits for the end and tells what was printed.
func standing(t *testing.T, args ...string) (at string, end func() (out string, status int)) {
	t.Helper()
	said, say := io.Pipe()
	var printed bytes.Buffer
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(stop)
	done := make(chan int, 1)
	go func() {
		done <- Run(ctx, Deps{Args: args, Env: func(string) string { return "" }, In: strings.NewReader(""), Out: &printed, Err: say, Now: testkit.NewClock().Now, Version: "test"})
		say.Close()
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, said)
	_, at, _ = strings.Cut(strings.TrimSpace(line), " at ")
	at, _, _ = strings.Cut(at, ". ")
	return at, func() (string, int) { status := <-done; return printed.String(), status }
}

// runDecoyOnce runs a decoy for one visit, in which the text is sent.
func runDecoyOnce(t *testing.T, text string, args ...string) (out string, status int) {
	t.Helper()
	at, end := standing(t, append([]string{"decoy", "run", "--listen", "127.0.0.1:0", "--stop-after", "1"}, args...)...)
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).CloseWrite()
	return end()
}

func TestADecoyPrintsOneLineForEachVisit(t *testing.T) {
	out, status := runDecoyOnce(t, "USER adm\x1b[2J\r\nPASS a<b>\r\nQUIT\r\n", "--service", "ftp", "--scanner", "127.0.0.0/8", "--name", "dmz", "-o", "json")
	var v decoy.Visit
	if err := json.Unmarshal([]byte(out), &v); err != nil || status != OK || strings.Count(out, "\n") != 1 {
		t.Fatalf("%d, %q, %v", status, out, err)
	}
	if v.Trap != "dmz" || !v.Scanner || len(v.Credentials) != 1 || v.Credentials[0] != (decoy.Credential{User: `adm\x1b[2J`, Secret: "a<b>", Method: "password"}) {
		t.Errorf("%+v", v)
	}
	out, status = runDecoyOnce(t, "GET /.env HTTP/1.0\r\nUser-Agent: curl/8\u202e\r\n\r\n", "--service", "http")
	if status != OK || !strings.HasSuffix(out, " (curl)  GET /.env\n") {
		t.Errorf("%d, %q", status, out)
	}
}

func TestADecoyThatCannotStandSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "--service"}, {[]string{"--service", "ssh"}, "--listen"}, {[]string{"--service", "gopher", "--listen", "127.0.0.1:0"}, "choose ssh"},
		{[]string{"--service", "ssh", "--listen", "127.0.0.1:0", "-o", "csv"}, "choose table, json"},
		{[]string{"--service", "ssh", "--listen", "127.0.0.1:0", "--scanner", "10.0"}, "not an address or a network"},
		{[]string{"--service", "http", "--listen", "127.0.0.1:0", "--look", "acme"}, "choose intranet, mail, router"},
	} {
		if status, out, err := run(append([]string{"decoy", "run"}, c.args...)...); status != Usage || out != "" || !strings.Contains(err, c.want) {
			t.Errorf("%v: %d %q %q", c.args, status, out, err)
		}
	}
	if status, _, err := run("decoy", "run", "--service", "ssh", "--listen", "203.0.113.1:1"); status != Failure || !strings.Contains(err, "cannot listen on 203.0.113.1:1") {
		t.Errorf("%d %s", status, err)
	}
}

func TestALookUpOfATokenIsPrinted(t *testing.T) {
	id, err := decoy.NewID(strings.NewReader("fifteen letters"))
	if err != nil {
		t.Fatal(err)
	}
	at, end := standing(t, "decoy", "names", "--zone", "c.example.org", "--server", "ns.example.org", "--address", "192.0.2.7", "--listen", "127.0.0.1:0", "--stop-after", "1", "-o", "json")
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at)
	}}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	addresses, err := resolver.LookupNetIP(ctx, "ip4", "vault."+id+".c.example.org.")
	if err != nil || len(addresses) != 1 || addresses[0].String() != "192.0.2.7" {
		t.Errorf("%v, %v", addresses, err)
	}
	out, status := end()
	var hit decoy.Hit
	if err := json.Unmarshal([]byte(out), &hit); err != nil || status != OK || hit.ID != id || hit.Query != "A" || hit.At.IsZero() {
		t.Errorf("%d, %q, %v", status, out, err)
	}
	for _, args := range [][]string{{}, {"--zone", "c.example.org", "--server", "ns.example.org"}, {"--zone", "c..x", "--server", "ns.example.org", "--listen", "127.0.0.1:0"}, {"--zone", "c.x", "--server", "ns.x", "--listen", "127.0.0.1:0", "--address", "x"}} {
		if status, _, err := run(append([]string{"decoy", "names"}, args...)...); status != Usage {
			t.Errorf("%v: %d %s", args, status, err)
		}
	}
}
