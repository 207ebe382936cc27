package decoy

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"

	"holdfast/testkit/clients"

	"golang.org/x/net/dns/dnsmessage"
)

func testZone() Zone {
	return Zone{Name: "c.example.org", Server: "ns.example.org", Mail: "sec.team@example.org", Serial: 7,
		Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.53"), netip.MustParseAddr("2001:db8::53")}}
}

// question packs a question as resolvers do.
func question(t testing.TB, name string, kind dnsmessage.Type) []byte {
	t.Helper()
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 99, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}}}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheZoneAnswersForItsTokensAndForNothingElse(t *testing.T) {
	id := newID(t)
	for _, c := range []struct {
		name    string
		kind    dnsmessage.Type
		code    dnsmessage.RCode
		answers int
		hit     string
	}{
		{"vault." + id + ".c.example.org.", dnsmessage.TypeA, 0, 1, id},
		{"VauLT." + strings.ToUpper(id) + ".C.example.ORG.", dnsmessage.TypeA, 0, 1, id},
		{id + ".c.example.org.", dnsmessage.TypeAAAA, 0, 1, id},
		{"mail." + id + ".c.example.org.", dnsmessage.TypeMX, 0, 0, id},
		{"c.example.org.", dnsmessage.TypeSOA, 0, 1, ""},
		{"c.example.org.", dnsmessage.TypeNS, 0, 1, ""},
		{"www.c.example.org.", dnsmessage.TypeA, dnsmessage.RCodeNameError, 0, ""},
		{"www.example.org.", dnsmessage.TypeA, dnsmessage.RCodeRefused, 0, ""},
		{id + ".xc.example.org.", dnsmessage.TypeA, dnsmessage.RCodeRefused, 0, ""},
		{".", dnsmessage.TypeNS, dnsmessage.RCodeRefused, 0, ""},
	} {
		answer, hit, ok := testZone().Answer(question(t, c.name, c.kind), 512)
		var m dnsmessage.Message
		if err := m.Unpack(answer); !ok || err != nil {
			t.Errorf("%s: %v, %v", c.name, ok, err)
			continue
		}
		if m.ID != 99 || !m.Response || m.RecursionAvailable || m.RCode != c.code || len(m.Answers) != c.answers || hit.ID != c.hit || m.Authoritative == (c.code == dnsmessage.RCodeRefused) {
			t.Errorf("%s %s: %+v, hit %+v", c.name, c.kind, m, hit)
		}
		if len(answer) > 512 {
			t.Errorf("%s: %d bytes", c.name, len(answer))
		}
	}
}

func TestWhatIsNoQuestionGetsNoAnswerOrANo(t *testing.T) {
	q := question(t, "c.example.org.", dnsmessage.TypeSOA)
	q[2] |= 0x80 // it is an answer: two servers must not talk to each other for ever
	for _, packet := range [][]byte{nil, {1, 2, 3}, q} {
		if answer, _, ok := testZone().Answer(packet, 512); ok {
			t.Errorf("%x: answered %x", packet, answer)
		}
	}
	q = question(t, "c.example.org.", dnsmessage.TypeSOA)
	q[2] |= 5 << 3 // an update
	answer, _, ok := testZone().Answer(q, 512)
	if !ok || answer[3]&15 != byte(dnsmessage.RCodeNotImplemented) {
		t.Errorf("an update: %x", answer)
	}
	answer, _, ok = testZone().Answer(question(t, "c.example.org.", dnsmessage.TypeSOA), 40)
	if !ok || answer[2]&2 == 0 {
		t.Errorf("an answer that has no room does not say so: %x", answer)
	}
	for _, z := range []Zone{{}, {Name: "c.example.org"}, {Name: "c.example.org", Server: "a b"}, {Name: "c.example.org", Server: "ns.example.org", Mail: "nobody"}} {
		if z.Check() == nil {
			t.Errorf("%+v can be served", z)
		}
	}
}

// serveNames runs a name server on this machine for one test.
func serveNames(t *testing.T) (at string, hits chan Hit, n *NameServer) {
	t.Helper()
	hits = make(chan Hit, 100)
	n = &NameServer{Zone: testZone(), Now: time.Now, Hits: hits}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- n.ServeUDP(ctx, c) }()
	go func() { done <- n.ServeTCP(ctx, l) }()
	t.Cleanup(func() {
		stop()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
	return l.Addr().String(), hits, n
}

func TestALookUpOverEitherTransportRingsOnce(t *testing.T) {
	at, hits, _ := serveNames(t)
	for _, network := range []string{"udp", "tcp"} {
		id := newID(t)
		c, err := net.Dial(network, at)
		if err != nil {
			t.Fatal(err)
		}
		q := question(t, id+".c.example.org.", dnsmessage.TypeA)
		if network == "tcp" {
			q = append(binary.BigEndian.AppendUint16(nil, uint16(len(q))), q...)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		c.Write(q)
		b := make([]byte, 512)
		size, err := c.Read(b)
		if err == nil && network == "tcp" {
			want := int(binary.BigEndian.Uint16(b))
			_, err = io.ReadFull(c, b[size:2+want])
			b, size = b[2:], want
		}
		var m dnsmessage.Message
		if err != nil || m.Unpack(b[:size]) != nil || len(m.Answers) != 1 {
			t.Errorf("%s: %v, %+v", network, err, m)
		}
		if hit := <-hits; hit.ID != id || hit.Remote != c.LocalAddr().String() || hit.Query != "A" || hit.How != "dns" {
			t.Errorf("%s: %+v", network, hit)
		}
		c.Close()
	}
}

func TestAFloodOfQuestionsIsNotAmplified(t *testing.T) {
	at, _, n := serveNames(t)
	c, err := net.Dial("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 400 {
		c.Write(question(t, "c.example.org.", dnsmessage.TypeSOA))
	}
	answers := 0
	for b := make([]byte, 512); ; answers++ {
		c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := c.Read(b); err != nil {
			break
		}
	}
	if answers > 2*dnsPerSecond || answers == 0 || n.Refused() == 0 {
		t.Errorf("%d answers, %d refused", answers, n.Refused())
	}
}

func TestDigReadsTheZone(t *testing.T) {
	dig := clients.Need(t, "bind9-dnsutils", "dig")
	at, hits, _ := serveNames(t)
	host, port, _ := net.SplitHostPort(at)
	for _, how := range []string{"+notcp", "+tcp"} {
		id := newID(t)
		out, err := exec.Command(dig, "@"+host, "-p", port, how, "+noall", "+answer", "+tries=1", "vault."+id+".c.example.org", "A").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "192.0.2.53") || strings.Contains(string(out), "warning") {
			t.Errorf("%s: %s, %v", how, out, err)
		}
		if hit := <-hits; hit.ID != id {
			t.Errorf("%s: %+v", how, hit)
		}
	}
	out, _ := exec.Command(dig, "@"+host, "-p", port, "+tries=1", "c.example.org", "SOA").CombinedOutput()
	if !strings.Contains(string(out), "ns.example.org. sec-team.example.org. 7 ") || !strings.Contains(string(out), "flags: qr aa rd") {
		t.Errorf("%s", out)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(question(f, "a.c.example.org.", dnsmessage.TypeA), 512)
	f.Add([]byte{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1}, 512)
	zone := testZone()
	f.Fuzz(func(t *testing.T, query []byte, size int) {
		size = max(size, 512)
		answer, hit, ok := zone.Answer(query, size)
		if len(answer) > size || !ok && len(answer) > 0 || hit.ID != "" && !isID(hit.ID) {
			t.Errorf("%x, %+v, %v", answer, hit, ok)
		}
	})
}
