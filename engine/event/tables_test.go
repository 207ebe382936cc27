package event

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// headed are lines of a stream that are numbered one after another.
func see(t *Tables, from uint64, source, peer string, lines ...string) uint64 {
	for _, l := range lines {
		t.See(from, Line{Source: source, Peer: peer, Raw: []byte(l)})
		from++
	}
	return from
}

func headOf(t *Tables, number uint64, source, peer string) string {
	return string(t.Head(number, Line{Source: source, Peer: peer, Raw: []byte("1.5\tx")}))
}

var (
	connHead = []string{`#separator \x09`, "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tconn", "#open\t2026-01-01-00-00-00", "#fields\tts\tid.orig_h", "#types\ttime\taddr"}
	dnsHead  = []string{`#separator \x09`, "#path\tdns", "#fields\tts\tquery", "#types\ttime\tstring"}
)

func TestARowIsReadByTheHeadOfItsOwnTable(t *testing.T) {
	var tables Tables
	n := see(&tables, 1, "zeek", "/logs/conn.log", connHead...)
	n = see(&tables, n, "zeek", "/logs/dns.log", dnsHead...)
	p := NewParser(Options{Format: Zeek})
	for i, c := range []struct{ peer, raw, want string }{
		{"/logs/conn.log", "1700000000.5\t192.0.2.1", "192.0.2.1"},
		{"/logs/dns.log", "1700000000.5\tbad.example", "bad.example"},
		{"/logs/conn.log", "1700000001.5\t192.0.2.2", "192.0.2.2"},
	} {
		l := Line{Source: "zeek", Peer: c.peer, Raw: []byte(c.raw), Received: arrival}
		l.Head = tables.Head(n+uint64(i), l)
		var e Event
		p.Parse(l, &e)
		if got := e.Src.String() + e.Domain; e.Complaint != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: read as %q, complaint %q", c.raw, got, e.Complaint)
		}
	}
	l := Line{Source: "zeek", Peer: "/logs/conn.log", Raw: []byte("1700000000.5\t192.0.2.1"), Received: arrival}
	l.Head = tables.Head(n, l)
	var e Event
	if NewParser(Options{}).Parse(l, &e); e.Format != Zeek {
		t.Errorf("a row whose head is known is taken for %s", e.Format)
	}
}

func TestAHeadHoldsFromWhereItStood(t *testing.T) {
	var tables Tables
	wide := strings.Join([]string{"#fields\tts\tid.orig_h\tuid", "#types\ttime\taddr\tstring"}, "\n")
	n := see(&tables, 10, "z", "", connHead...)
	again := see(&tables, 100, "z", "", connHead...) // the same after a rotation
	changed := see(&tables, 200, "z", "", append(append([]string{}, connHead[:6]...), strings.Split(wide, "\n")...)...)
	if headOf(&tables, 5, "z", "") != "" {
		t.Error("a line before the first head has one")
	}
	old, repeated, fresh := headOf(&tables, n, "z", ""), headOf(&tables, again, "z", ""), headOf(&tables, changed, "z", "")
	if old == "" || old != repeated || strings.Contains(old, "uid") || strings.Contains(old, "#open") {
		t.Errorf("the head of old lines:\n%s", old)
	}
	if !strings.Contains(fresh, wide) || len(tables.streams[stream{"z", ""}].heads) != 2 {
		t.Errorf("the head of new lines:\n%s", fresh)
	}
	if headOf(&tables, changed, "z", "another file") != "" || headOf(&tables, changed, "y", "") != "" {
		t.Error("others have the head too")
	}
	if tables.Head(changed, Line{Source: "z", Raw: []byte(`{"ts":1}`)}) != nil {
		t.Error("a document of JSON has the head of a table")
	}
}

func TestWhatIsRememberedOfTablesIsWrittenDownAndReadAgain(t *testing.T) {
	var tables, again Tables
	n := see(&tables, 1, "z", "a", connHead...)
	n = see(&tables, n, "z", "b", dnsHead...)
	data, err := json.Marshal(&tables)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	see(&again, 1, "z", "a", dnsHead...) // lines that were seen before, read once more
	for _, peer := range []string{"a", "b"} {
		if want, got := headOf(&tables, n, "z", peer), headOf(&again, n, "z", peer); want == "" || want != got {
			t.Errorf("%s: want\n%s\ngot\n%s", peer, want, got)
		}
	}
	for name, text := range map[string]string{"no list": `{}`, "no JSON": `[`} {
		if err := json.Unmarshal([]byte(text), &again); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestHostileHeadsAreBounded(t *testing.T) {
	long := strings.Repeat("\tx", MaxHead)
	for name, c := range map[string]struct {
		lines []string
		left  string // of the head of the table before
	}{
		"columns without end":     {[]string{"#fields" + long}, ""},
		"a path without end":      {[]string{"#path\t" + long}, ""},
		"types without end":       {[]string{"#types" + long}, ""},
		"a separator and no more": {[]string{"#separator x"}, ""},
		"a name that is none":     {[]string{"#fieldsofgold\tx", "#types_of\tx"}, "#fields\tts\tquery"},
	} {
		t.Run(name, func(t *testing.T) {
			var tables Tables
			n := see(&tables, 1, "z", "", dnsHead...)
			n = see(&tables, n, "z", "", c.lines...)
			if got := headOf(&tables, n, "z", ""); (got == "") != (c.left == "") || !strings.Contains(got, c.left) {
				t.Errorf("the head is %d bytes: %.80q", len(got), got)
			}
			p := NewParser(Options{Format: Zeek})
			var e Event
			for _, raw := range append(append([]string{}, dnsHead...), c.lines...) {
				p.Parse(Line{Raw: []byte(raw), Received: arrival}, &e)
			}
			if len(p.zeek.fields) > maxColumns || len(p.zeek.path) > MaxHead {
				t.Errorf("the parser keeps %d columns and a path of %d bytes", len(p.zeek.fields), len(p.zeek.path))
			}
		})
	}
	t.Run("streams without end", func(t *testing.T) {
		var tables Tables
		fat := append(append([]string{}, dnsHead[:2]...), "#fields"+strings.Repeat("\tabcdefgh", MaxHead/12))
		n := uint64(1)
		for i := range 2 * maxStreams {
			for source := range 3 {
				n = see(&tables, n, fmt.Sprint("source", source), fmt.Sprint(i), fat...)
			}
		}
		sum := 0
		for _, s := range tables.streams {
			sum += s.bytes()
		}
		if sum > maxTables || sum != tables.size {
			t.Errorf("%d streams with %d bytes, counted as %d", len(tables.streams), sum, tables.size)
		}
		if headOf(&tables, n, "source2", fmt.Sprint(2*maxStreams-1)) == "" {
			t.Error("the newest head is forgotten")
		}
		n = see(&tables, n, "quiet", "", dnsHead...)
		for i := range 2 * maxStreams {
			n = see(&tables, n, "loud", fmt.Sprint(i), dnsHead...)
		}
		if headOf(&tables, n, "quiet", "") == "" {
			t.Error("a source with many senders made that of another be forgotten")
		}
	})
}

// Whatever a source sends as the head of a table: bounded, and the rows are read or say
// why not.
func FuzzTables(f *testing.F) {
	f.Add([]byte(strings.Join(connHead, "\n")+"\n1.5\t192.0.2.1"), []byte("1.5\tx"))
	f.Add([]byte("#separator ,\n#fields,a,b\n#types,set[string],bool\nx,T"), []byte("(empty),F"))
	f.Fuzz(func(t *testing.T, data, row []byte) {
		var tables, again Tables
		p, n := NewParser(Options{Format: Zeek}), uint64(1)
		var e Event
		for raw := range Split(data) {
			l := Line{Source: "z", Raw: raw, Received: arrival}
			tables.See(n, l)
			l.Head = tables.Head(n, l)
			p.Parse(l, &e)
			sound(t, &e)
			n++
		}
		if kept, err := json.Marshal(&tables); err != nil || json.Unmarshal(kept, &again) != nil {
			t.Fatalf("cannot be kept: %v", err)
		}
		l := Line{Source: "z", Raw: row, Received: arrival}
		l.Head = tables.Head(n, l)
		if len(l.Head) > 2*MaxHead || string(again.Head(n, l)) != string(l.Head) {
			t.Fatalf("a head of %d bytes, and another after it was kept", len(l.Head))
		}
		p.Parse(l, &e)
		sound(t, &e)
	})
}
