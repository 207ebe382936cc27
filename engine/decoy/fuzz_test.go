package decoy

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// mute is a visitor who has sent everything already and reads everything.
type mute struct {
	net.Conn
	r io.Reader
}

func (m mute) Read(p []byte) (int, error)  { return m.r.Read(p) }
func (m mute) Write(p []byte) (int, error) { return len(p), nil }
func (m mute) Close() error                { return nil }
func (m mute) RemoteAddr() net.Addr        { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4711} }
func (m mute) LocalAddr() net.Addr         { return m.RemoteAddr() }

// counter is randomness that repeats.
type counter struct{}

func (counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i*31 + 7)
	}
	return len(p), nil
}

// fuzzService sends what the fuzzer thinks of to a service and looks at the visit.
func fuzzService(f *testing.F, service string, o Options) {
	for _, text := range append(garbage, seeds[service]...) {
		f.Add([]byte(text))
	}
	visits := make(chan Visit, 1)
	s := NewServer(Config{Now: func() time.Time { return time.Unix(1_800_000_000, 0) }, Random: counter{}, Visits: visits,
		Limits: Limits{Received: 1 << 16, Sent: 1 << 20, Phase: 5 * time.Second}})
	p, err := s.prepare(Trap{ID: "f", Service: service, Options: o})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s.visit(context.Background(), mute{r: bytes.NewReader(data)}, netip.Addr{}, p)
		v := <-visits
		if v.Fault != "" {
			t.Fatalf("the decoy failed: %s", v.Fault)
		}
		if v.Ended == EndedSlow || v.Ended == EndedTime {
			t.Fatalf("the decoy hung: %s", v.Ended)
		}
		kept := 0
		for _, text := range append(append([]string{v.Client, v.Tool}, v.Commands...), v.Paths...) {
			kept += len(text)
			if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !printable(r) }) {
				t.Fatalf("%q can harm a screen", text)
			}
		}
		if kept > keptLimit+2*8*textLimit || v.Received > 1<<16 || v.Received > int64(len(data)) {
			t.Fatalf("%d bytes kept of %d", kept, v.Received)
		}
	})
}

var seeds = map[string][]string{
	"http":       {"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nuser=a&pw", "GET /%zz HTTP/1.0\r\nAuthorization: Basic YTpi\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"},
	"ftp":        {"USER a\r\nPASS b\r\nLIST\r\nQUIT\r\n", "user\r\npass\r\n"},
	"telnet":     {"root\r\nx\r\nls; cat /etc/passwd | sh\r\nbash -c 'id'\r\nexit\r\n", "\xff\xfa\x18\x00xterm\xff\xf0\xff\xfd\x01a\x7f\x08\r\x00b\x03\x04"},
	"redis":      {"*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n", "*1\r\n$-1\r\n", "HELLO 3 AUTH a b\r\nCONFIG GET dir\r\nCLIENT SETNAME x\r\n", "*-1\r\n*0\r\n"},
	"postgresql": {"\x00\x00\x00\x08\x04\xd2\x16\x2f\x00\x00\x00\x11\x00\x03\x00\x00user\x00a\x00\x00p\x00\x00\x00\x06x\x00Q\x00\x00\x00\x0dselect 1\x00P\x00\x00\x00\x08a\x00b\x00X\x00\x00\x00\x04"},
	"mysql":      {string(myClient("a", []byte("xxxxxxxxxxxxxxxxxxxx"), myNative)) + "\x02\x00\x00\x00\x03a", string(myClient("a", nil, "caching_sha2_password")) + "\x00\x00\x00\x03"},
	"smb":        {"\x00\x00\x00\x2b\xffSMB\x72" + strings.Repeat("\x00", 28) + "\x0c\x00\x02SMB 2.002\x00", "\x00\x00\x00\x68\xfeSMB\x40\x00" + strings.Repeat("\x00", 58) + "\x24\x00\x02\x00" + strings.Repeat("\x02", 36)},
	"rdp":        {"\x03\x00\x00\x2c\x27\xe0\x00\x00\x00\x00\x00Cookie: mstshash=a\r\n\x01\x00\x08\x00\x00\x00\x00\x00", "\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00\x03\x00\x00\x40\x01\xc0" + strings.Repeat("a\x00", 40)},
	"ssh":        {"SSH-2.0-OpenSSH_9.6\r\n\x00\x00\x00\x0c\x0a\x14aaaaaaaaaaa"},
}

func FuzzSSH(f *testing.F)    { fuzzService(f, "ssh", Options{}) }
func FuzzHTTP(f *testing.F)   { fuzzService(f, "http", Options{LetIn: 2}) }
func FuzzHTTPS(f *testing.F)  { fuzzService(f, "https", Options{}) }
func FuzzFTP(f *testing.F)    { fuzzService(f, "ftp", Options{LetIn: 1}) }
func FuzzTelnet(f *testing.F) { fuzzService(f, "telnet", Options{LetIn: 1}) }
func FuzzRedis(f *testing.F)  { fuzzService(f, "redis", Options{}) }
func FuzzPostgreSQL(f *testing.F) {
	fuzzService(f, "postgresql", Options{LetIn: 1})
}
func FuzzMySQL(f *testing.F) { fuzzService(f, "mysql", Options{LetIn: 1}) }
func FuzzSMB(f *testing.F)   { fuzzService(f, "smb", Options{}) }
func FuzzRDP(f *testing.F)   { fuzzService(f, "rdp", Options{}) }
func FuzzPort(f *testing.F)  { fuzzService(f, "port", Options{}) }

func FuzzNTLM(f *testing.F) {
	f.Add(ntlmAnswer("D", "u", "m"))
	f.Add(append(append([]byte{}, ntlmSignature...), 3, 0, 0, 0))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if m, number := ntlmMessage(data); number == 3 {
			talk := &ntlmTalk{s: &session{rec: newRecord(Visit{}, DefaultLimits)}}
			talk.note(m)
		}
	})
}

func FuzzVisible(f *testing.F) {
	f.Add("a\x1b\u202e\xff", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = max(limit, 0)
		got := visible(text, limit)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !printable(r) }) {
			t.Errorf("%q", got)
		}
	})
}
