package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"holdfast/access"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/web/ui"
)

// How long a session lives: without a request, and at the longest.
const (
	idleTime = 8 * time.Hour
	lifetime = 48 * time.Hour
	noted    = 5 * time.Minute // how exactly the last request is kept
)

// What a session holds.
const (
	keyWorkspace = "workspace"
	keyPerson    = "person"
	keyStarted   = "started" // of the session; older than the password: void
	keySeen      = "seen"
	keyMembers   = "members" // workspaces to choose from, as JSON
	keyChoose    = "choose"  // came through a one-time link and has to choose a password
	keyNotices   = "notices" // to show on the next page, as JSON
)

// A member is one workspace that the person who signed in belongs to.
type member struct {
	Workspace string `json:"workspace"`
	Person    string `json:"person"`
}

func newSessions(c Config) *scs.SessionManager {
	m := scs.New()
	m.Store = clockedStore{c.App.Store().Sessions(c.Now), c.Now}
	m.HashTokenInStore = true
	m.Lifetime = lifetime
	m.Cookie.Name = "holdfast"
	if c.Secure {
		m.Cookie.Name = "__Host-holdfast"
	}
	m.Cookie.Secure = c.Secure
	m.Cookie.Persist = false // ends with the browser at the latest
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		c.Log.ErrorContext(r.Context(), "session", "error", err)
		http.Error(w, "The session could not be read or kept. Try again in a moment.", http.StatusServiceUnavailable)
	}
	return m
}

// clockedStore keeps a session as long as it may be idle, by our own clock.
type clockedStore struct {
	*store.Sessions
	now func() time.Time
}

func (c clockedStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	return c.Sessions.CommitCtx(ctx, token, data, c.now().Add(idleTime))
}

func (c clockedStore) Commit(token string, data []byte, expiry time.Time) error {
	return c.CommitCtx(context.Background(), token, data, expiry)
}

var errOver = kind.Errorf(kind.Unauthenticated, "sign in first")

// actor reads who the session belongs to, with the roles of today.
func (s *Site) actor(ctx context.Context) (access.Actor, error) {
	person := s.sessions.GetString(ctx, keyPerson)
	started := s.timeOf(ctx, keyStarted)
	if person == "" || s.Now().Sub(started) > lifetime {
		return access.Actor{}, errOver
	}
	a, err := s.App.Actor(ctx, s.sessions.GetString(ctx, keyWorkspace), person, started)
	a.Via = "web"
	return a, err
}

// Actor tells who is signed in with the request, for the API that shares the
// address of the site. The caller must refuse cross-origin writes itself.
func (s *Site) Actor(r *http.Request) (access.Actor, error) {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return access.Actor{}, errOver
	}
	ctx, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return access.Actor{}, err
	}
	if s.sessions.GetBool(ctx, keyChoose) {
		return access.Actor{}, errOver
	}
	return s.actor(ctx)
}

// touch notes now and then that the session is in use, so that it does not end.
func (s *Site) touch(ctx context.Context) {
	if now := s.Now(); now.Sub(s.timeOf(ctx, keySeen)) > noted {
		s.sessions.Put(ctx, keySeen, kind.FormatTime(now))
	}
}

// timeOf reads a time of the session; the zero time when it was never set.
func (s *Site) timeOf(ctx context.Context, key string) time.Time {
	t, err := kind.ParseTime(s.sessions.GetString(ctx, key))
	if err != nil {
		return time.Time{}
	}
	return t
}

// enter begins a session for whoever proved to be one of the actors. The token is
// new, so that one planted earlier is worth nothing.
func (s *Site) enter(ctx context.Context, open []access.Actor) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	members := make([]member, len(open))
	for i, a := range open {
		members[i] = member{a.Workspace, a.ID}
	}
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	s.sessions.Put(ctx, keyMembers, string(text))
	s.sessions.Put(ctx, keyWorkspace, open[0].Workspace)
	s.sessions.Put(ctx, keyPerson, open[0].ID)
	s.restart(ctx)
	return nil
}

// restart dates the session anew: after a change of the password older ones are void.
func (s *Site) restart(ctx context.Context) {
	now := kind.FormatTime(s.App.Now())
	s.sessions.Put(ctx, keyStarted, now)
	s.sessions.Put(ctx, keySeen, now)
}

func (s *Site) members(ctx context.Context) []member {
	var list []member
	if err := json.Unmarshal([]byte(s.sessions.GetString(ctx, keyMembers)), &list); err != nil {
		return nil
	}
	return list
}

// Notices cross a redirect in the session.
func (s *Site) leaveNotices(ctx context.Context, notices []ui.ToastProps) {
	if len(notices) == 0 {
		return
	}
	if text, err := json.Marshal(notices); err == nil {
		s.sessions.Put(ctx, keyNotices, string(text))
	}
}

func (s *Site) takeNotices(ctx context.Context) []ui.ToastProps {
	if !s.sessions.Exists(ctx, keyNotices) {
		return nil
	}
	var list []ui.ToastProps
	if err := json.Unmarshal([]byte(s.sessions.PopString(ctx, keyNotices)), &list); err != nil {
		return nil
	}
	return list
}
