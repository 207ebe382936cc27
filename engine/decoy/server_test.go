package decoy

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/netip"

	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// What a decoy may import: nothing in this list opens a file, starts a program or
// reaches anybody. Of net only the listening side is used, see below.
var harmless = strings.Fields(`archive/zip bufio bytes context crypto/ecdsa crypto/ed25519 crypto/elliptic crypto/hkdf crypto/hmac
	crypto/sha256 crypto/tls crypto/x509 crypto/x509/pkix encoding/base32 encoding/base64 encoding/binary encoding/hex encoding/json
	encoding/pem encoding/xml errors fmt hash html/template io maps math/big net net/http net/netip net/url path slices strconv strings
	sync sync/atomic time unicode unicode/utf16 unicode/utf8 golang.org/x/crypto/ssh golang.org/x/net/dns/dnsmessage`)

// What would reach out, by package. http.Get and its kin are found by their package too.
var reaching = map[string][]string{
	"net":      {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "LookupHost", "LookupIP", "LookupAddr", "LookupTXT", "ResolveTCPAddr", "Resolver"},
	"http":     {"Get", "Post", "PostForm", "Head", "Client", "DefaultClient", "Transport", "DefaultTransport", "NewRequest", "ServeFile", "FileServer", "Dir", "ListenAndServe"},
	"tls":      {"Dial", "DialWithDialer", "Dialer", "Client", "LoadX509KeyPair"},
	"ssh":      {"Dial", "NewClient", "NewClientConn"},
	"template": {"ParseFiles", "ParseGlob", "ParseFS"},
}

func TestNoSourceOfThePackageCanReachAFileOrAnybody(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range tree.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			if !strings.Contains(" "+strings.Join(harmless, " ")+" ", " "+name+" ") {
				t.Errorf("%s imports %s, which is not known to be harmless", file, name)
			}
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := sel.X.(*ast.Ident)
			for _, name := range reaching[identName(from, ok)] {
				if sel.Sel.Name == name {
					t.Errorf("%s uses %s.%s", file, from.Name, name)
				}
			}
			return true
		})
	}
}

func identName(id *ast.Ident, ok bool) string {
	if !ok {
		return ""
	}
	return id.Name
}

// quick are limits that a test can wait for.
var quick = Limits{Phase: 150 * time.Millisecond, Visit: 600 * time.Millisecond, HandOver: 50 * time.Millisecond}

func TestASlowVisitorIsSentAway(t *testing.T) {
	for _, service := range serviceNames() {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			s := stand(t, service, Options{}, quick)
			c := s.dial(t)
			start := time.Now()
			for range 40 { // a byte from time to time must not buy time
				if _, err := c.Write([]byte{'x'}); err != nil {
					break
				}
				time.Sleep(30 * time.Millisecond)
			}
			v := s.visit(t)
			if took := time.Since(start); v.Ended == EndedTime || took > 2*time.Second {
				t.Errorf("ended by %s after %s", v.Ended, took)
			}
		})
	}
}

func TestAVisitorWhoSaysNothingCostsOnePhase(t *testing.T) {
	for _, service := range serviceNames() {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			s := stand(t, service, Options{}, quick)
			s.dial(t)
			if v := s.visit(t); v.Ended != EndedSlow || v.End.Sub(v.Start) > time.Second {
				t.Errorf("ended by %s after %s", v.Ended, v.End.Sub(v.Start))
			}
		})
	}
}

func TestABusyVisitorLeavesWhenTheVisitIsOver(t *testing.T) {
	s := stand(t, "ftp", Options{}, quick)
	c := s.dial(t)
	go io.Copy(io.Discard, c)
	for range 100 {
		if _, err := io.WriteString(c, "NOOP\r\n"); err != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if v := s.visit(t); v.Ended != EndedTime || v.Omitted != 0 && len(v.Commands) > DefaultLimits.Entries {
		t.Errorf("ended by %s with %d commands", v.Ended, len(v.Commands))
	}
}

func TestAVisitorWhoDoesNotReadHoldsNothingUp(t *testing.T) {
	s := stand(t, "redis", Options{}, Limits{Phase: 300 * time.Millisecond, Visit: 2 * time.Second, Sent: 1 << 30, Received: 1 << 30})
	c := s.dial(t)
	c.(*net.TCPConn).SetReadBuffer(4096)
	for {
		if _, err := c.Write(bytes.Repeat([]byte("INFO\r\n"), 1000)); err != nil {
			break
		}
	}
	if v := s.visit(t); v.Ended != EndedSlow && v.Ended != EndedTime {
		t.Errorf("ended by %s", v.Ended)
	}
}

func TestBytesAndListsAreBounded(t *testing.T) {
	long := stand(t, "port", Options{}, Limits{})
	chat(t, long.dial(t), "", strings.Repeat(strings.Repeat("\xff", 4000)+"\n", 200))
	kept := 0
	v := long.visit(t)
	for _, c := range v.Commands {
		kept += len(c)
	}
	if kept > keptLimit || kept < keptLimit/2 || v.Omitted < 150 {
		t.Errorf("%d bytes kept, %d omitted", kept, v.Omitted)
	}
	s := stand(t, "port", Options{}, Limits{Received: 100_000, Sample: 64, Entries: 5, Line: 100})
	c := s.dial(t)
	go io.Copy(c, io.MultiReader(strings.NewReader(strings.Repeat("a\n", 50)+strings.Repeat("b", 1000)+"\n"), rand.Reader))
	v = s.visit(t)
	if v.Ended != EndedBytes || v.Received != 100_000 || len(v.Sample) != 64 || len(v.Commands) != 5 || v.Omitted < 40 {
		t.Errorf("%s: %d bytes, sample %d, %d commands, %d omitted", v.Ended, v.Received, len(v.Sample), len(v.Commands), v.Omitted)
	}
}

func TestALineThatIsTooLongIsCutAndTheNextOneIsWhole(t *testing.T) {
	s := stand(t, "port", Options{}, Limits{Line: 100})
	chat(t, s.dial(t), "", strings.Repeat("x", 9000)+"\nnext\n")
	v := s.visit(t)
	if len(v.Commands) != 2 || v.Commands[0] != strings.Repeat("x", 100) || v.Commands[1] != "next" {
		t.Errorf("%q", v.Commands)
	}
}

func TestOneAddressDoesNotFillTheServer(t *testing.T) {
	s := stand(t, "port", Options{}, Limits{PerAddress: 3})
	var held []net.Conn
	for range 3 {
		held = append(held, s.dial(t))
	}
	until(func() bool { return s.Stats().Open >= 3 })
	for range 5 {
		c, err := net.Dial("tcp", s.at)
		if err != nil {
			continue // refused before it could ask
		}
		c.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
			t.Fatalf("a fourth connection was served: %v", err)
		}
		c.Close()
	}
	until(func() bool { return s.Stats().Refused >= 5 })
	if got := s.Stats(); got.Refused != 5 || got.Visits != 3 {
		t.Errorf("%+v", got)
	}
	refused := 0
	for _, c := range held {
		c.Close()
		refused += s.visit(t).Refused
	}
	if refused != 5 {
		t.Errorf("visits tell of %d refused connections", refused)
	}
	s.alone(t)
}

func TestATrapAndTheServerHaveTheirOwnLimits(t *testing.T) {
	for _, c := range []struct {
		trap Trap
		l    Limits
	}{{Trap{Service: "port", MaxVisits: 2}, Limits{}}, {Trap{Service: "port"}, Limits{Connections: 2}}} {
		s := standTrap(t, c.trap, Config{Limits: c.l})
		for range 6 {
			if c, err := net.Dial("tcp", s.at); err == nil { // one that is refused may fail at once
				t.Cleanup(func() { c.Close() })
			}
		}
		until(func() bool { return s.Stats().Refused >= 4 })
		if got := s.Stats(); got.Open != 2 || got.Refused != 4 {
			t.Errorf("%+v: %+v", c.trap, got)
		}
	}
}

func TestAListedScannerIsMarkedAndAStrangerIsNot(t *testing.T) {
	for text, want := range map[string]bool{"127.0.0.0/8": true, "127.0.0.1": true, "::ffff:127.0.0.1": true, "10.0.0.0/8": false} {
		nets, err := ParseScanners([]string{text})
		if err != nil {
			t.Fatal(err)
		}
		s := standTrap(t, Trap{Service: "port", Scanners: nets}, Config{})
		s.dial(t).Close()
		if v := s.visit(t); v.Scanner != want {
			t.Errorf("%s: %v", text, v.Scanner)
		}
	}
	nets, err := ParseScanners([]string{"10.0.9.0/24", "2001:db8::5"})
	if err != nil {
		t.Fatal(err)
	}
	for remote, want := range map[string]bool{"10.0.9.4:80": true, "10.0.9.4": true, "[2001:db8::5]:1": true, "[::ffff:10.0.9.4]:1": true, "10.0.8.4": false, "": false, "pipe": false} {
		if Listed(nets, remote) != want {
			t.Errorf("%s is listed: %v", remote, !want)
		}
	}
	if _, err := ParseScanners([]string{"10.0.0"}); err == nil {
		t.Error("half an address is a network")
	}
}

func TestWhatNobodyTakesIsCountedAndHoldsNobodyUp(t *testing.T) {
	s := &standing{Server: NewServer(Config{Limits: quick, Now: time.Now, Random: rand.Reader, Visits: make(chan Visit, 1), Announce: true})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.at = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l, Trap{Service: "port"}) }()
	for range 4 {
		s.dial(t).Close()
	}
	until(func() bool { return s.Stats().Dropped >= 7 })
	if got := s.Stats(); got.Dropped != 7 || got.Open != 0 { // four announced, four ended, one taken
		t.Errorf("%+v", got)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAVisitIsAnnouncedBeforeItEnds(t *testing.T) {
	s := standTrap(t, Trap{ID: "t9", Service: "ssh"}, Config{Announce: true})
	c := s.dial(t)
	first := s.visit(t)
	c.Close()
	last := s.visit(t)
	if !first.Open || last.Open || first.ID != last.ID || first.Trap != "t9" || first.Remote != c.LocalAddr().String() || last.End.Before(last.Start) {
		t.Errorf("%+v, %+v", first, last)
	}
}

func TestAPanicEndsOneVisitAndNothingElse(t *testing.T) {
	visits := make(chan Visit, 8)
	s := &standing{Server: NewServer(Config{Now: time.Now, Random: rand.Reader, Visits: visits}), visits: visits}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.at = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	p := &prepared{service: Service{serve: func(s *session) {
		if line, _ := s.line(); line == "bad" {
			panic("what nobody thought of")
		}
	}}}
	go func() { done <- s.serve(ctx, l, p) }()
	chat(t, s.dial(t), "", "bad\n")
	if v := <-visits; v.Fault != "what nobody thought of" || v.Ended != EndedFault {
		t.Errorf("%+v", v)
	}
	chat(t, s.dial(t), "", "good\n")
	if v := s.visit(t); v.Ended != EndedByDecoy {
		t.Errorf("%+v", v)
	}
	if s.Stats().Faults != 1 {
		t.Errorf("%+v", s.Stats())
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A troubled listener fails as one that is out of file descriptors.
type troubled struct {
	net.Listener
	fails atomic.Int64
}

func (l *troubled) Accept() (net.Conn, error) {
	if l.fails.Add(1) <= 3 {
		return nil, errors.New("accept: too many open files")
	}
	return l.Listener.Accept()
}

func TestAListenerInTroubleIsGivenTimeAndThenServes(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	visits := make(chan Visit, 1)
	s := &standing{Server: NewServer(Config{Now: time.Now, Random: rand.Reader, Visits: visits}), at: inner.Addr().String(), visits: visits}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, &troubled{Listener: inner}, Trap{Service: "port"}) }()
	s.dial(t).Close()
	s.visit(t)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeServedIsSaidAtOnce(t *testing.T) {
	for _, trap := range []Trap{
		{Service: "gopher"}, {Service: "http", Options: Options{Look: "megacorp"}}, {Service: "ssh", Options: Options{Banner: "a\r\nb"}},
		{Service: "ssh", Options: Options{Host: "a b"}}, {Service: "ssh", Options: Options{Secret: []byte("short")}},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err := NewServer(Config{Now: time.Now, Random: rand.Reader}).Serve(t.Context(), l, trap); err == nil {
			t.Errorf("%+v was served", trap)
		}
	}
}

func TestADecoyIsTheSameAfterARestart(t *testing.T) {
	secret := bytes.Repeat([]byte{5}, 32)
	var prints [2]string
	for i := range prints {
		k := newKeys(secret, "files01", time.Now)
		host, err := k.hostKeys()
		if err != nil || len(host) != 2 {
			t.Fatal(err)
		}
		c, err := k.tls()
		if err != nil {
			t.Fatal(err)
		}
		prints[i] = string(host[0].PublicKey().Marshal()) + string(host[1].PublicKey().Marshal()) + string(c.Certificates[0].Certificate[0])
	}
	if prints[0] != prints[1] {
		t.Error("keys differ")
	}
}

func TestAddressesAreCountedByHousehold(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"2001:db8::1", "2001:db8::ffff:1", true}, {"2001:db8::1", "2001:db8:0:1::1", false}, {"192.0.2.1", "192.0.2.2", false}} {
		if got := household(netip.MustParseAddr(c.a)) == household(netip.MustParseAddr(c.b)); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}
