package page

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// A setView is the two steps in which a trap is set: what and where, then how.
type setView struct {
	*web.Request
	trap   *isms.Trap // nil in the first step
	form   url.Values
	errors []ui.FieldError
	base   string
	zone   string
}

// newTrap asks what waits and where.
func (c Config) newTrap(r *web.Request) error {
	return r.Render("Set a trap", newTrapBody(c.setting(r, nil, url.Values{"type": {r.URL.Query().Get("type")}, "zone": {r.URL.Query().Get("zone")}, "level": {"high"}})))
}

func (c Config) setting(r *web.Request, t *isms.Trap, form url.Values) *setView {
	v := &setView{Request: r, trap: t, form: form}
	if h := c.Detection.TrapHouse(); h != nil {
		v.base, v.zone = h.Home()
	}
	r.Crumbs(ui.Crumb{Label: "Traps", Href: "/trap-map"})
	return v
}

// makeTrap writes the planned trap of the first step.
func (c Config) makeTrap(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	t := &isms.Trap{Base: isms.Base{Title: strings.TrimSpace(form.Get("title"))}, Type: isms.TrapType(form.Get("type")), Status: isms.TrapPlanned, AssetID: form.Get("asset_id"),
		Zone: strings.TrimSpace(form.Get("zone")), Placement: isms.Markdown(form.Get("placement")), Bait: strings.TrimSpace(form.Get("bait")), Level: isms.Severity(form.Get("level")), Quiet: lastOf(form["quiet"]) == "true"}
	if t.Techniques, err = detection.Notices(t); err != nil {
		return err
	}
	traps := app.Of[isms.Trap](r.App(), isms.Traps)
	if err := traps.Save(r.Ctx(), t); err != nil {
		return c.again(r, nil, form, err)
	}
	return r.Redirect("/trap-map/" + t.ID + "/bait")
}

func lastOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// again shows the form with what was typed and what is wrong with it.
func (c Config) again(r *web.Request, t *isms.Trap, form url.Values, err error) error {
	if kind.CodeOf(err) != kind.Invalid {
		return err
	}
	v := c.setting(r, t, form)
	for _, f := range kind.FieldsOf(err) {
		v.errors = append(v.errors, ui.FieldError{Field: f.Field, Label: kind.Humanise(f.Field), Text: f.Message})
	}
	if len(v.errors) == 0 {
		v.errors = []ui.FieldError{{Text: err.Error()}}
	}
	if t == nil {
		return r.RenderAs(422, "Set a trap", newTrapBody(v))
	}
	return r.RenderAs(422, "Set the trap", baitBody(v))
}

// complaint is what is wrong with a field.
func (v *setView) complaint(name string) string {
	at := slices.IndexFunc(v.errors, func(e ui.FieldError) bool { return e.Field == name })
	if at < 0 {
		return ""
	}
	return v.errors[at].Text
}

// typeOptions are the types of traps: what listens, then what lies around.
func (v *setView) typeOptions() []ui.Option {
	list := []ui.Option{}
	for _, c := range isms.TrapType("").Choices() {
		group := "Token: "
		if isms.TrapType(c.Value).Decoy() {
			group = "Decoy: "
		}
		list = append(list, ui.Option{Value: c.Value, Label: group + trapTypeLabel(isms.TrapType(c.Value))})
	}
	return list
}

func trapLevels() []ui.Option {
	return []ui.Option{{Value: "critical", Label: "Critical"}, {Value: "high", Label: "High"}, {Value: "medium", Label: "Medium"}, {Value: "low", Label: "Low"}}
}

// assetTitle is the title of the asset that was chosen, for the form shown again.
func (v *setView) assetTitle() string {
	id := v.form.Get("asset_id")
	if id == "" {
		return ""
	}
	a, err := v.App().Get(v.Ctx(), isms.Assets, id)
	if err != nil {
		return ""
	}
	return a.GetBase().Title
}

// setBait asks how the trap is set: where a decoy listens, or where a token calls home.
func (c Config) setBait(r *web.Request) error {
	t, err := c.baitOf(r)
	if err != nil {
		return err
	}
	form := url.Values{"address": {t.Address}, "host": {t.Host}, "let_in": {strconv.Itoa(t.LetIn)}, "scanners": {strings.Join(t.Scanners, ", ")}, "title": {t.Bait}}
	return r.Render("Set the trap", baitBody(c.setting(r, t, form)))
}

func (c Config) baitOf(r *web.Request) (*isms.Trap, error) {
	return app.Of[isms.Trap](r.App(), isms.Traps).Get(r.Ctx(), r.PathValue("id"))
}

// putBait sets the trap: a decoy is armed, a token is made and shown once.
func (c Config) putBait(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	t, err := c.baitOf(r)
	if err != nil {
		return err
	}
	if t.Type.Decoy() {
		err = c.armDecoy(r, t, form)
	} else {
		err = c.makeToken(r, t, form)
	}
	if err != nil {
		return c.again(r, t, form, err)
	}
	return nil
}

func (c Config) armDecoy(r *web.Request, t *isms.Trap, form url.Values) error {
	t.Address, t.Host = strings.TrimSpace(form.Get("address")), strings.TrimSpace(form.Get("host"))
	t.Scanners = strings.FieldsFunc(form.Get("scanners"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' })
	var err error
	if text := strings.TrimSpace(form.Get("let_in")); text == "" {
		t.LetIn = 0
	} else if t.LetIn, err = strconv.Atoi(text); err != nil {
		return kind.Fieldf("let_in", "is a number of attempts, or 0 for nobody")
	}
	if _, err := decoy.ParseScanners(t.Scanners); err != nil {
		return kind.Fieldf("scanners", "%v", err)
	}
	if err := (decoy.Trap{Service: string(t.Type), Options: decoy.Options{Host: t.Host}}).Check(); err != nil {
		return kind.Fieldf("host", "%v", err)
	}
	if t.Address == "" {
		return kind.Fieldf("address", "says where the decoy listens, such as 0.0.0.0:2222")
	}
	err = r.App().Atomic(r.Ctx(), func(ctx context.Context) error {
		if err := app.Of[isms.Trap](r.App(), isms.Traps).Save(ctx, t); err != nil || t.Status == isms.TrapArmed || t.Status == isms.TrapSprung {
			return err
		}
		_, err := r.App().Do(ctx, isms.Traps, t.ID, "arm", 0, kind.Input{})
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect(web.RecordURL(isms.Traps, t.ID), ui.ToastProps{Text: "The decoy is armed. Test it now, so that you know that it rings.", Tone: ui.Positive})
}

func (c Config) makeToken(r *web.Request, t *isms.Trap, form url.Values) error {
	place := decoy.Place{Base: strings.TrimSpace(form.Get("base")), Zone: strings.TrimSpace(form.Get("zone")), Host: strings.TrimSpace(form.Get("host")), Format: form.Get("format"), Title: strings.TrimSpace(form.Get("title"))}
	token, err := c.Detection.MakeToken(r.Ctx(), detection.TokenWish{TrapID: t.ID, Place: place, Replace: lastOf(form["replace"]) == "true"})
	if err != nil {
		if kind.CodeOf(err) == kind.Conflict {
			return kind.Fieldf("replace", "%v", err)
		}
		return err
	}
	handle, err := c.bait.put(token, r.Actor, r.Now())
	if err != nil {
		return err
	}
	return r.Redirect("/trap-map/" + t.ID + "/once/" + handle)
}

// A onceView is a token that is shown this once.
type onceView struct {
	*web.Request
	trap   *isms.Trap
	token  decoy.Token
	handle string
}

func (c Config) showOnce(r *web.Request) error {
	t, err := c.baitOf(r)
	if err != nil {
		return err
	}
	token, err := c.bait.show(r.PathValue("handle"), r.Actor, r.Now())
	if err != nil {
		return err
	}
	r.W.Header().Set("Cache-Control", "no-store")
	r.Crumbs(ui.Crumb{Label: "Traps", Href: "/trap-map"}, ui.Crumb{Label: t.Title, Href: web.RecordURL(isms.Traps, t.ID)})
	return r.Render("The token", onceBody(&onceView{Request: r, trap: t, token: token, handle: r.PathValue("handle")}))
}

// A baitShelf keeps tokens for a moment between making and handing out. Each is shown once
// and downloaded once, by whoever made it.
type baitShelf struct {
	mu   sync.Mutex
	held map[string]*heldToken
}

type heldToken struct {
	token         decoy.Token
	who, space    string
	until         time.Time
	shown, loaded bool
}

// Bounds of the shelf.
const (
	shelfTime = 15 * time.Minute
	shelfSize = 100
)

func (s *baitShelf) put(t decoy.Token, who access.Actor, now time.Time) (string, error) {
	handle, err := decoy.NewID(rand.Reader)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[string]*heldToken{}
	}
	for h, x := range s.held {
		if now.After(x.until) || len(s.held) >= shelfSize {
			delete(s.held, h)
		}
	}
	s.held[handle] = &heldToken{token: t, who: who.ID, space: who.Workspace, until: now.Add(shelfTime)}
	return handle, nil
}

func (s *baitShelf) take(handle string, who access.Actor, now time.Time, used func(*heldToken) *bool) (decoy.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.held[handle]
	if x == nil || x.who != who.ID || x.space != who.Workspace || now.After(x.until) {
		return decoy.Token{}, kind.Errorf(kind.NotFound, "a token is shown once, right after it was made; only its hash was kept. Make a new one, which replaces it")
	}
	mark := used(x)
	if *mark {
		return decoy.Token{}, kind.Errorf(kind.NotFound, "this was handed out already, and is handed out once. Make a new token, which replaces it")
	}
	*mark = true
	if x.shown && x.loaded {
		delete(s.held, handle)
	}
	return x.token, nil
}

func (s *baitShelf) show(handle string, who access.Actor, now time.Time) (decoy.Token, error) {
	return s.take(handle, who, now, func(x *heldToken) *bool { return &x.shown })
}

func (s *baitShelf) file(handle string, who access.Actor, now time.Time) (decoy.Token, error) {
	return s.take(handle, who, now, func(x *heldToken) *bool { return &x.loaded })
}
