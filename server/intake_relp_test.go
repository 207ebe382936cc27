package server

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/clients"
)

// rsyslog sends over RELP and TLS as the recipe tells it to, and checks who we are.
func TestRsyslogSendsOverRELPAndTLSByTheRecipe(t *testing.T) {
	path := clients.Need(t, "rsyslog and rsyslog-relp", "rsyslogd")
	h := serveSources(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	src := &isms.EventSource{Base: isms.Base{Title: "Linux"}, Transport: "syslog_relp_tls", Format: "syslog", Product: "linux", Address: at, Senders: []string{"127.0.0.1"}}
	if err := h.l.App.Save(h.lead, src); err != nil {
		t.Fatal(err)
	}
	h.eventually("the source to listen", func() bool { return h.l.Detection.SourceHouse().Listens(src.ID) != "" })
	look, err := h.l.Detection.Source(h.lead, src.ID)
	if err != nil {
		t.Fatal(err)
	}
	guide := h.l.Detection.GuideTo(look, h.url, "")
	if guide.Recipe.ID != "linux-relp-tls" {
		t.Fatalf("the recipe is %s", guide.Recipe.ID)
	}
	text, certificate, _ := strings.Cut(guide.Text, "\n# /etc/rsyslog.d/holdfast.pem\n")
	var own string // the certificate of rsyslog, and its key
	var key []byte
	send := func(certificate, line string) {
		t.Helper()
		dir := t.TempDir()
		for name, content := range map[string]string{
			"holdfast.pem": certificate, "app.log": line + "\n",
			"conf": fmt.Sprintf("global(workDirectory=%q)\nmodule(load=\"imfile\")\ninput(type=\"imfile\" File=%q Tag=\"app:\")\n", dir, filepath.Join(dir, "app.log")) +
				strings.ReplaceAll(text, "/etc/rsyslog.d/", dir+"/"),
			"sender.pem": own, "sender.key": string(key),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(path, "-n", "-f", filepath.Join(dir, "conf"), "-i", filepath.Join(dir, "pid"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	arrived := func(line string) bool {
		return strings.Contains(strings.Join(h.lines(), "\n"), line)
	}
	other := &selfMade{dir: t.TempDir(), now: h.l.now}
	stranger, _, err := other.public()
	if err != nil {
		t.Fatal(err)
	}
	sender := &selfMade{dir: t.TempDir(), now: h.l.now}
	if own, _, err = sender.public(); err != nil {
		t.Fatal(err)
	}
	if key, err = os.ReadFile(filepath.Join(sender.dir, keyFile)); err != nil {
		t.Fatal(err)
	}
	send(stranger, "meant for somebody else")
	h.eventually("a connection that rsyslog ends", func() bool {
		st, _ := h.l.Detection.SourceHouse().State(src.ID)
		return st.Refused > 0 || st.Open > 0
	})
	send(certificate, "sent over TLS and acknowledged")
	h.eventually("the line", func() bool { return arrived("sent over TLS and acknowledged") })
	if arrived("meant for somebody else") {
		t.Error("rsyslog spoke to us though our certificate is not the one that it was given")
	}
}

func TestFoldersToFollowAreChecked(t *testing.T) {
	logs, data := t.TempDir(), t.TempDir()
	file := filepath.Join(logs, "app.log")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	disguised := filepath.Join(logs, "data")
	if err := os.Symlink(data, disguised); err != nil {
		t.Fatal(err)
	}
	if err := (Place{Data: data, Follow: []string{logs}}).mayFollow(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "logs", "/", filepath.Dir(data), data, filepath.Join(data, "events"), disguised, file, "/nowhere/at/all"} {
		_ = os.MkdirAll(filepath.Join(data, "events"), 0o700)
		if err := (Place{Data: data, Follow: []string{logs, bad}}).mayFollow(); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("the folder %q may be followed: %v", bad, err)
		}
	}
}

func TestAFileBelowAFolderThatIsNamedIsFollowed(t *testing.T) {
	logs := t.TempDir()
	h := serveSourcesAt(t, Place{Data: t.TempDir(), Follow: []string{logs}})
	path := filepath.Join(logs, "app.log")
	if err := os.WriteFile(path, []byte("first line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.connect(detection.SourceWish{Recipe: "file", File: path})
	h.eventually("the line", func() bool { got := h.lines(); return len(got) == 1 && got[0] == "first line" })
}
