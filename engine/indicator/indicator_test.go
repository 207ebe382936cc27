package indicator

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAValueHasOneForm(t *testing.T) {
	for _, c := range []struct {
		t          Type
		given, has string // empty: refused
	}{
		{Address, "192.0.2[.]7", "192.0.2.7"}, {Address, "::ffff:192.0.2.7", "192.0.2.7"}, {Address, "2001:DB8::7", "2001:db8::7"}, {Address, "fe80::1%eth0", ""}, {Address, "evil.example", ""},
		{Network, "198.51.100.77/24", "198.51.100.0/24"}, {Network, "198.51.100.77", ""},
		{Domain, "*.Evil[.]Example.", "evil.example"}, {Domain, "evil dot example", ""}, {Domain, "192.0.2.7", ""}, {Domain, "https://evil.example", ""},
		{URL, "hxxps://EVIL[.]example:443", "https://evil.example/"}, {URL, "evil.example/A?b#c", "http://evil.example/A?b"}, {URL, "http://", ""}, {URL, "fxp://evil.example/x", "ftp://evil.example/x"},
		{MD5, "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"}, {MD5, "d41d", ""}, {SHA256, strings.Repeat("g", 64), ""},
		{Certificate, strings.Repeat("AB:", 31) + "AB", strings.Repeat("ab", 32)},
		{Email, "Boss[@]Evil[.]example", "boss@evil.example"}, {Email, "boss", ""},
		{FileName, `C:\Temp\Evil.EXE`, `c:\temp\evil.exe`}, {UserAgent, " Evil/1.0 ", "Evil/1.0"},
		{"other", "x", ""}, {Domain, "", ""}, {UserAgent, strings.Repeat("x", MaxValue+1), ""},
	} {
		got, err := Normal(c.t, c.given)
		if got != c.has || (err != nil) != (c.has == "") {
			t.Errorf("%s %q is %q, %v; want %q", c.t, short(c.given), got, err, c.has)
		}
		if again, err := Normal(c.t, got); got != "" && (err != nil || again != got) {
			t.Errorf("%s %q has another form when it is written again: %q, %v", c.t, got, again, err)
		}
	}
}

func build(t testing.TB, list []Indicator) *Set {
	t.Helper()
	s, left := Build(len(list), slices.Values(list))
	for _, l := range left {
		t.Fatalf("indicator %d %v was left out: %v", l.Handle, l.Indicator, l.Why)
	}
	return s
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func handles(hits []Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%d@%d %s %s", h.Handle, h.Value, h.Type, h.Match))
	}
	slices.Sort(out)
	return out
}

func TestEventsAreKnownByTheirValuesAndWhatTheyStandFor(t *testing.T) {
	m := build(t, []Indicator{
		{Type: Address, Value: "203.0.113.9"}, {Type: Network, Value: "203.0.113.0/24"}, {Type: Network, Value: "203.0.112.0/22"}, {Type: Domain, Value: "evil.example"},
		{Type: URL, Value: "http://drop.example/a"}, {Type: Email, Value: "boss@evil.example"}, {Type: FileName, Value: "mimi.exe"}, {Type: UserAgent, Value: "Evil/1.0"},
		{Type: SHA256, Value: strings.Repeat("ab", 32)}, {Type: Address, Value: "203.0.113.9"}, {Type: Network, Value: "203.0.113.0/24"}, {Type: Address, Value: "2001:db8::9"},
		{Type: Domain, Value: "old.example", Until: noon}, {Type: Domain, Value: "soon.example", From: noon.Add(time.Hour)}, {Type: Domain, Value: "now.example", From: noon, Until: noon.Add(time.Minute)},
	}).NewMatcher()
	for _, c := range []struct {
		v    Value
		want []string
	}{
		{Value{Type: Address, Addr: netip.MustParseAddr("203.0.113.9")}, []string{"0@0 address 203.0.113.9", "10@0 network 203.0.113.0/24", "1@0 network 203.0.113.0/24", "2@0 network 203.0.112.0/22", "9@0 address 203.0.113.9"}},
		{Value{Type: Address, Addr: netip.MustParseAddr("::ffff:203.0.115.1")}, []string{"2@0 network 203.0.112.0/22"}},
		{Value{Type: Address, Text: "2001:db8::9"}, []string{"11@0 address 2001:db8::9"}},
		{Value{Type: Domain, Text: "A.B.EVIL.example."}, []string{"3@0 domain evil.example"}},
		{Value{Type: Domain, Text: "notevil.example"}, []string{}},
		{Value{Type: Domain, Text: "evil.example.org"}, []string{}},
		{Value{Type: Domain, Text: strings.Repeat("x.", 100) + "evil.example"}, []string{"3@0 domain evil.example"}},
		{Value{Type: URL, Text: "HTTP://drop.example:80/a?x=1#y"}, []string{"4@0 url http://drop.example/a"}},
		{Value{Type: URL, Text: "http://drop.example/A"}, []string{}},
		{Value{Type: URL, Text: "https://cdn.evil.example:8443/x"}, []string{"3@0 domain evil.example"}},
		{Value{Type: URL, Text: "http://[2001:db8::9]:81/"}, []string{"11@0 address 2001:db8::9"}},
		{Value{Type: Email, Text: "Boss@Evil.example"}, []string{"3@0 domain evil.example", "5@0 email boss@evil.example"}},
		{Value{Type: FileName, Text: "MIMI.exe"}, []string{"6@0 file_name mimi.exe"}},
		{Value{Type: UserAgent, Text: "evil/1.0"}, []string{}},
		{Value{Type: UserAgent, Text: "Evil/1.0"}, []string{"7@0 user_agent Evil/1.0"}},
		{Value{Type: SHA256, Text: strings.Repeat("AB", 32)}, []string{"8@0 sha256 " + strings.Repeat("ab", 32)}},
		{Value{Type: Certificate, Text: strings.Repeat("ab", 32)}, []string{}}, // the same text of another type
		{Value{Type: Domain, Text: "old.example"}, []string{}}, {Value{Type: Domain, Text: "soon.example"}, []string{}}, {Value{Type: Domain, Text: "now.example"}, []string{"14@0 domain now.example"}},
		{Value{Type: "nonsense", Text: "x"}, []string{}}, {Value{Type: URL, Text: "http://%zz"}, []string{}}, {Value{}, []string{}},
	} {
		if diff := cmp.Diff(c.want, handles(m.Match([]Value{c.v}, noon))); diff != "" {
			t.Errorf("%s %s%s: (-want +got)\n%s", c.v.Type, c.v.Text, c.v.Addr, diff)
		}
	}
}

func TestWhatNamesNobodyIsLeftOutAndTheRestStays(t *testing.T) {
	list := []Indicator{{Type: Address, Value: "192.168.1.1"}, {Type: Address, Value: "8.8.8.8"}, {Type: Network, Value: "0.0.0.0/0"}, {Type: Network, Value: "10.1.0.0/16"}, {Type: Domain, Value: "google.com"}, {Type: Domain, Value: "com"},
		{Type: MD5, Value: "d41d8cd98f00b204e9800998ecf8427e"}, {Type: FileName, Value: "a"}, {Type: "other", Value: "x"}, {Type: Domain, Value: "bad.google.com.evil.example"}}
	s, left := Build(1, slices.Values(list))
	if len(left) != len(list)-1 || s.Len() != 1 {
		t.Errorf("%d were left out, %d are there", len(left), s.Len())
	}
	if hits := s.NewMatcher().Match([]Value{{Type: Domain, Text: "bad.google.com.evil.example"}}, noon); len(hits) != 1 || hits[0].Handle != 9 {
		t.Errorf("the one that is good is found as %v", hits)
	}
}

// plain is the same answer in the plainest way.
func plain(list []Indicator, values []Value, at time.Time) []string {
	var hits []Hit
	for vi, v := range values {
		for h, i := range list {
			want, err := Normal(i.Type, i.Value)
			if err != nil || Harmless(i.Type, want) != "" || !i.From.IsZero() && at.Before(i.From) || !i.Until.IsZero() && !at.Before(i.Until) {
				continue
			}
			if knows(i.Type, want, v) {
				hits = append(hits, Hit{h, vi, i.Type, want})
			}
		}
	}
	return handles(hits)
}

func knows(t Type, want string, v Value) bool {
	switch v.Type {
	case Address:
		if t == Network {
			return netip.MustParsePrefix(want).Contains(v.Addr)
		}
		return t == Address && want == v.Addr.String()
	case Domain:
		return t == Domain && (lower(v.Text) == want || strings.HasSuffix(lower(v.Text), "."+want))
	}
	return t == v.Type && lower(v.Text) == want
}

func TestTheAnswerIsThatOfThePlainWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		addr := rapid.Custom(func(t *rapid.T) netip.Addr {
			return netip.AddrFrom4([4]byte{203, byte(rapid.IntRange(0, 1).Draw(t, "b")), byte(rapid.IntRange(0, 3).Draw(t, "c")), byte(rapid.IntRange(0, 7).Draw(t, "d"))})
		})
		name := rapid.StringMatching(`([abA]\.){0,4}(evil|good)\.example`)
		hash := rapid.StringMatching(`[0-3]{31}[aA]`)
		var list []Indicator
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			var i Indicator
			switch rapid.IntRange(0, 3).Draw(t, "type") {
			case 0:
				i = Indicator{Type: Address, Value: addr.Draw(t, "address").String()}
			case 1:
				i = Indicator{Type: Network, Value: netip.PrefixFrom(addr.Draw(t, "address"), rapid.IntRange(8, 32).Draw(t, "bits")).String()}
			case 2:
				i = Indicator{Type: Domain, Value: name.Draw(t, "name")}
			case 3:
				i = Indicator{Type: MD5, Value: hash.Draw(t, "hash")}
			}
			if rapid.Bool().Draw(t, "bounded") {
				i.Until = noon.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "until")) * time.Hour)
			}
			list = append(list, i)
		}
		var values []Value
		for range rapid.IntRange(0, 8).Draw(t, "values") {
			values = append(values, Value{Type: Address, Addr: addr.Draw(t, "address")}, Value{Type: Domain, Text: name.Draw(t, "name")}, Value{Type: MD5, Text: hash.Draw(t, "hash")})
		}
		s, _ := Build(rapid.IntRange(0, 100).Draw(t, "expected"), slices.Values(list))
		if diff := cmp.Diff(plain(list, values, noon), handles(s.NewMatcher().Match(values, noon))); diff != "" {
			t.Fatalf("(-plain +got)\n%s", diff)
		}
	})
}

func FuzzNormal(f *testing.F) {
	for i, v := range []string{"192.0.2[.]7", "*.evil.example", "hxxp://evil.example/?a#b", "d41d8cd98f00b204e9800998ecf8427e", "a@b.c", "http://[::1]:99999/%zz"} {
		f.Add(i, v)
	}
	f.Fuzz(func(t *testing.T, n int, v string) {
		typ := Types()[(n%len(Types())+len(Types()))%len(Types())]
		got, err := Normal(typ, v)
		if err != nil {
			return
		}
		if again, err := Normal(typ, got); err != nil || again != got {
			t.Fatalf("%s: %q becomes %q, which becomes %q, %v", typ, v, got, again, err)
		}
		s, _ := Build(1, slices.Values([]Indicator{{Type: typ, Value: v}}))
		s.NewMatcher().Match([]Value{{Type: typ, Text: v}, {Type: typ, Text: got}}, noon)
	})
}
