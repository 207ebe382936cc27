package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/notify"
)

// alarmed is an installation with one person and a web server that is called.
func alarmed(t *testing.T) (l *Local, as context.Context, address string, calls func() []notify.Hook) {
	t.Helper()
	t.Setenv("HOLDFAST_NOTIFY_PRIVATE", "127.0.0.1")
	t.Setenv("HOLDFAST_URL", "https://isms.example.org/")
	l, err := Open(t.Context(), Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	who, err := l.App.Found(t.Context(), "Fernhill", app.First{Name: "Aoife", Email: "aoife@example.org", Password: "a long enough password"})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var list []notify.Hook
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var h notify.Hook
		if json.Unmarshal(body, &h) == nil {
			mu.Lock()
			list = append(list, h)
			mu.Unlock()
		}
		if strings.HasSuffix(r.URL.Path, "/broken") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(web.Close)
	return l, access.With(t.Context(), who), web.URL, func() []notify.Hook { mu.Lock(); defer mu.Unlock(); return list }
}

// work does all jobs that are due.
func work(t *testing.T, l *Local) {
	t.Helper()
	r := l.runner(slog.New(slog.DiscardHandler))
	for {
		did, err := r.RunOne(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !did {
			return
		}
	}
}

func TestAnAlertReachesWhoeverIsToBeCalled(t *testing.T) {
	l, as, address, calls := alarmed(t)
	route := &isms.AlertRoute{Base: isms.Base{Key: "duty", Title: "Duty"}, Channel: "webhook", Address: address, MinSeverity: "low"}
	broken := &isms.AlertRoute{Base: isms.Base{Key: "broken", Title: "Broken"}, Channel: "webhook", Address: address + "/broken", MinSeverity: "low"}
	if err := errors.Join(l.App.Save(as, route), l.App.Save(as, broken)); err != nil {
		t.Fatal(err)
	}
	id, _, err := l.Detection.RaiseAlert(as, detection.Detection{Source: "rule", Title: "Somebody is where nobody should be", Level: "critical"})
	if err != nil {
		t.Fatal(err)
	}
	work(t, l)
	got := calls()
	if len(got) != 2 || !strings.Contains(got[0].Subject, "Somebody is where nobody should be") || got[0].Severity != "critical" || !strings.HasPrefix(got[0].Link, "https://isms.example.org/alerts/") {
		t.Fatalf("%+v", got)
	}
	told, err := l.App.List(as, isms.Comments, kind.Query{}.Where("subject_id", id))
	if err != nil || len(told.Records) != 1 {
		t.Errorf("the alert tells of %d calls: %v", len(told.Records), err)
	}
	for key, want := range map[string]int{"duty": 0, "broken": 1} {
		r, err := l.App.Get(as, isms.AlertRoutes, key)
		if err != nil || r.(*isms.AlertRoute).Failures != want {
			t.Errorf("%s: %+v %v", key, r, err)
		}
	}
}

func TestATestOfARouteArrivesAndTheDemoCallsNobody(t *testing.T) {
	l, as, address, calls := alarmed(t)
	route := &isms.AlertRoute{Base: isms.Base{Key: "duty", Title: "Duty"}, Channel: "webhook", Address: address, MinSeverity: "low"}
	if err := l.App.Save(as, route); err != nil {
		t.Fatal(err)
	}
	if job, err := l.Detection.TryRoute(as, "duty"); err != nil || job == "" {
		t.Fatal(err)
	}
	work(t, l)
	if got := calls(); len(got) != 1 || got[0].Type != "test" {
		t.Fatalf("%+v", got)
	}
	l.quiet = true
	if _, err := l.Detection.TryRoute(as, "duty"); err != nil {
		t.Fatal(err)
	}
	work(t, l)
	if n := len(calls()); n != 1 {
		t.Errorf("the demo calls: %d", n)
	}
}

func TestSettingsOfTheOperatorAreReadAndThePasswordIsShownNowhere(t *testing.T) {
	env := map[string]string{"HOLDFAST_SMTP_SERVER": "mail.example.org:587", "HOLDFAST_SMTP_PASSWORD": "geheim", "HOLDFAST_NOTIFY_PRIVATE": "siem.corp, 10.0.0.0/8"}
	c := notifyConfig(func(name string) string { return env[name] })
	if c.Mail.Server != "mail.example.org:587" || c.Mail.Password != "geheim" || len(c.Network.Private) != 2 {
		t.Errorf("%+v", c.Network)
	}
}
