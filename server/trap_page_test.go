package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

// What strangers send to break the page that shows it.
var hostile = []string{
	`<script>document.title="owned"</script>`, `"><img src=x onerror=document.title="owned">`, "\x1b[2J\x1b]0;owned\x07", "abc\u202egpj.exe\u2066", "\x00\xff\xfe", strings.Repeat("A", 1<<20),
}

// A visitor's bytes arrive through the decoys themselves and are looked at in a browser,
// in both widths: nothing of them runs, turns the text, or makes the page wider.
func TestAHostileVisitorCannotBreakThePageThatShowsHim(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: a hostile visitor in the browser, because of -short")
	}
	s := browser.New(t)
	link := started(t, Demo, Options{})
	base := link[:strings.Index(link, "/demo/")]
	me := visitor(t)
	if status, _ := get(t, me, link); status != http.StatusOK {
		t.Fatal("the link of the demo does not work")
	}
	trap := firstID(t, me, base+"/api/v1/traps?filter[key]=trap-ssh-data-zone")
	page := func(path string) string { _, body := get(t, me, base+path); return body }

	// Through a decoy over the network: a name, a password and a command of each sort.
	for i, text := range hostile {
		visit := fmt.Sprintf(`{"id":"h%d","service":"ssh","remote":"198.51.100.%d:1","start":%q,"end":%q,"ended":"left","client":%q,"credentials":[{"user":%[5]q,"secret":%[5]q,"method":%[5]q}],"commands":[%[5]q],"paths":[%[5]q],"headers":[{"name":%[5]q,"value":%[5]q}],"sample":"PHNjcmlwdD4=","received":9,"sent":9}`,
			i, i+1, time.Now().UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339), strings.ToValidUTF8(text[:min(len(text), 40<<10)], "?"))
		visit = strings.ReplaceAll(strings.ReplaceAll(visit, `\x`, `\u00`), `\a`, `\u0007`)
		req, err := http.NewRequest(http.MethodPost, base+"/api/v1/traps/"+trap+"/visits", strings.NewReader(visit))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := me.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%d: the visit is refused: %d %s", i, res.StatusCode, answer)
		}
	}
	s.Visit(link)
	touches := strings.Split(page("/trap-map"), `href="/trap-visits/`)[1:]
	if len(touches) < len(hostile) {
		t.Fatalf("%d visits are listed", len(touches))
	}
	paths := []string{"/trap-map", "/traps/" + trap}
	for _, part := range touches[:len(hostile)] {
		id, _, _ := strings.Cut(part, `"`)
		paths = append(paths, "/trap-visits/"+id)
	}
	for _, path := range paths {
		if body := page(path); strings.ContainsAny(body, "\u202e\u2066\x1b\x00") || strings.Contains(body, "<script>document") || strings.Contains(body, "<img src=x") {
			t.Errorf("%s hands on what the stranger sent", path)
		}
		for _, width := range []int{1440, 390} {
			s.Emulate("dark", width)
			s.Visit(base + path)
			if title := browser.Value[string](s, "document.title"); strings.Contains(title, "owned") {
				t.Errorf("%s: the stranger's script ran", path)
			}
			if over := browser.Value[float64](s, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 1 {
				t.Errorf("%s at %d is %.0f wider than the screen", path, width, over)
			}
		}
		s.NoGraveViolations(path)
	}
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}

// The same over the wire: a megabyte without an end of line, and bytes that are no text.
func TestAMegabyteOverTheWireIsKeptInPart(t *testing.T) {
	p := serveTraps(t, TrapPlace{}, decoyOf("redis"), decoyOf("http"))
	for _, service := range []string{"redis", "http"} {
		c, err := net.Dial("tcp", p.stands(service))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, strings.Join(hostile, "\r\n")+"\r\n"); err != nil {
			t.Log(err) // cut off, which is right
		}
		c.Close()
		var v *decoy.Visit
		p.await("the visit to "+service+" is kept", func() bool {
			list, err := p.l.Detection.Touches(p.lead, 5, p.trap(service).ID)
			if err != nil || len(list) != 1 {
				return false
			}
			v = list[0].Visit
			return v != nil && !v.Open
		})
		size := len(v.Sample)
		for _, text := range append(append(v.Commands, v.Paths...), v.Client) {
			size += len(text)
			if strings.ContainsAny(text, "\x1b\x00\u202e\u2066") {
				t.Errorf("%s keeps %q", service, text[:min(len(text), 80)])
			}
		}
		if size > 512<<10 {
			t.Errorf("%s keeps %d bytes of one visitor", service, size)
		}
	}
	files, err := app.Of[isms.Attachment](p.l.App, isms.Attachments).All(p.machine, kind.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Size > 1<<20 {
			t.Errorf("%s has %d bytes", f.FileName, f.Size)
		}
	}
}
