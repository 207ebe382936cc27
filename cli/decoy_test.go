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

// runDecoyOnce runs a decoy for one visit, in which the text is sent.
func runDecoyOnce(t *testing.T, text string, args ...string) (out string, status int) {
	t.Helper()
	said, say := io.Pipe()
	var printed bytes.Buffer
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	done := make(chan int, 1)
	go func() {
		args := append([]string{"decoy", "run", "--listen", "127.0.0.1:0", "--stop-after", "1"}, args...)
		done <- Run(ctx, Deps{Args: args, Env: func(string) string { return "" }, In: strings.NewReader(""), Out: &printed, Err: say, Now: testkit.NewClock().Now, Version: "test"})
		say.Close()
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, said)
	_, at, _ := strings.Cut(strings.TrimSpace(line), "waits at ")
	at, _, _ = strings.Cut(at, ". ")
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).CloseWrite()
	status = <-done
	return printed.String(), status
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
