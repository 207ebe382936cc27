package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/kind"
)

// answering is a client of an API that always gives this answer.
func answering(status int, media, body string) *client.Client {
	return client.Local(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
}

func TestATokenIsNotSentWhereOthersCanReadIt(t *testing.T) {
	for address, fine := range map[string]bool{
		"https://holdfast.example.org": true, "http://localhost:8420": true, "http://127.0.0.1:8420": true,
		"http://holdfast.example.org": false, "http://localhost.example.org": false, "ftp://x": false, "holdfast": false, "": false, "https://": false,
	} {
		if _, err := client.New(address, "secret"); (err == nil) != fine {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestAnErrorHasTheCodeAndTheFieldsOfTheServer(t *testing.T) {
	const body = `{"code": "invalid", "detail": "title: is required", "status": 422, "errors": [{"field": "title", "message": "is required"}]}`
	_, err := answering(422, "application/problem+json", body).Get(context.Background(), isms.Assets, "a")
	if kind.CodeOf(err) != kind.Invalid || err.Error() != "title: is required" || len(kind.FieldsOf(err)) != 1 {
		t.Errorf("got %v, %v", kind.CodeOf(err), err)
	}
	_, err = answering(412, "application/problem+json", `{"code": "stale", "detail": "newer"}`).Get(context.Background(), isms.Assets, "a")
	if kind.CodeOf(err) != kind.Conflict {
		t.Errorf("a stale version is %v", kind.CodeOf(err))
	}
}

func TestAnAnswerThatIsNotOursIsNotTakenForOne(t *testing.T) {
	for _, c := range []struct {
		status      int
		media, body string
	}{
		{502, "text/html", "<h1>Bad gateway</h1>"}, {200, "text/html", "<h1>Sign in</h1>"}, {404, "application/json", "{}"},
		{302, "text/plain", ""}, {200, "application/json", `{"title": `}, {200, "application/json", `{"no_such_field": 1}`},
	} {
		_, err := answering(c.status, c.media, c.body).Get(context.Background(), isms.Assets, "a")
		if kind.CodeOf(err) != kind.Unavailable {
			t.Errorf("%d %s: %v, %v", c.status, c.media, kind.CodeOf(err), err)
		}
	}
}

func TestEveryFieldOfARecordComesThrough(t *testing.T) {
	want := &isms.Approval{Base: isms.Base{ID: "1", Key: "k", Title: "T", Version: 7, Labels: []string{"a, b", "c"}}, SubjectKind: "risk", SubjectKey: "r",
		Status: isms.ApprovalPending, ApprovedBy: []string{"x, y", "z"}, Rationale: "because", Quorum: 2}
	raw, err := isms.Approvals.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.Decode(isms.Approvals, raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kind.Record(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestPathsAndQueriesAreEscaped(t *testing.T) {
	var asked string
	c := client.Local(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.EscapedPath() + " " + r.Header.Get("If-Match")
		if r.Method == http.MethodGet {
			asked = r.URL.Query().Get("filter[title][contains]")
			_, _ = io.WriteString(w, `{"data": []}`)
		}
	}))
	if err := c.Delete(context.Background(), isms.Assets, "a/b?c#d", 3); err != nil {
		t.Fatal(err)
	}
	if want := `DELETE /api/v1/assets/a%2Fb%3Fc%23d "3"`; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
	if _, err := c.List(context.Background(), isms.Assets, kind.Query{}.With("title", kind.Contains, "a&b=c")); err != nil || asked != "a&b=c" {
		t.Errorf("asked for %q: %v", asked, err)
	}
}

func TestAnAnswerWithoutANetworkStreamsAndEndsWithItsError(t *testing.T) {
	block := strings.Repeat("x", 1<<20)
	whole := client.Local(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 20 {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	}))
	n := &counter{}
	if err := whole.Report(context.Background(), "r.pdf", n); err != nil || n.bytes != 20<<20 {
		t.Errorf("%d bytes, %v", n.bytes, err)
	}
	cut := client.Local(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic(http.ErrAbortHandler)
	}))
	if err := cut.Report(context.Background(), "r.pdf", io.Discard); err == nil {
		t.Error("half an answer was taken for a whole one")
	}
	full := errors.New("disk full")
	if err := whole.Report(context.Background(), "r.pdf", failing{full}); !errors.Is(err, full) {
		t.Errorf("the writer's error is lost: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	slow := client.Local(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	cancel()
	if err := slow.Report(ctx, "r.pdf", io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

type counter struct{ bytes int }

func (c *counter) Write(p []byte) (int, error) { c.bytes += len(p); return len(p), nil }

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzAnswer(f *testing.F) {
	f.Add(200, "application/json", `{"data": [{"id": "1", "version": 1, "title": "T"}], "page": {"next": "x", "total": 3}}`)
	f.Add(422, "application/problem+json", `{"code": "invalid", "errors": [{}]}`)
	f.Fuzz(func(t *testing.T, status int, media, body string) {
		if status < 200 || status > 599 {
			return
		}
		page, err := answering(status, media, body).List(context.Background(), isms.Assets, kind.Query{})
		if err == nil && status >= 300 {
			t.Error("an error was taken for a list")
		}
		for _, r := range page.Records {
			_ = fmt.Sprint(r.GetBase().Title)
		}
	})
}
