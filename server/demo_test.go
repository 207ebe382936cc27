package server

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// started runs a product until the test ends and returns the link that it prints.
func started(t *testing.T, run func(context.Context, Options) error, o Options) (link string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	o.Listen, o.NoBrowser, o.Out = "127.0.0.1:0", true, in
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, o)
		_ = in.CloseWithError(io.EOF)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	links := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if l := regexp.MustCompile(`http://\S+`).FindString(lines.Text()); l != "" {
				links <- l
			}
		}
	}()
	select {
	case link = <-links:
	case err := <-ended:
		ended <- nil
		t.Fatalf("it did not start: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("it printed no link within a minute")
	}
	return link
}

// A visitor keeps cookies.
func visitor(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second}
}

func get(t *testing.T, c *http.Client, to string) (int, string) {
	t.Helper()
	res, err := c.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestTheDemoShowsASampleOrganisationAndThisMachine(t *testing.T) {
	began := time.Now()
	link := started(t, Demo, Options{})
	t.Logf("link after %v", time.Since(began))
	base := link[:strings.Index(link, "/demo/")]
	me := visitor(t)

	if status, body := get(t, visitor(t), base+"/risks"); !strings.Contains(body, "Sign in") {
		t.Errorf("a stranger reads risks: %d", status)
	}
	if status, body := get(t, me, link); status != http.StatusOK {
		t.Fatalf("the link answers %d: %.300s", status, body)
	}
	if status, _ := get(t, visitor(t), base+"/demo/guess"); status != http.StatusNotFound {
		t.Errorf("a guessed link answers %d", status)
	}
	for _, path := range []string{"/", "/risks", "/assets", "/findings", "/heatmap", "/triage", "/api/v1/risks", "/healthz"} {
		at := time.Now()
		status, body := get(t, me, base+path)
		t.Logf("%s: %d, %d bytes, %v", path, status, len(body), time.Since(at))
		if status != http.StatusOK {
			t.Errorf("%s answers %d: %.300s", path, status, body)
		}
	}
}

func TestTheFirstStartLeadsToAnAdministrator(t *testing.T) {
	dir := t.TempDir()
	link := started(t, Serve, Options{Place: Place{Data: dir}})
	base := link[:strings.Index(link, "/setup")]
	me := visitor(t)
	if status, body := get(t, visitor(t), base+"/setup?link=guess"); status == http.StatusOK && strings.Contains(body, "become the administrator") {
		t.Errorf("a guessed link opens the set-up: %d", status)
	}
	if status, body := get(t, me, link); status != http.StatusOK || !strings.Contains(body, "Set up Holdfast") {
		t.Fatalf("%d: %.300s", status, body)
	}
	form := url.Values{"link": {link[strings.Index(link, "=")+1:]}, "organisation": {"Acme"}, "name": {"Ana"}, "email": {"ana@example.org"},
		"password": {"short"}, "again": {"short"}}
	if status, body := post(t, me, base+"/setup", form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "at least 12") && !strings.Contains(body, "Needs at least") {
		t.Errorf("a short password: %d: %.600s", status, body)
	}
	form["password"], form["again"] = []string{"correct horse battery"}, []string{"correct horse battery"}
	if status, body := post(t, me, base+"/setup", form); status != http.StatusOK || !strings.Contains(body, "Acme") {
		t.Errorf("after the set-up: %d: %.300s", status, body)
	}
	if status, _ := post(t, visitor(t), base+"/setup", form); status == http.StatusOK {
		t.Errorf("the set-up worked twice")
	}
}

func post(t *testing.T, c *http.Client, to string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
