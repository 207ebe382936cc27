package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/clients"

	"golang.org/x/crypto/ssh"
)

// A trapped product runs whole, with an asset and its traps.
type trapped struct {
	*testing.T
	l       *Local
	url     string
	machine context.Context
	lead    context.Context
}

func serveTraps(t *testing.T, place TrapPlace, traps ...*isms.Trap) *trapped {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	l, err := Open(ctx, Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	who, err := l.App.Found(ctx, "Example", app.First{Name: "Ada", Email: "ada@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	p := &trapped{T: t, l: l, machine: trapMachine(ctx, who.Workspace), lead: access.With(ctx, who)}
	p.save(&isms.Asset{Base: isms.Base{Key: "door", Title: "Report host"}, Type: "host", Lifecycle: "operating", Zone: "data", Criticality: 4})
	for _, trap := range traps {
		trap.Status, trap.AssetID = isms.TrapArmed, "door"
		p.save(trap)
	}
	urls, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- l.serve(ctx, Options{Listen: "127.0.0.1:0", NoBrowser: true, Out: io.Discard, Traps: place, Log: slog.New(slog.DiscardHandler)}, func(_ context.Context, _ Options, url string) error {
			urls <- url
			return nil
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	p.url = <-urls
	return p
}

func (p *trapped) save(r kind.Record) {
	p.Helper()
	if err := p.l.App.Save(p.machine, r); err != nil {
		p.Fatal(err)
	}
}

func (p *trapped) trap(key string) *isms.Trap {
	p.Helper()
	t, err := app.Of[isms.Trap](p.l.App, isms.Traps).Get(p.machine, key)
	if err != nil {
		p.Fatal(err)
	}
	return t
}

// await waits until something is so, for at most ten seconds, and tells how long it took.
func (p *trapped) await(what string, so func() bool) time.Duration {
	p.Helper()
	began := time.Now()
	for !so() {
		if time.Since(began) > 10*time.Second {
			p.Fatalf("after ten seconds still not: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

// stands waits until a decoy listens.
func (p *trapped) stands(key string) string {
	p.Helper()
	id, at := p.trap(key).ID, ""
	p.await("the decoy "+key+" listens", func() bool { at = p.l.Detection.TrapHouse().Stands(id); return at != "" })
	return at
}

func (p *trapped) alerts(key string) []*isms.Alert {
	p.Helper()
	list, err := app.Of[isms.Alert](p.l.App, isms.Alerts).All(p.machine, kind.Query{Sort: "created_at"}.Where("trap_id", p.trap(key).ID))
	if err != nil {
		p.Fatal(err)
	}
	return list
}

// rings waits for the alert of a trap and tells how long it took.
func (p *trapped) rings(key string) time.Duration {
	p.Helper()
	return p.await("the trap "+key+" rings", func() bool { return len(p.alerts(key)) > 0 })
}

func decoyOf(service string) *isms.Trap {
	return &isms.Trap{Base: isms.Base{Key: service, Title: "Decoy " + service}, Type: isms.TrapType(service), Zone: "data", Address: "127.0.0.1:0"}
}

func TestADecoyOfARecordRingsWithinTwoSecondsOfTheFirstPacket(t *testing.T) {
	p := serveTraps(t, TrapPlace{}, decoyOf("ssh"), decoyOf("ftp"))
	at := p.stands("ftp")
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	took := p.rings("ftp") // he is still there and has said nothing
	t.Logf("from the first packet to the alert: %s", took)
	if took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if _, err := io.WriteString(c, "USER backup\r\nPASS Sommer\x1b[2J24\r\nQUIT\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Log(err)
	}
	c.Close()
	p.await("the alert is complete", func() bool { return strings.Contains(p.alerts("ftp")[0].Title, "tried 1 name with password") })
	touches, err := p.l.Detection.Touches(p.lead, 5, p.trap("ftp").ID)
	if err != nil || len(touches) != 1 || touches[0].Visit.Credentials[0].Secret != `Sommer\x1b[2J24` {
		t.Errorf("kept is %+v, %v", touches, err)
	}
	if a := p.alerts("ftp"); len(a) != 1 || a[0].Count != 1 || a[0].IncidentID == "" {
		t.Errorf("alerts %+v", a)
	}

	config := &ssh.ClientConfig{User: "root", Auth: []ssh.AuthMethod{ssh.Password("hunter2")}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 5 * time.Second} //nolint:gosec // it is a decoy
	if _, err := ssh.Dial("tcp", p.stands("ssh"), config); err == nil {
		t.Error("the decoy let somebody in")
	}
	p.rings("ssh")
	p.await("the password is in the evidence", func() bool {
		list, err := p.l.Detection.Touches(p.lead, 5, p.trap("ssh").ID)
		return err == nil && len(list) == 1 && len(list[0].Visit.Credentials) > 0 && list[0].Visit.Credentials[0].Secret == "hunter2"
	})
}

func TestARealClientOfSSHRingsOneAlertWithWhatItTyped(t *testing.T) {
	program := clients.Need(t, "openssh-client", "ssh")
	trap := decoyOf("ssh")
	trap.LetIn, trap.Host = 1, "db07"
	p := serveTraps(t, TrapPlace{}, trap)
	_, port, _ := net.SplitHostPort(p.stands("ssh"))
	ask := filepath.Join(t.TempDir(), "askpass")
	if err := os.WriteFile(ask, []byte("#!/bin/sh\necho 'l3tme in'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", port, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-F", "/dev/null", "root@127.0.0.1", "cat /etc/shadow")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force")
	out, _ := cmd.CombinedOutput()
	t.Logf("ssh says %.200s", out)
	p.await("the visit is complete", func() bool {
		list, err := p.l.Detection.Touches(p.lead, 5, p.trap("ssh").ID)
		return err == nil && len(list) == 1 && slices.Contains(list[0].Visit.Commands, "cat /etc/shadow") &&
			slices.ContainsFunc(list[0].Visit.Credentials, func(c decoy.Credential) bool { return c.Secret == "l3tme in" })
	})
	if a := p.alerts("ssh"); len(a) != 1 {
		t.Errorf("%d alerts", len(a))
	}
}

func TestDecoysFollowTheirRecordsAndAnAddressThatCannotBeHadStopsNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy, nowhere := decoyOf("redis"), decoyOf("mysql")
	busy.Address, nowhere.Address = taken.Addr().String(), "203.0.113.9"
	p := serveTraps(t, TrapPlace{}, busy, nowhere)
	p.await("the records say what is in the way", func() bool { return p.trap("redis").Complaint != "" && p.trap("mysql").Complaint != "" })
	if c := p.trap("redis").Complaint; !strings.Contains(c, "listens on "+taken.Addr().String()+" already") {
		t.Error(c)
	}
	if c := p.trap("mysql").Complaint; !strings.Contains(c, "203.0.113.9:3306 is no address of this machine") || !strings.Contains(c, "holdfast decoy run") {
		t.Error(c)
	}
	// A better address is taken at once, and the complaint ends.
	better := p.trap("mysql")
	better.Address = "127.0.0.1:0"
	p.save(better)
	at := p.stands("mysql")
	p.await("the complaint ends", func() bool { return p.trap("mysql").Complaint == "" })
	if _, err := p.l.App.Do(p.lead, isms.Traps, "mysql", "disarm", 0, kind.Input{Reason: "moved"}); err != nil {
		t.Fatal(err)
	}
	p.await("nobody listens any more", func() bool {
		c, err := net.Dial("tcp", at)
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	if status, _ := get(t, visitor(t), p.url+"/healthz"); status != http.StatusOK {
		t.Errorf("the product answers %d", status)
	}
}

// The answer tells nobody whether a link is bait.
func TestATokenRingsOutsideOfTheSessionAndAnswersLikeAnOldLink(t *testing.T) {
	p := serveTraps(t, TrapPlace{})
	for i, name := range []string{"web_link", "document", "qr_code", "page_clone", "api_token", "kubeconfig", "hidden_file", "cloud_key", "database_row"} {
		p.save(&isms.Trap{Base: isms.Base{Key: name, Title: "Bait " + name}, Type: isms.TrapType(name), AssetID: "door"})
		token, err := p.l.Detection.MakeToken(p.lead, detection.TokenWish{TrapID: name, Place: decoy.Place{Host: "mail.example.org"}})
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := decoy.NewID(bytes.NewReader(bytes.Repeat([]byte{byte(i + 1)}, 15)))
		if err != nil {
			t.Fatal(err)
		}
		path := map[string]string{"web_link": "/handover.html", "document": "/logo.png", "qr_code": "/wifi", "page_clone": "/pixel.gif?at=https%3A%2F%2Fevil.example%2Flogin", "api_token": "/v1/export",
			"kubeconfig": "/api", "hidden_file": "/console", "cloud_key": "/", "database_row": "/profile"}[name]
		ours := fetch(t, p.url+"/share/"+token.ID+path)
		if theirs := fetch(t, p.url+"/share/"+foreign+path); ours != strings.ReplaceAll(theirs, foreign, token.ID) {
			t.Errorf("%s: ours answers %q, a stranger's %q", name, ours, theirs)
		}
		for _, word := range []string{"trap", "decoy", "canary", "holdfast", "token of"} {
			if strings.Contains(strings.ToLower(ours), word) {
				t.Errorf("%s: the answer says %q: %s", name, word, ours)
			}
		}
		took := p.rings(name)
		if a := p.alerts(name); len(a) != 1 || a[0].Actor != "127.0.0.1" || took > 2*time.Second {
			t.Errorf("%s: after %s %+v", name, took, a)
		}
	}
	if a := p.alerts("page_clone")[0]; !strings.Contains(a.Title, "foreign address") {
		t.Error(a.Title)
	}
}

// fetch gives status, head and body of an answer, without what changes by itself.
func fetch(t *testing.T, to string) string {
	t.Helper()
	res, err := http.Get(to) //nolint:gosec // our own server
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Header.Del("Date")
	return fmt.Sprint(res.StatusCode, res.Header, string(body))
}

func TestANameBelowTheZoneRings(t *testing.T) {
	p := serveTraps(t, TrapPlace{Zone: "c.example.org", Server: "ns.example.org", Names: "127.0.0.1:0", Listen: "127.0.0.1:0"})
	p.save(&isms.Trap{Base: isms.Base{Key: "name", Title: "Old host"}, Type: "dns_name", AssetID: "door"})
	token, err := p.l.Detection.MakeToken(p.lead, detection.TokenWish{TrapID: "name"})
	if err != nil {
		t.Fatal(err)
	}
	house := p.l.Detection.TrapHouse().(*trapHouse)
	at := ""
	p.await("names are answered", func() bool { house.mu.Lock(); defer house.mu.Unlock(); at = house.answersAt; return at != "" })
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at)
	}}
	if _, err := resolver.LookupNetIP(t.Context(), "ip4", token.Value+"."); err == nil {
		t.Error("the name leads somewhere")
	}
	p.rings("name")
}

func TestAPlaceThatCannotBeHadIsSaidAndStopsNothing(t *testing.T) {
	p := serveTraps(t, TrapPlace{Listen: "203.0.113.9:80", Zone: "c..example", Server: "x", Names: "127.0.0.1:0"})
	p.await("the place complains of both", func() bool {
		c := p.l.Detection.TrapHouse().Complaint()
		return strings.Contains(c, "203.0.113.9:80") && strings.Contains(c, "c..example")
	})
}

func TestAFloodOfConnectionsIsCountedWithoutARecordForEach(t *testing.T) {
	p := serveTraps(t, TrapPlace{}, decoyOf("port"))
	at := p.stands("port")
	const flood = 60
	for range flood {
		c, err := net.Dial("tcp", at)
		if err != nil {
			continue // refused for a limit, which is the purpose
		}
		c.Write(bytes.Repeat([]byte("A"), 100))
		c.Close()
	}
	p.rings("port")
	house := p.l.Detection.TrapHouse().(*trapHouse)
	p.await("all visits are over", func() bool { s := house.decoy.Stats(); return s.Open == 0 && len(house.visits) == 0 })
	time.Sleep(300 * time.Millisecond) // what was taken from the channel last is being written
	house.countMore(p.machine)
	trap, stats := p.trap("port"), house.decoy.Stats()
	list, err := p.l.Detection.Touches(p.lead, 500, trap.ID)
	if err != nil || len(list) > sieveEach || trap.Hits < sieveEach || int64(trap.Hits) > stats.Visits {
		t.Errorf("%d touches are kept, %d counted of %d: %v", len(list), trap.Hits, stats.Visits, err)
	}
	if a := p.alerts("port"); len(a) != 1 || a[0].Count != trap.Hits {
		t.Errorf("%d alerts, counting %d of %d", len(a), a[0].Count, trap.Hits)
	}
}

// Limits of the decoys hold when they are wired: a visitor who sends without end is cut
// off, and one who holds many lines meets a closed door.
func TestAVisitorOfAWiredDecoyIsBoundedInBytesAndConnections(t *testing.T) {
	p := serveTraps(t, TrapPlace{}, decoyOf("port"))
	at := p.stands("port")
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sent, chunk := 0, bytes.Repeat([]byte("B"), 64<<10)
	for sent < 64<<20 {
		n, err := c.Write(chunk)
		sent += n
		if err != nil {
			break
		}
	}
	if sent >= 64<<20 {
		t.Error("somebody may send without end")
	}
	p.await("what he sent is kept in part", func() bool {
		list, err := p.l.Detection.Touches(p.lead, 5, p.trap("port").ID)
		return err == nil && len(list) == 1 && list[0].Visit.Ended == decoy.EndedBytes && len(list[0].Visit.Sample) <= decoy.DefaultLimits.Sample
	})
	house := p.l.Detection.TrapHouse().(*trapHouse)
	var held []net.Conn
	for range decoy.DefaultLimits.PerAddress + 8 {
		if c, err := net.Dial("tcp", at); err == nil {
			held = append(held, c)
			defer c.Close()
		}
	}
	p.await("the rest is turned away", func() bool { return house.decoy.Stats().Refused >= 8 })
	if open := house.decoy.Stats().Open; open > int64(decoy.DefaultLimits.PerAddress) {
		t.Errorf("%d of %d are open", open, len(held))
	}
}

func TestKeysOfADecoyOutliveARestart(t *testing.T) {
	l, err := Open(t.Context(), Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	first, err := l.trapSeed(t.Context())
	if err != nil || len(first) != 32 {
		t.Fatal(first, err)
	}
	if again, err := l.trapSeed(t.Context()); err != nil || !bytes.Equal(first, again) {
		t.Error("a restart makes new keys, by which a decoy is known", err)
	}
}
